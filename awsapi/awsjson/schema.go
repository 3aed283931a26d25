package awsjson

import (
	"reflect"
	"unicode"
	"unicode/utf8"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"
)

// rootSchema is the schema of a type that can serialize itself, nil for the
// types of services that the SDK generates without schemas. The SDK has no
// table of them: the type names its schema when it is asked to serialize.
func rootSchema(t reflect.Type) *smithy.Schema {
	s, ok := reflect.TypeAssert[smithy.Serializable](reflect.New(t))
	if !ok {
		return nil
	}
	var rec schemaRecorder
	s.Serialize(&rec)
	return rec.first
}

// schemaRecorder keeps the first schema it is given. The embedded interface is
// nil: of a zero value only scalars held by value are written.
type schemaRecorder struct {
	smithy.ShapeSerializer
	first *smithy.Schema
}

func (r *schemaRecorder) WriteStruct(s *smithy.Schema) {
	if r.first == nil {
		r.first = s
	}
}

func (r *schemaRecorder) CloseStruct()                         {}
func (r *schemaRecorder) WriteBool(*smithy.Schema, bool)       {}
func (r *schemaRecorder) WriteInt8(*smithy.Schema, int8)       {}
func (r *schemaRecorder) WriteInt16(*smithy.Schema, int16)     {}
func (r *schemaRecorder) WriteInt32(*smithy.Schema, int32)     {}
func (r *schemaRecorder) WriteInt64(*smithy.Schema, int64)     {}
func (r *schemaRecorder) WriteFloat32(*smithy.Schema, float32) {}
func (r *schemaRecorder) WriteFloat64(*smithy.Schema, float64) {}
func (r *schemaRecorder) WriteString(*smithy.Schema, string)   {}

// memberSchemas returns a shape's members by the name the SDK gives the Go
// field.
func memberSchemas(s *smithy.Schema) map[string]*smithy.Schema {
	byField := make(map[string]*smithy.Schema, len(s.Members()))
	for name, m := range s.Members() {
		byField[upperFirst(name)] = m
	}
	return byField
}

func timestampFormat(s *smithy.Schema) string {
	if t, ok := smithy.SchemaTrait[*traits.TimestampFormat](s); ok {
		return t.Format
	}
	return "epoch-seconds"
}

func httpError(s *smithy.Schema) int {
	if t, ok := smithy.SchemaTrait[*traits.HTTPError](s); ok {
		return t.Code
	}
	return 0
}

func upperFirst(s string) string { return mapFirst(unicode.ToUpper, s) }

func lowerFirst(s string) string { return mapFirst(unicode.ToLower, s) }

func mapFirst(fn func(rune) rune, s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(fn(r)) + s[n:]
}
