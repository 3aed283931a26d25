package taskdef_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/awsapi"
	"github.com/gantry-ecs/gantry/taskdef"
)

// TestRefusesWhatTheSDKRefuses takes away, in a definition that has everything,
// one member after the other. Wherever the SDK's own client would not send the
// request without it, it is refused, and the error names it.
func TestRefusesWhatTheSDKRefuses(t *testing.T) {
	in := &ecs.RegisterTaskDefinitionInput{}
	fill(reflect.ValueOf(in).Elem())
	if missing := awsapi.MissingRequired(in); missing != nil {
		t.Fatalf("the full definition lacks %v", missing)
	}
	checked := map[string]bool{}
	disturb(reflect.ValueOf(in).Elem(), func() {
		missing := awsapi.MissingRequired(in)
		if len(missing) == 0 || missing[0] == "tags" {
			return
		}
		err := taskdef.Validate(in)
		if err == nil || !namesMember(err.Error(), missing[0]) {
			t.Errorf("without %s: %v", missing[0], err)
		}
		checked[missing[0]] = true
	})
	// 32 members of the definition are required in the SDK's model of today.
	if len(checked) < 32 {
		t.Errorf("%d required members were missing in turn: %v", len(checked), slices.Sorted(maps.Keys(checked)))
	}
}

// fill gives every member below v a value.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		v.Set(reflect.ValueOf(&types.SharingStrategyMemberNvidiaMps{}))
		fill(v.Elem().Elem())
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("a"), reflect.ValueOf("a"))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	case reflect.String:
		v.SetString("a")
		if values := v.MethodByName("Values"); values.IsValid() {
			v.Set(values.Call(nil)[0].Index(0))
		}
	case reflect.Int32:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic(v.Type())
	}
}

// namesMember: ECS's words for the two members of the request itself.
func namesMember(text, path string) bool {
	member := path[strings.LastIndexByte(path, '.')+1:]
	words := map[string]string{"family": "Family can not be blank.", "containerDefinitions": "Container list cannot be empty."}
	if known, ok := words[member]; ok {
		return strings.Contains(text, known)
	}
	return strings.Contains(text, "."+member+" should not be null or empty.")
}
