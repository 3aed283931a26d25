package awsjson

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Error says why a document is not a value of the type asked for. A caller of
// AWS sees it as a SerializationException.
type Error struct {
	// Message is for the caller, in the words AWS uses. It quotes no value.
	Message string
	// Path is where, by member names and list positions: no map keys and no
	// values, so that it may be logged.
	Path string
}

func (e *Error) Error() string {
	if e.Path == "" {
		return e.Message
	}
	return e.Path + ": " + e.Message
}

// within puts a step before the path of an error on its way up.
func within(step string, err error) error {
	e := asError(err)
	switch {
	case e.Path == "":
		e.Path = step
	case strings.HasPrefix(e.Path, "["):
		e.Path = step + e.Path
	default:
		e.Path = step + "." + e.Path
	}
	return e
}

func at(index int) string { return "[" + strconv.Itoa(index) + "]" }

// asError makes an *Error of what the tokenizer returns.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Message: "Unable to parse the request body as JSON"}
}

// mismatch is the error for a value of the wrong kind, in the words of AWS's
// own reader ("NUMBER_VALUE can not be converted to a String").
func mismatch(got jsontext.Kind, want string) error {
	switch got {
	case jsontext.KindBeginObject:
		return &Error{Message: "Start of structure or map found where not expected."}
	case jsontext.KindBeginArray:
		return &Error{Message: "Start of list found where not expected"}
	case jsontext.KindString, jsontext.KindNumber, jsontext.KindTrue, jsontext.KindFalse, jsontext.KindNull:
		return &Error{Message: fmt.Sprintf("%s_VALUE can not be converted to %s", strings.ToUpper(kindNames[got]), want)}
	default:
		return asError(nil)
	}
}

var kindNames = map[jsontext.Kind]string{
	jsontext.KindString: "string",
	jsontext.KindNumber: "number",
	jsontext.KindTrue:   "true",
	jsontext.KindFalse:  "false",
	jsontext.KindNull:   "null",
}

const (
	errNullElement = "NULL_VALUE found where null is not allowed"
	errDepth       = "The request body nests too deep"
	errUnion       = "A union must have exactly one member that is not null"
)
