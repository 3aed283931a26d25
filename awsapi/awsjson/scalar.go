package awsjson

import (
	"encoding/base64"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

func fillScalar(p *plan, t reflect.Type) {
	switch t.Kind() {
	case reflect.String:
		fillString(p, t)
	case reflect.Bool:
		fillBool(p)
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		fillInteger(p, t.Bits())
	case reflect.Float32, reflect.Float64:
		fillFloat(p, t.Bits())
	default:
		panic(fmt.Sprintf("awsjson: no wire form for %s", t))
	}
}

func fillString(p *plan, t reflect.Type) {
	// Enums are the only strings that the SDK holds by value under a name of
	// their own: "" is how it says that there is none.
	if t.PkgPath() != "" {
		p.absent = func(v reflect.Value) bool { return v.Len() == 0 }
	}
	p.read = func(r *reader, v reflect.Value) error {
		s, err := readString(r, "a String")
		v.SetString(s)
		return err
	}
	p.write = func(b []byte, v reflect.Value) ([]byte, error) { return appendString(b, v.String()), nil }
}

func readString(r *reader, want string) (string, error) {
	if k := r.dec.PeekKind(); k != jsontext.KindString && k != jsontext.KindInvalid {
		return "", mismatch(k, want)
	}
	tok, err := r.dec.ReadToken()
	if err != nil {
		return "", err
	}
	return tok.String(), nil
}

func fillBool(p *plan) {
	p.read = func(r *reader, v reflect.Value) error {
		k := r.dec.PeekKind()
		if k != jsontext.KindTrue && k != jsontext.KindFalse && k != jsontext.KindInvalid {
			return mismatch(k, "a Boolean")
		}
		tok, err := r.dec.ReadToken()
		if err != nil {
			return err
		}
		v.SetBool(tok.Bool())
		return nil
	}
	p.write = func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendBool(b, v.Bool()), nil }
}

func fillInteger(p *plan, bits int) {
	want := "an Integer"
	if bits == 64 {
		want = "a Long"
	}
	p.read = func(r *reader, v reflect.Value) error {
		raw, err := readNumber(r, want)
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(raw, 10, bits) // refuses a fraction, an exponent and what is out of range
		if err != nil {
			return mismatch(jsontext.KindNumber, want)
		}
		v.SetInt(n)
		return nil
	}
	p.write = func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendInt(b, v.Int(), 10), nil }
}

// readNumber returns the digits of a number as they came.
func readNumber(r *reader, want string) (string, error) {
	if k := r.dec.PeekKind(); k != jsontext.KindNumber && k != jsontext.KindInvalid {
		return "", mismatch(k, want)
	}
	raw, err := r.dec.ReadValue()
	return string(raw), err
}

func fillFloat(p *plan, bits int) {
	p.read = func(r *reader, v reflect.Value) error {
		if r.dec.PeekKind() == jsontext.KindString {
			return readSpecialFloat(r, v)
		}
		raw, err := readNumber(r, "a Double")
		if err != nil {
			return err
		}
		f, err := strconv.ParseFloat(raw, bits)
		if err != nil {
			return mismatch(jsontext.KindNumber, "a Double")
		}
		v.SetFloat(f)
		return nil
	}
	p.write = func(b []byte, v reflect.Value) ([]byte, error) { return appendFloat(b, v.Float(), bits), nil }
}

func readSpecialFloat(r *reader, v reflect.Value) error {
	s, err := readString(r, "a Double")
	if err != nil {
		return err
	}
	switch s {
	case "NaN":
		v.SetFloat(math.NaN())
	case "Infinity":
		v.SetFloat(math.Inf(1))
	case "-Infinity":
		v.SetFloat(math.Inf(-1))
	default:
		return mismatch(jsontext.KindString, "a Double")
	}
	return nil
}

func fillBlob(p *plan) {
	p.absent = reflect.Value.IsNil
	p.read = func(r *reader, v reflect.Value) error {
		s, err := readString(r, "a Blob")
		if err != nil {
			return err
		}
		b, err := base64.StdEncoding.Strict().DecodeString(s)
		if err != nil || strings.ContainsAny(s, "\r\n") { // the decoder skips line ends
			return mismatch(jsontext.KindString, "a Blob")
		}
		v.SetBytes(b)
		return nil
	}
	p.write = func(b []byte, v reflect.Value) ([]byte, error) { return appendBlob(b, v.Bytes()), nil }
}
