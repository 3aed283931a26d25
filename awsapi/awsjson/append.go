package awsjson

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Values are appended to a buffer, and not written as tokens: half of the time of a
// long answer would go into keeping track of where in the document each one is,
// which a plan knows.

// appendFields appends a struct's members, after some pairs of strings.
func appendFields(b []byte, v reflect.Value, fields []field, first []string) ([]byte, error) {
	b = append(b, '{')
	empty := len(b)
	for i := 0; i < len(first); i += 2 {
		b = appendString(appendName(separate(b, empty), first[i]), first[i+1])
	}
	for i := range fields {
		f := &fields[i]
		fv := v.Field(f.index)
		if f.plan.absent != nil && f.plan.absent(fv) {
			continue
		}
		var err error
		if b, err = f.plan.write(append(separate(b, empty), f.quoted...), fv); err != nil {
			return b, within(f.name, err)
		}
	}
	return append(b, '}'), nil
}

// separate appends a comma to an object or a list that was empty at a length.
func separate(b []byte, empty int) []byte {
	if len(b) > empty {
		b = append(b, ',')
	}
	return b
}

func appendName(b []byte, name string) []byte { return append(appendString(b, name), ':') }

// forJS are the two characters that JSON may hold and JavaScript's strings could not.
var forJS = strings.NewReplacer("\u2028", `\u2028`, "\u2029", `\u2029`)

// lineSeparator is the first byte of both.
const lineSeparator = 0xe2

func appendString(b []byte, s string) []byte {
	if strings.IndexByte(s, lineSeparator) < 0 {
		// Bytes that are no UTF-8 are replaced, which the error says: an answer must
		// not fail for a byte that came out of a container's log.
		b, _ = jsontext.AppendQuote(b, s)
		return b
	}
	quoted, _ := jsontext.AppendQuote(nil, s)
	return append(b, forJS.Replace(string(quoted))...)
}

func appendList(b []byte, v reflect.Value, elem *plan) ([]byte, error) {
	b = append(b, '[')
	empty := len(b)
	for i := range v.Len() {
		var err error
		if b, err = elem.write(separate(b, empty), v.Index(i)); err != nil {
			return b, within(at(i), err)
		}
	}
	return append(b, ']'), nil
}

func appendMap(b []byte, v reflect.Value, elem *plan) ([]byte, error) {
	b = append(b, '{')
	empty := len(b)
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		var err error
		if b, err = elem.write(appendName(separate(b, empty), k.String()), v.MapIndex(k)); err != nil {
			return b, within("[]", err)
		}
	}
	return append(b, '}'), nil
}

// appendFloat appends a number, or the words that stand for what JSON has no number for.
func appendFloat(b []byte, f float64, bits int) []byte {
	if bits == 32 {
		// The shortest digits that give the same 32 bits, not the same 64.
		f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 32), 64)
	}
	token := jsontext.Float(f)
	if token.Kind() == jsontext.KindString {
		return appendString(b, token.String())
	}
	return append(b, token.String()...)
}

func appendBlob(b, blob []byte) []byte {
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, blob)
	return append(b, '"')
}
