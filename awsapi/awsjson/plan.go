package awsjson

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"time"

	smithy "github.com/aws/smithy-go"
)

// plan is how values of one type are read and written, worked out once.
type plan struct {
	read func(*reader, reflect.Value) error
	// write appends a value's JSON to what is there.
	write func([]byte, reflect.Value) ([]byte, error)
	// absent says whether a struct member with this value is left out. Nil for
	// types whose values are always written.
	absent func(reflect.Value) bool

	fields []field // of a struct, sorted by name as AWS sends them
	byName map[string]*field
}

type field struct {
	name   string
	quoted string // the name as JSON, with the colon
	index  int
	plan   *plan
}

// planKey: a struct type is one shape wherever it is used; for others the
// schema says the format of a timestamp and the names of a union's members.
type planKey struct {
	typ    reflect.Type
	schema *smithy.Schema
}

// plan returns the finished plan of a struct type.
func (c *Codec) plan(t reflect.Type) *plan {
	if p, ok := c.ready.Load(t); ok {
		return p.(*plan)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.build(t, rootSchema(t))
	// Published only now: while it is built, a plan may hold parts that are not
	// finished, since shapes may contain themselves.
	c.ready.Store(t, p)
	return p
}

func (c *Codec) build(t reflect.Type, s *smithy.Schema) *plan {
	key := planKey{t, s}
	if t.Kind() == reflect.Struct && t != timeType {
		key.schema = nil
	}
	if p, ok := c.building[key]; ok {
		return p
	}
	p := &plan{}
	c.building[key] = p
	c.fill(p, t, s)
	return p
}

var timeType = reflect.TypeFor[time.Time]()

func (c *Codec) fill(p *plan, t reflect.Type, s *smithy.Schema) {
	switch {
	case t == timeType:
		fillTime(p, timestampFormat(s))
	case t.Kind() == reflect.Struct:
		c.fillStruct(p, t, s)
	case t.Kind() == reflect.Pointer:
		fillPointer(p, t.Elem(), c.build(t.Elem(), s))
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		fillBlob(p)
	case t.Kind() == reflect.Slice:
		fillList(p, t, c.build(t.Elem(), member(s, (*smithy.Schema).ListMember)))
	case t.Kind() == reflect.Map:
		fillMap(p, t, c.build(t.Elem(), member(s, (*smithy.Schema).MapValue)))
	case t.Kind() == reflect.Interface:
		c.fillInterface(p, t, s)
	default:
		fillScalar(p, t)
	}
}

// member is the schema of a list's or map's members, where there is a schema.
func member(s *smithy.Schema, of func(*smithy.Schema) *smithy.Schema) *smithy.Schema {
	if s == nil {
		return nil
	}
	return of(s)
}

func (c *Codec) fillStruct(p *plan, t reflect.Type, s *smithy.Schema) {
	var members map[string]*smithy.Schema
	if s != nil {
		members = memberSchemas(s)
	}
	for i := range t.NumField() {
		f := t.Field(i)
		m := members[f.Name]
		if !f.IsExported() || s == nil && notOnWire[f.Name] || s != nil && m == nil {
			continue
		}
		name := c.memberName(f.Name, m)
		p.fields = append(p.fields, field{name: name, quoted: string(appendName(nil, name)), index: i, plan: c.build(f.Type, m)})
	}
	slices.SortFunc(p.fields, func(a, b field) int { return cmp.Compare(a.name, b.name) })
	p.byName = make(map[string]*field, len(p.fields))
	for i := range p.fields {
		p.byName[p.fields[i].name] = &p.fields[i]
	}
	p.read = func(r *reader, v reflect.Value) error { return readStruct(r, v, p) }
	p.write = func(b []byte, v reflect.Value) ([]byte, error) { return appendFields(b, v, p.fields, nil) }
}

// notOnWire are the fields that the SDK adds to its structs for itself.
var notOnWire = map[string]bool{"ResultMetadata": true, "ErrorCodeOverride": true}

func (c *Codec) memberName(goName string, m *smithy.Schema) string {
	if m != nil {
		return m.MemberName()
	}
	return c.names.Name(goName)
}

func (c *Codec) fillInterface(p *plan, t reflect.Type, s *smithy.Schema) {
	p.absent = reflect.Value.IsNil
	if u, ok := c.unions[t]; ok {
		c.fillUnion(p, u, s)
		return
	}
	if fromJSON, ok := c.documents[t]; ok {
		fillDocument(p, fromJSON)
		return
	}
	panic(fmt.Sprintf("awsjson: %s is neither a union nor a document of this codec", t))
}
