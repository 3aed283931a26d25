package awsjson

import (
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// reader is the state of one Read.
type reader struct {
	dec     *jsontext.Decoder
	unknown []string
}

// maxUnknown bounds what one request can make us remember.
const maxUnknown = 16

func (r *reader) noteUnknown() {
	if len(r.unknown) < maxUnknown {
		r.unknown = append(r.unknown, string(r.dec.StackPointer()))
	}
}

// null consumes a null if it is next.
func (r *reader) null() (bool, error) {
	if r.dec.PeekKind() != jsontext.KindNull {
		return false, nil
	}
	_, err := r.dec.ReadToken()
	return true, err
}

// begin consumes the start of an object or a list.
func (r *reader) begin(kind jsontext.Kind, want string) error {
	if got := r.dec.PeekKind(); got != kind && got != jsontext.KindInvalid {
		return mismatch(got, want)
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	return r.checkDepth()
}

func (r *reader) checkDepth() error {
	if r.dec.StackDepth() > MaxDepth {
		return &Error{Message: errDepth}
	}
	return nil
}

// skip passes over a value. The decoder's own way would nest deeper than we
// allow.
func (r *reader) skip() error {
	for depth := r.dec.StackDepth(); ; {
		if _, err := r.dec.ReadToken(); err != nil {
			return err
		}
		if err := r.checkDepth(); err != nil {
			return err
		}
		if r.dec.StackDepth() <= depth {
			return nil
		}
	}
}

// members calls fn with each name of an object, the value being next.
func (r *reader) members(want string, fn func(name string) error) error {
	if err := r.begin(jsontext.KindBeginObject, want); err != nil {
		return err
	}
	for r.dec.PeekKind() != jsontext.KindEndObject {
		tok, err := r.dec.ReadToken()
		if err != nil {
			return err
		}
		if err := fn(tok.String()); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

func readStruct(r *reader, v reflect.Value, p *plan) error {
	v.SetZero()
	return r.members("a structure", func(name string) error {
		f, ok := p.byName[name]
		if !ok {
			r.noteUnknown()
			return r.skip()
		}
		// A null is an absent member, and the last of two members with one name
		// counts: so a null also undoes what an earlier one set.
		if isNull, err := r.null(); isNull || err != nil {
			v.Field(f.index).SetZero()
			return err
		}
		if err := f.plan.read(r, v.Field(f.index)); err != nil {
			return within(name, err)
		}
		return nil
	})
}
