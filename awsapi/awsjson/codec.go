package awsjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxDepth is how deep a document may nest. The deepest ECS shape nests about
// ten levels; the limit keeps a hostile body from costing a deep stack.
const MaxDepth = 64

// Names says how the name of a member comes from the Go field where the SDK
// has no schema to ask.
type Names int

// The two ways AWS services name members: ECS lowers the first letter,
// Application Auto Scaling keeps the capital.
const (
	LowerFirst Names = iota
	Keep
)

// Name is the name on the wire of a Go field.
func (n Names) Name(field string) string {
	if n == Keep {
		return field
	}
	return lowerFirst(field)
}

// Codec reads and writes the types of one service. It is safe for concurrent
// use; what it learns about a type it keeps.
type Codec struct {
	names     Names
	unions    map[reflect.Type]Union
	documents map[reflect.Type]func(raw []byte) any

	ready    sync.Map // reflect.Type of a struct -> *plan, complete
	mu       sync.Mutex
	building map[planKey]*plan
}

// New returns a codec for one service. Unions lists the union interfaces of its
// types, documents its document interfaces with a way to make one from JSON.
func New(names Names, unions []Union, documents map[reflect.Type]func(raw []byte) any) *Codec {
	c := &Codec{
		names:     names,
		unions:    make(map[reflect.Type]Union, len(unions)),
		documents: documents,
		building:  map[planKey]*plan{},
	}
	for _, u := range unions {
		c.unions[u.iface] = u
	}
	return c
}

// MessageKey is the member that holds the text of an error that no model
// describes.
func (c *Codec) MessageKey() string {
	if c.names == Keep {
		return "Message"
	}
	return "message"
}

// Prepare learns a struct type ahead of its first use, so that a type that
// cannot be served is found when the server is wired. It panics on such a type.
func (c *Codec) Prepare(t reflect.Type) { c.plan(t) }

// Read sets the struct that v points to from a JSON object; what v held before
// is gone. It returns the paths of members that the type does not have, which
// are no error: old and new clients meet. An error is always an *Error.
func (c *Codec) Read(data []byte, v any) (unknown []string, err error) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.IsNil() || rv.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("awsjson: Read into %T", v))
	}
	r := &reader{dec: jsontext.NewDecoder(bytes.NewBuffer(data), readOptions...)}
	if err := c.plan(rv.Elem().Type()).read(r, rv.Elem()); err != nil {
		return nil, asError(err)
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, &Error{Message: "Unexpected content after the end of the document"}
	}
	return r.unknown, nil
}

// Append appends the JSON object for a struct or a pointer to one to b. A nil
// pointer in a struct is left out, as are nil lists and maps; empty ones and zeros
// are written.
func (c *Codec) Append(b []byte, v any) ([]byte, error) {
	return c.append(b, reflect.ValueOf(v), nil)
}

// Write returns what Append appends.
func (c *Codec) Write(v any) ([]byte, error) { return c.Append(nil, v) }

// WriteError returns the body of an error: __type first, then the members that
// v, the SDK's own error type, has.
func (c *Codec) WriteError(code string, v any) ([]byte, error) {
	return c.append(nil, reflect.ValueOf(v), []string{"__type", code})
}

// ErrorStatus returns the HTTP status that the model gives an error type of the
// SDK's, or 0 where it gives none.
func (c *Codec) ErrorStatus(v any) int {
	return httpError(rootSchema(reflect.Indirect(reflect.ValueOf(v)).Type()))
}

// WriteGenericError returns the body of an error that the service's model does
// not have.
func (c *Codec) WriteGenericError(code, message string) []byte {
	// Strings alone cannot fail.
	b, _ := appendFields(nil, reflect.Value{}, nil, []string{"__type", code, c.MessageKey(), message})
	return b
}

func (c *Codec) append(b []byte, v reflect.Value, first []string) ([]byte, error) {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		panic(fmt.Sprintf("awsjson: Write of %s", v.Kind()))
	}
	b, err := appendFields(b, v, c.plan(v.Type()).fields, first)
	if err != nil {
		return nil, err
	}
	return b, nil
}

var (
	// Duplicate names are told apart by hand: the last one counts. Invalid
	// UTF-8 in a request is refused, which is the tokenizer's default.
	readOptions = []jsontext.Options{jsontext.AllowDuplicateNames(true)}
	// documentOptions are those of a value that is not ours.
	documentOptions = []jsontext.Options{
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.EscapeForJS(true),
	}
)
