package handlers

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// pageTokenPrefix keeps what is no token, or one of another version, out.
const pageTokenPrefix = "1:"

// page cuts one page out of keys, which it sorts (descending if asked for). The
// token is the last key of the page before, so that it survives what is made and
// deleted between the pages.
func page(keys []string, descending bool, maxResults *int32, token *string, limit, fallback int) (items []string, next *string, err error) {
	size := fallback
	if maxResults != nil {
		if *maxResults < 1 || int(*maxResults) > limit {
			return nil, nil, maxResultsRange(limit)
		}
		size = int(*maxResults)
	}
	return pageBy(keys, func(key string) string { return key }, descending, size, token)
}

// pageBy is page for items that are not their own sort key.
func pageBy[T any](items []T, key func(T) string, descending bool, size int, token *string) ([]T, *string, error) {
	order := strings.Compare
	if descending {
		order = func(a, b string) int { return strings.Compare(b, a) }
	}
	slices.SortFunc(items, func(a, b T) int { return order(key(a), key(b)) })
	start := 0
	if t := aws.ToString(token); t != "" {
		last, err := readToken(t)
		if err != nil {
			return nil, nil, err
		}
		at, found := slices.BinarySearchFunc(items, last, func(item T, last string) int { return order(key(item), last) })
		if found {
			at++
		}
		start = at
	}
	end := min(start+size, len(items))
	cut := items[start:end:end]
	if end == len(items) || len(cut) == 0 {
		return cut, nil, nil
	}
	return cut, aws.String(writeToken(key(cut[len(cut)-1]))), nil
}

func writeToken(last string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(pageTokenPrefix + last))
}

func readToken(token string) (last string, err error) {
	data, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || !strings.HasPrefix(string(data), pageTokenPrefix) {
		return "", invalidToken()
	}
	return strings.TrimPrefix(string(data), pageTokenPrefix), nil
}
