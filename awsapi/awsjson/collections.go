package awsjson

import (
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

func fillPointer(p *plan, elem reflect.Type, to *plan) {
	p.absent = reflect.Value.IsNil
	p.read = func(r *reader, v reflect.Value) error {
		n := reflect.New(elem)
		if err := to.read(r, n.Elem()); err != nil {
			return err
		}
		v.Set(n)
		return nil
	}
	p.write = func(e *jsontext.Encoder, v reflect.Value) error {
		// Only a sparse list or map comes here with nil: a struct leaves it out.
		if v.IsNil() {
			return e.WriteToken(jsontext.Null)
		}
		return to.write(e, v.Elem())
	}
}

func fillList(p *plan, t reflect.Type, elem *plan) {
	// The SDK uses pointers for the elements of sparse lists alone.
	sparse := t.Elem().Kind() == reflect.Pointer
	p.absent = reflect.Value.IsNil
	p.read = func(r *reader, v reflect.Value) error {
		if err := r.begin(jsontext.KindBeginArray, "a list"); err != nil {
			return err
		}
		v.Set(reflect.MakeSlice(t, 0, 0))
		for i := 0; r.dec.PeekKind() != jsontext.KindEndArray; i++ {
			v.Grow(1)
			v.SetLen(i + 1)
			v.Index(i).SetZero()
			if err := readElement(r, v.Index(i), elem, sparse); err != nil {
				return within(at(i), err)
			}
		}
		_, err := r.dec.ReadToken()
		return err
	}
	p.write = func(e *jsontext.Encoder, v reflect.Value) error {
		if err := e.WriteToken(jsontext.BeginArray); err != nil {
			return err
		}
		for i := range v.Len() {
			if err := elem.write(e, v.Index(i)); err != nil {
				return within(at(i), err)
			}
		}
		return e.WriteToken(jsontext.EndArray)
	}
}

func fillMap(p *plan, t reflect.Type, elem *plan) {
	sparse := t.Elem().Kind() == reflect.Pointer
	p.absent = reflect.Value.IsNil
	p.read = func(r *reader, v reflect.Value) error {
		m := reflect.MakeMap(t)
		err := r.members("a map", func(name string) error {
			ev := reflect.New(t.Elem()).Elem()
			if err := readElement(r, ev, elem, sparse); err != nil {
				return within("[]", err)
			}
			m.SetMapIndex(reflect.ValueOf(name).Convert(t.Key()), ev)
			return nil
		})
		v.Set(m)
		return err
	}
	p.write = func(e *jsontext.Encoder, v reflect.Value) error {
		if err := e.WriteToken(jsontext.BeginObject); err != nil {
			return err
		}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			if err := e.WriteToken(jsontext.String(k.String())); err != nil {
				return err
			}
			if err := elem.write(e, v.MapIndex(k)); err != nil {
				return within("[]", err)
			}
		}
		return e.WriteToken(jsontext.EndObject)
	}
}

// readElement reads a member of a list or map: there a null is a value, which
// only sparse ones may hold (Smithy, the sparse trait).
func readElement(r *reader, v reflect.Value, elem *plan, sparse bool) error {
	isNull, err := r.null()
	switch {
	case err != nil:
		return err
	case isNull && !sparse:
		return &Error{Message: errNullElement}
	case isNull:
		return nil
	default:
		return elem.read(r, v)
	}
}
