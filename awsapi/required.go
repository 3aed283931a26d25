package awsapi

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// MissingRequired returns the paths of the members that an operation's input
// must have and has not, such as containerDefinitions[0].secrets[1].name. The
// SDK's client is asked: its validators alone know which members the model
// requires. One question costs about 10 µs and leaves the input as it was.
//
// It panics if in is not a pointer to the input of an operation of a service
// that this package knows.
func MissingRequired(in any) []string {
	t := reflect.TypeOf(in).Elem()
	v, ok := validators()[t.PkgPath()]
	if !ok {
		panic(fmt.Sprintf("awsapi: MissingRequired of %T", in))
	}
	op := v.client.MethodByName(strings.TrimSuffix(t.Name(), "Input"))
	out := op.Call([]reflect.Value{reflect.ValueOf(context.Background()), reflect.ValueOf(in)})
	err, _ := reflect.TypeAssert[error](out[1])
	var invalid smithy.InvalidParamsError
	if !errors.As(err, &invalid) {
		return nil
	}
	var missing []string
	for _, e := range invalid.Errs() {
		if p, ok := e.(smithy.InvalidParamError); ok { //nolint:errorlint // a list of errors, none wrapped
			missing = append(missing, v.wirePath(p.Field()))
		}
	}
	return missing
}

// refuseMissing keeps from an operation what the service's own clients would not
// have sent.
func (s *Service) refuseMissing(in any) error {
	if s.missing == nil {
		return nil
	}
	if members := MissingRequired(in); len(members) > 0 {
		return s.missing(in, members)
	}
	return nil
}

// validator is an SDK client that checks an input and sends nothing.
type validator struct {
	client reflect.Value
	names  awsjson.Names
}

var validators = sync.OnceValue(func() map[string]validator {
	clients := []validator{
		{reflect.ValueOf(ecs.New(ecs.Options{
			Region: defaultRegion, APIOptions: []func(*middleware.Stack) error{checkAlone},
		})), awsjson.LowerFirst},
		{reflect.ValueOf(applicationautoscaling.New(applicationautoscaling.Options{
			Region: defaultRegion, APIOptions: []func(*middleware.Stack) error{checkAlone},
		})), awsjson.Keep},
	}
	byPackage := map[string]validator{}
	for _, v := range clients {
		byPackage[v.client.Type().Elem().PkgPath()] = v
	}
	return byPackage
})

var errChecked = errors.New("the input was checked")

// checkAlone leaves of a call's first phase the check and nothing else: the
// step that makes up idempotency tokens would write into the input.
func checkAlone(stack *middleware.Stack) error {
	check, ok := stack.Initialize.Get("OperationInputValidation")
	stack.Initialize.Clear()
	if ok {
		if err := stack.Initialize.Add(check, middleware.After); err != nil {
			return err
		}
	}
	end := middleware.InitializeMiddlewareFunc("GantryEnd", func(
		context.Context, middleware.InitializeInput, middleware.InitializeHandler,
	) (out middleware.InitializeOutput, meta middleware.Metadata, err error) {
		return out, meta, errChecked
	})
	return stack.Initialize.Add(end, middleware.After)
}

// wirePath makes a path of members from the SDK's, which starts with the Go
// name of the input.
func (v validator) wirePath(field string) string {
	_, path, _ := strings.Cut(field, ".")
	steps := strings.Split(path, ".")
	for i, s := range steps {
		steps[i] = v.names.Name(s)
	}
	return strings.Join(steps, ".")
}
