package awsjson

import (
	"fmt"
	"reflect"
	"strings"

	smithy "github.com/aws/smithy-go"
)

// Union is one of the SDK's union interfaces with the types that implement it,
// which reflection alone cannot find.
type Union struct {
	iface   reflect.Type
	members []reflect.Type // structs with one field Value
}

// UnionOf describes the union interface I by a value of each of its members.
func UnionOf[I any](members ...I) Union {
	u := Union{iface: reflect.TypeFor[I]()}
	for _, m := range members {
		u.members = append(u.members, reflect.TypeOf(m).Elem())
	}
	return u
}

// variant is a member of a union: the Go type and how its value is written.
type variant struct {
	name string
	typ  reflect.Type
	plan *plan
}

func (c *Codec) fillUnion(p *plan, u Union, s *smithy.Schema) {
	var members map[string]*smithy.Schema
	if s != nil {
		members = memberSchemas(s)
	}
	byName := make(map[string]*variant, len(u.members))
	byType := make(map[reflect.Type]*variant, len(u.members))
	for _, t := range u.members {
		goName := strings.TrimPrefix(t.Name(), u.iface.Name()+"Member")
		m := members[goName]
		vr := &variant{name: c.memberName(goName, m), typ: t, plan: c.build(t.Field(0).Type, m)}
		byName[vr.name], byType[t] = vr, vr
	}
	p.read = func(r *reader, v reflect.Value) error { return readUnion(r, v, byName) }
	p.write = func(b []byte, v reflect.Value) ([]byte, error) { return appendUnion(b, v, byType) }
}

// readUnion takes an object with exactly one member that is not null. A member
// called __type is no member of any union: some clients add it.
func readUnion(r *reader, v reflect.Value, byName map[string]*variant) error {
	set := ""
	err := r.members("a union", func(name string) error {
		vr := byName[name]
		if vr == nil && name == "__type" {
			return r.skip()
		}
		isNull, err := r.null()
		switch {
		case err != nil:
			return err
		case isNull && name == set:
			set = ""
			return nil
		case isNull:
			return nil
		case vr == nil || set != "" && set != name:
			return &Error{Message: errUnion}
		}
		set = name
		member := reflect.New(vr.typ)
		if err := vr.plan.read(r, member.Elem().Field(0)); err != nil {
			return within(name, err)
		}
		v.Set(member)
		return nil
	})
	if err == nil && set == "" {
		return &Error{Message: errUnion}
	}
	return err
}

func appendUnion(b []byte, v reflect.Value, byType map[reflect.Type]*variant) ([]byte, error) {
	member := reflect.Indirect(v.Elem())
	if !member.IsValid() || byType[member.Type()] == nil {
		return b, fmt.Errorf("write a union of type %s: no such member", v.Type())
	}
	vr := byType[member.Type()]
	b, err := vr.plan.write(appendName(append(b, '{'), vr.name), member.Field(0))
	return append(b, '}'), err
}
