package awsjson

import (
	"reflect"

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
	p.write = func(b []byte, v reflect.Value) ([]byte, error) {
		// Only a sparse list or map comes here with nil: a struct leaves it out.
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		return to.write(b, v.Elem())
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
	p.write = func(b []byte, v reflect.Value) ([]byte, error) { return appendList(b, v, elem) }
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
	p.write = func(b []byte, v reflect.Value) ([]byte, error) { return appendMap(b, v, elem) }
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
