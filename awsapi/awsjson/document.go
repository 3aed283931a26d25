package awsjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/aws/smithy-go/document"
	"github.com/go-json-experiment/json/jsontext"
)

// fillDocument keeps any JSON value as it came, numbers with all their digits.
func fillDocument(p *plan, fromJSON func(raw []byte) any) {
	p.read = func(r *reader, v reflect.Value) error {
		raw, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		if err := checkDepth(raw, r.dec.StackDepth()); err != nil {
			return err
		}
		raw = bytes.Clone(raw) // the decoder uses its buffer again
		if err := raw.Compact(); err != nil {
			return err
		}
		v.Set(reflect.ValueOf(fromJSON(raw)))
		return nil
	}
	p.write = appendDocument
}

func appendDocument(b []byte, v reflect.Value) ([]byte, error) {
	m, ok := reflect.TypeAssert[document.Marshaler](v)
	if !ok {
		return b, fmt.Errorf("write a document of type %s: it cannot be marshaled", v.Elem().Type())
	}
	raw, err := m.MarshalSmithyDocument()
	if err != nil {
		return b, fmt.Errorf("marshal a document: %w", err)
	}
	value := jsontext.Value(bytes.Clone(raw))
	if err := value.Compact(documentOptions...); err != nil {
		return b, fmt.Errorf("write a document: %w", err)
	}
	return append(b, value...), nil
}

// checkDepth holds a value that starts at some depth to the limit.
func checkDepth(raw []byte, start int) error {
	dec := jsontext.NewDecoder(bytes.NewReader(raw), readOptions...)
	for {
		_, err := dec.ReadToken()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case start+dec.StackDepth() > MaxDepth:
			return &Error{Message: errDepth}
		}
	}
}
