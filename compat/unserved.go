package compat

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go/middleware"
)

// unservedCases has a case for every operation of the two APIs that no case in
// served checks: it must be refused by name, not answered with something made up.
func unservedCases(served []Case) []Case {
	covered := map[string]bool{}
	for _, c := range served {
		for _, op := range c.Operations {
			covered[op] = true
		}
	}
	var cases []Case
	add := func(prefix string, client reflect.Type, pick func(*T) reflect.Value) {
		for _, method := range operations(client) {
			name := prefix + method
			if covered[name] {
				continue
			}
			cases = append(cases, Case{
				Name: "unserved/" + name, Operations: []string{name},
				Description: "the operation is refused by its name",
				Source:      "API reference, UnsupportedFeatureException",
				Run: func(t *T) {
					t.ErrorHas(callEmpty(t.Context(), pick(t).MethodByName(method)), method, "UnsupportedFeatureException", method)
				},
			})
		}
	}
	add("", reflect.TypeFor[*ecs.Client](), func(t *T) reflect.Value { return reflect.ValueOf(t.ECS) })
	add(Scaling(""), reflect.TypeFor[*applicationautoscaling.Client](), func(t *T) reflect.Value { return reflect.ValueOf(t.Scaling) })
	return cases
}

// operations are the methods of an SDK client that make a call, sorted.
func operations(client reflect.Type) []string {
	var names []string
	for m := range client.Methods() {
		if m.Type.NumIn() == 4 && strings.HasSuffix(m.Type.In(2).String(), "."+m.Name+"Input") {
			names = append(names, m.Name)
		}
	}
	slices.Sort(names)
	return names
}

// callEmpty sends an operation without any member: which are required is the
// server's to say, so the SDK's own check is taken out.
func callEmpty(ctx context.Context, call reflect.Value) error {
	options := reflect.MakeFunc(call.Type().In(2).Elem(), func(args []reflect.Value) []reflect.Value {
		api := args[0].Elem().FieldByName("APIOptions")
		api.Set(reflect.Append(api, reflect.ValueOf(withoutValidation)))
		return nil
	})
	out := call.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.New(call.Type().In(1).Elem()), options})
	err, _ := reflect.TypeAssert[error](out[1])
	return err
}

func withoutValidation(stack *middleware.Stack) error {
	const validation = "OperationInputValidation"
	if _, has := stack.Initialize.Get(validation); !has {
		return nil
	}
	_, err := stack.Initialize.Remove(validation)
	return err
}
