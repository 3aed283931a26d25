package awsapi

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	smithy "github.com/aws/smithy-go"
)

// Service is one AWS service: how it is spoken to, and its operations.
type Service struct {
	name        string // in logs and metrics
	signingName string
	protocol    protocol
	operations  map[string]*operation

	missing     func(in any, members []string) error
	plain       map[string][]string // by operation
	internal    func() smithy.APIError
	unsupported func(operation string) smithy.APIError
}

// Operation is an operation that the service's model has.
type Operation struct {
	Name   string
	Served bool
}

type operation struct {
	in, out reflect.Type // structs
	handle  func(ctx context.Context, in any) (any, error)
}

// Operations returns all operations of the service, sorted by name.
func (s *Service) Operations() []Operation {
	ops := make([]Operation, 0, len(s.operations))
	for name, op := range s.operations {
		ops = append(ops, Operation{Name: name, Served: op.handle != nil})
	}
	slices.SortFunc(ops, func(a, b Operation) int { return strings.Compare(a.Name, b.Name) })
	return ops
}

// Name is the service's name in logs, metrics and lists of coverage.
func (s *Service) Name() string { return s.name }

// OnMissing makes fn say what is wrong with an input that lacks members which
// the model requires: MissingRequired names them. Where it returns nil the
// operation is called all the same.
func (s *Service) OnMissing(fn func(in any, members []string) error) { s.missing = fn }

// RequirePlain names the members, as they are on the wire, that the model requires of
// an operation's input and the SDK's type has as plain values: their zero there may be
// one that was not sent, and MissingRequired does not see it.
func (s *Service) RequirePlain(operation string, members ...string) {
	if s.plain == nil {
		s.plain = map[string][]string{}
	}
	s.plain[operation] = members
}

// Handle makes fn serve an operation. It panics on an operation that the
// service does not have, on one served already, and on types that are not the
// operation's own: all are mistakes in the wiring.
func Handle[In, Out any](s *Service, op string, fn func(context.Context, *In) (*Out, error)) {
	s.handle(op, reflect.TypeFor[In](), reflect.TypeFor[Out](), func(ctx context.Context, in any) (any, error) {
		out, err := fn(ctx, in.(*In))
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = new(Out)
		}
		return out, nil
	})
}

func (s *Service) handle(name string, in, out reflect.Type, fn func(context.Context, any) (any, error)) {
	op, ok := s.operations[name]
	switch {
	case !ok:
		panic(fmt.Sprintf("awsapi: %s has no operation %s", s.name, name))
	case op.handle != nil:
		panic(fmt.Sprintf("awsapi: %s of %s is served twice", name, s.name))
	case op.in != in || op.out != out:
		panic(fmt.Sprintf("awsapi: %s of %s takes %s and returns %s, not %s and %s", name, s.name, op.in, op.out, in, out))
	}
	s.protocol.prepare(in)
	s.protocol.prepare(out)
	op.handle = fn
}

// operationsOf finds the operations of an SDK client: its methods of the form
// Op(ctx, *OpInput, ...func(*Options)) (*OpOutput, error).
func operationsOf(client reflect.Type) map[string]*operation {
	ops := map[string]*operation{}
	for m := range client.Methods() {
		t := m.Type // the receiver is its first parameter
		if t.NumIn() != 4 || t.NumOut() != 2 || !t.IsVariadic() {
			continue
		}
		in, out := t.In(2), t.Out(0)
		if in.Kind() != reflect.Pointer || in.Elem().Name() != m.Name+"Input" ||
			out.Kind() != reflect.Pointer || out.Elem().Name() != m.Name+"Output" {
			continue
		}
		ops[m.Name] = &operation{in: in.Elem(), out: out.Elem()}
	}
	return ops
}
