package awsjson

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	smithy "github.com/aws/smithy-go"
)

// TestEveryMemberHasAField walks all types of ECS: each member of a shape must
// have its Go field, each field its member, each union all its Go types.
func TestEveryMemberHasAField(t *testing.T) {
	w := &schemaWalk{t: t, seen: map[reflect.Type]bool{}}
	inputs, outputs := operationTypes()
	for _, typ := range append(inputs, outputs...) {
		s := rootSchema(typ)
		if s == nil {
			t.Errorf("%s has no schema", typ)
			continue
		}
		w.walk(typ, s)
	}
	for _, e := range ecs.TypeRegistry.Entries {
		w.walk(reflect.TypeOf(e.New()).Elem(), e.Schema)
	}
	if w.unions != len(ecsUnions) {
		t.Errorf("%d unions met, %d listed", w.unions, len(ecsUnions))
	}
	t.Logf("%d structures, %d members, %d unions", len(w.seen)-w.unions, w.members, w.unions)
}

type schemaWalk struct {
	t               *testing.T
	seen            map[reflect.Type]bool
	members, unions int
}

func (w *schemaWalk) walk(typ reflect.Type, s *smithy.Schema) {
	switch typ.Kind() {
	case reflect.Pointer:
		w.walk(typ.Elem(), s)
	case reflect.Slice:
		w.walk(typ.Elem(), s.ListMember())
	case reflect.Map:
		w.walk(typ.Elem(), s.MapValue())
	case reflect.Struct:
		if typ != timeType && !w.seen[typ] {
			w.seen[typ] = true
			w.structure(typ, s)
		}
	case reflect.Interface:
		if u, ok := ECS().unions[typ]; ok && !w.seen[typ] {
			w.seen[typ] = true
			w.union(u, s)
		}
	default:
	}
}

func (w *schemaWalk) structure(typ reflect.Type, s *smithy.Schema) {
	members := memberSchemas(s)
	for name := range members {
		if _, ok := typ.FieldByName(name); !ok {
			w.t.Errorf("%s has no field for the member %s", typ, name)
		}
	}
	for f := range typ.Fields() {
		if !f.IsExported() || notOnWire[f.Name] {
			continue
		}
		m := members[f.Name]
		if m == nil {
			w.t.Errorf("%s.%s is no member of %s", typ, f.Name, s.ID())
			continue
		}
		w.members++
		if got := lowerFirst(f.Name); got != m.MemberName() {
			w.t.Errorf("%s.%s is %q on the wire: ECS has a name that is not the field's in lower case", typ, f.Name, m.MemberName())
		}
		w.walk(f.Type, m)
	}
}

func (w *schemaWalk) union(u Union, s *smithy.Schema) {
	w.unions++
	goTypes := map[string]reflect.Type{}
	for _, m := range u.members {
		goTypes[m.Name()] = m
	}
	for name, m := range memberSchemas(s) {
		typ := goTypes[u.iface.Name()+"Member"+name]
		if typ == nil {
			w.t.Errorf("the union %s has a member %s that is not listed", u.iface, name)
			continue
		}
		w.walk(typ.Field(0).Type, m)
	}
}

func TestPlansOfAllTypes(t *testing.T) {
	inputs, outputs := operationTypes()
	for _, typ := range append(inputs, outputs...) {
		ECS().Prepare(typ)
	}
	for m := range reflect.TypeFor[*applicationautoscaling.Client]().Methods() {
		if m.Type.NumIn() == 4 && m.Type.NumOut() == 2 {
			AutoScaling().Prepare(m.Type.In(2).Elem())
			AutoScaling().Prepare(m.Type.Out(0).Elem())
		}
	}
}
