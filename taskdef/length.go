package taskdef

import (
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// Developer Guide, service quotas: 64 KiB a definition.
const maxLength = 64 << 10

// validateLength counts about what the definition takes as JSON: members with
// their values, quotes and separators. Tags are not part of it.
func validateLength(in *ecs.RegisterTaskDefinitionInput) error {
	definition := *in
	definition.Tags = nil
	if n := jsonLength(reflect.ValueOf(definition)); n > maxLength {
		return clientException("Actual length: '%d'. Max allowed length is '%d' bytes.", n, maxLength)
	}
	return nil
}

func jsonLength(v reflect.Value) int {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return 0
		}
		return jsonLength(v.Elem())
	case reflect.Slice:
		n := len("[]")
		for i := range v.Len() {
			n += jsonLength(v.Index(i)) + len(",")
		}
		return n
	case reflect.Map:
		n := len("{}")
		for iter := v.MapRange(); iter.Next(); {
			n += jsonLength(iter.Key()) + jsonLength(iter.Value()) + len(":,")
		}
		return n
	case reflect.Struct:
		n := len("{}")
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !v.Field(i).IsZero() {
				n += len(f.Name) + len(`"":,`) + jsonLength(v.Field(i))
			}
		}
		return n
	case reflect.String:
		return len(strconv.Quote(v.String()))
	case reflect.Int32:
		return len(strconv.FormatInt(v.Int(), 10))
	default:
		return len("false")
	}
}
