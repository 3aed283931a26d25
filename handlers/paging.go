package handlers

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// tokenVersion and the name of the list begin a token, so that one of another
// list or another version is none.
const tokenVersion = "1"

// maxPage is the most results that a page of ECS's lists has (API reference).
const maxPage = 100

// page cuts one page out of keys, which it sorts (descending if asked for). The
// token is the last key of the page before, so that it survives what is made and
// deleted between the pages.
func page(list string, keys []string, descending bool, maxResults *int32, token *string, fallback int) (items []string, next *string, err error) {
	size, err := pageSize(maxResults, fallback)
	if err != nil {
		return nil, nil, err
	}
	return pageBy(list, keys, func(key string) string { return key }, descending, size, token)
}

// pageSize is how many results a page has: as many as asked for, or the fallback.
func pageSize(maxResults *int32, fallback int) (int, error) {
	switch {
	case maxResults == nil:
		return fallback, nil
	case *maxResults < 1 || *maxResults > maxPage:
		return 0, maxResultsRange(maxPage)
	}
	return int(*maxResults), nil
}

// pageBy is page for items that are not their own sort key.
func pageBy[T any](list string, items []T, key func(T) string, descending bool, size int, token *string) ([]T, *string, error) {
	return pageWhere(list, items, key, func(T) bool { return true }, descending, size, token)
}

// pageWhere is pageBy for the items that are wanted. It asks only for as many as
// the page needs.
func pageWhere[T any](list string, items []T, key func(T) string, wanted func(T) bool, descending bool, size int, token *string) ([]T, *string, error) {
	order := strings.Compare
	if descending {
		order = func(a, b string) int { return strings.Compare(b, a) }
	}
	slices.SortFunc(items, func(a, b T) int { return order(key(a), key(b)) })
	if t := aws.ToString(token); t != "" {
		last, err := readToken(list, t)
		if err != nil {
			return nil, nil, err
		}
		at, found := slices.BinarySearchFunc(items, last, func(item T, last string) int { return order(key(item), last) })
		if found {
			at++
		}
		items = items[at:]
	}
	cut := make([]T, 0, min(size, len(items)))
	for _, item := range items {
		switch {
		case !wanted(item):
		case len(cut) < size:
			cut = append(cut, item)
		default:
			return cut, aws.String(writeToken(list, key(cut[len(cut)-1]))), nil
		}
	}
	return cut, nil, nil
}

func tokenPrefix(list string) string { return tokenVersion + ":" + list + ":" }

func writeToken(list, last string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(tokenPrefix(list) + last))
}

func readToken(list, token string) (last string, err error) {
	data, err := base64.RawURLEncoding.DecodeString(token)
	last, ours := strings.CutPrefix(string(data), tokenPrefix(list))
	if err != nil || !ours {
		return "", invalidToken()
	}
	return last, nil
}
