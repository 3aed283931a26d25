package awsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
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
// SDK's validators are asked: they alone know which members the model requires.
// The input stays as it was.
//
// It panics if in is not a pointer to the input of an operation of a service
// that this package knows.
func MissingRequired(in any) []string {
	t := reflect.TypeOf(in).Elem()
	v, ok := validators()[t.PkgPath()]
	if !ok {
		panic(fmt.Sprintf("awsapi: MissingRequired of %T", in))
	}
	check := v.checkOf(t)
	if check == nil {
		return nil
	}
	_, _, err := check.HandleInitialize(context.Background(), middleware.InitializeInput{Parameters: in}, checked{})
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
func (s *Service) refuseMissing(operation string, in any, body []byte) error {
	if s.missing == nil {
		return nil
	}
	if members := append(MissingRequired(in), absent(s.plain[operation], body)...); len(members) > 0 {
		return s.missing(in, members)
	}
	return nil
}

// absent are those of the members that the body does not have, or has as null.
func absent(members []string, body []byte) []string {
	if len(members) == 0 {
		return nil
	}
	sent := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil // it was read before, and is an input
	}
	return slices.DeleteFunc(slices.Clone(members), func(member string) bool {
		value, ok := sent[member]
		return ok && string(value) != "null"
	})
}

// validator has the checks of a service's SDK client, which sends nothing.
type validator struct {
	client reflect.Value
	names  awsjson.Names
	// checks has a middleware.InitializeMiddleware, or nil, for each type of input
	// that was asked about.
	checks *sync.Map
}

var validators = sync.OnceValue(func() map[string]validator {
	clients := []validator{
		{reflect.ValueOf(ecs.New(ecs.Options{
			Region: defaultRegion, APIOptions: []func(*middleware.Stack) error{handOverCheck},
		})), awsjson.LowerFirst, &sync.Map{}},
		{reflect.ValueOf(applicationautoscaling.New(applicationautoscaling.Options{
			Region: defaultRegion, APIOptions: []func(*middleware.Stack) error{handOverCheck},
		})), awsjson.Keep, &sync.Map{}},
	}
	byPackage := map[string]validator{}
	for _, v := range clients {
		byPackage[v.client.Type().Elem().PkgPath()] = v
	}
	return byPackage
})

// checkOf is the step of the operation's calls that checks their input, nil
// where it has none. The client has no other way to it than a call, which builds
// all the steps: a tenth of a millisecond, and so done once an operation.
func (v validator) checkOf(input reflect.Type) middleware.InitializeMiddleware {
	if known, ok := v.checks.Load(input); ok {
		check, _ := known.(middleware.InitializeMiddleware)
		return check
	}
	var check middleware.InitializeMiddleware
	ctx := context.WithValue(context.Background(), checkKey{}, &check)
	v.client.MethodByName(strings.TrimSuffix(input.Name(), "Input")).Call([]reflect.Value{reflect.ValueOf(ctx), reflect.New(input)})
	v.checks.Store(input, check)
	return check
}

// checkKey is where a call's context has room for the operation's check.
type checkKey struct{}

var errChecked = errors.New("the input was checked")

// handOverCheck leaves of a call one step, which gives away the check and ends.
func handOverCheck(stack *middleware.Stack) error {
	check, _ := stack.Initialize.Get("OperationInputValidation")
	stack.Initialize.Clear()
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("GantryEnd", func(
		ctx context.Context, _ middleware.InitializeInput, _ middleware.InitializeHandler,
	) (out middleware.InitializeOutput, meta middleware.Metadata, err error) {
		*ctx.Value(checkKey{}).(*middleware.InitializeMiddleware) = check //nolint:forcetypeassert // set by checkOf alone
		return out, meta, errChecked
	}), middleware.After)
}

// checked is the step after the check: there is none.
type checked struct{}

// HandleInitialize is called where nothing is missing.
func (checked) HandleInitialize(context.Context, middleware.InitializeInput) (out middleware.InitializeOutput, meta middleware.Metadata, err error) {
	return out, meta, errChecked
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
