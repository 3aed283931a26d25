package compat

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	smithy "github.com/aws/smithy-go"
)

// T is what a running case has: the clients, names that no other run uses, and
// the checks.
type T struct {
	ctx     context.Context //nolint:containedctx // a T lives as long as its one case
	ECS     *ecs.Client
	Scaling *applicationautoscaling.Client

	prefix   string
	images   string
	source   string
	failures []string
	cleanups []func(context.Context)
}

// stop ends a case that cannot go on.
type stop struct{}

// Context is that of the case, with its deadline.
func (t *T) Context() context.Context { return t.ctx }

// Name makes a name for a resource of this case of this run.
func (t *T) Name(what string) string { return t.prefix + "-" + what }

// Image is one of the small programs that the cases run, by its name.
func (t *T) Image(program string) string { return t.images + "/" + program + ":1" }

// From names the source of the checks that follow.
func (t *T) From(source string) { t.source = source }

// Cleanup runs after the case, the last one first, whatever became of the case.
func (t *T) Cleanup(fn func(context.Context)) { t.cleanups = append(t.cleanups, fn) }

func (t *T) fail(format string, args ...any) {
	t.failures = append(t.failures, fmt.Sprintf(format, args...)+" ["+t.source+"]")
}

// Fatal ends the case: nothing after it makes sense.
func (t *T) Fatal(format string, args ...any) {
	t.fail(format, args...)
	panic(stop{})
}

// OK ends the case if a call failed that has to succeed.
func (t *T) OK(err error, call string) {
	if err != nil {
		t.Fatal("%s: %v", call, err)
	}
}

// True checks a condition, which is described as it should be.
func (t *T) True(is bool, format string, args ...any) {
	if !is {
		t.fail("not so: "+format, args...)
	}
}

// Equal checks a member of an answer. Pointers are followed: an absent member is nil.
func (t *T) Equal(member string, got, want any) {
	if g, w := plain(got), plain(want); !reflect.DeepEqual(g, w) {
		t.fail("%s is %s, want %s", member, show(g), show(w))
	}
}

// EmptyList checks a list that is sent though it has no members.
func (t *T) EmptyList(member string, list any) {
	if v := reflect.ValueOf(list); v.IsNil() || v.Len() != 0 {
		t.fail("%s is %s, want []", member, show(list))
	}
}

// Error checks that a call was refused, by the type of the exception and its
// whole text. Where no source has the text, it is given as anyText.
func (t *T) Error(err error, call, code, text string) {
	var api smithy.APIError
	switch {
	case err == nil:
		t.fail("%s succeeded, want %s: %s", call, code, text)
	case !errors.As(err, &api):
		t.fail("%s: %v, want %s: %s", call, err, code, text)
	case api.ErrorCode() != code || text != anyText && api.ErrorMessage() != text:
		t.fail("%s answered %s: %s, want %s: %s", call, api.ErrorCode(), api.ErrorMessage(), code, text)
	}
}

// ErrorHas is Error for a text of which only a part is known.
func (t *T) ErrorHas(err error, call, code, part string) {
	t.Error(err, call, code, anyText)
	var api smithy.APIError
	if errors.As(err, &api) && !strings.Contains(api.ErrorMessage(), part) {
		t.fail("%s answered %q, which has no %q", call, api.ErrorMessage(), part)
	}
}

const anyText = "(any text)"

// plain follows pointers, and makes one type of all strings.
func plain(v any) any {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return nil
		}
		r = r.Elem()
	}
	switch r.Kind() {
	case reflect.String:
		return r.String()
	case reflect.Int, reflect.Int32, reflect.Int64:
		return r.Int()
	case reflect.Invalid:
		return nil
	default:
		return r.Interface()
	}
}

func show(v any) string {
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%+v", v)
}
