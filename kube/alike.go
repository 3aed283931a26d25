package kube

import (
	"bytes"
	"hash/maphash"
	"maps"
	"reflect"
	"sync"
	"weak"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Tasks of one definition have most of their pods alike: the whole spec but for
// the node, labels, most annotations. Each event of the watch brings all of it
// anew. An object that is to be held takes those parts from one that is held
// already, so that they are in memory once. Nobody may change what is held, so
// nobody sees a difference.

// pointerTo is a kind's type: a pointer to its struct.
type pointerTo[E any] interface {
	*E
	client.Object
}

// resemblance says what an object is probably alike to: the object that was held
// last under the same of its values, the first that has one.
type resemblance[T client.Object] func(T) []string

// sameKind is the resemblance of objects that share no more than their labels.
func sameKind[T client.Object](T) []string { return []string{""} }

// models knows, for each value, the object that was held last. It does not keep it.
type models[E any, T pointerTo[E]] struct {
	values resemblance[T]
	seed   maphash.Seed

	mu     sync.Mutex
	last   map[uint64]weak.Pointer[E]
	limit  int
	opaque sync.Map // type → whether it has unexported fields
}

// fewModels is when dead entries are first looked for.
const fewModels = 1024

func newModels[E any, T pointerTo[E]](values resemblance[T]) *models[E, T] {
	return &models[E, T]{values: values, seed: maphash.MakeSeed(), last: map[uint64]weak.Pointer[E]{}, limit: fewModels}
}

// share gives a new object the parts that its model has too. The object must be
// its caller's alone: what it has shared already must not be written again.
func (m *models[E, T]) share(obj T) {
	if model := m.modelOf(obj); model != nil && model != (*E)(obj) {
		m.take(reflect.ValueOf((*E)(obj)).Elem(), reflect.ValueOf(model).Elem())
	}
}

func (m *models[E, T]) modelOf(obj T) *E {
	values := m.values(obj)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, value := range values {
		if model := m.last[maphash.String(m.seed, value)].Value(); model != nil {
			return model
		}
	}
	return nil
}

// remember makes an object the model of those that come after it.
func (m *models[E, T]) remember(obj T) {
	pointer, values := weak.Make((*E)(obj)), m.values(obj)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, value := range values {
		m.last[maphash.String(m.seed, value)] = pointer
	}
	if len(m.last) > m.limit {
		maps.DeleteFunc(m.last, func(_ uint64, p weak.Pointer[E]) bool { return p.Value() == nil })
		m.limit = max(fewModels, 2*len(m.last))
	}
}

// take replaces the parts of v that are equal to those of the model by the
// model's, the largest that there are, and says whether that is all of v.
func (m *models[E, T]) take(v, model reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		if v.String() != model.String() {
			return false
		}
		v.Set(model)
		return true
	case reflect.Struct:
		return m.takeFields(v, model)
	case reflect.Pointer:
		return m.takePointer(v, model)
	case reflect.Slice:
		return m.takeSlice(v, model)
	case reflect.Map:
		return takeMap(v, model)
	case reflect.Interface:
		return v.IsNil() && model.IsNil()
	default:
		return v.Equal(model)
	}
}

func (m *models[E, T]) takeFields(v, model reflect.Value) bool {
	if m.isOpaque(v.Type()) {
		return v.Comparable() && v.Equal(model)
	}
	all := true
	for i := range v.NumField() {
		all = m.take(v.Field(i), model.Field(i)) && all
	}
	return all
}

// isOpaque is true for times and quantities, which have nothing to share.
func (m *models[E, T]) isOpaque(t reflect.Type) bool {
	if known, ok := m.opaque.Load(t); ok {
		return known.(bool)
	}
	opaque := false
	for field := range t.Fields() {
		opaque = opaque || !field.IsExported()
	}
	m.opaque.Store(t, opaque)
	return opaque
}

func (m *models[E, T]) takePointer(v, model reflect.Value) bool {
	if v.IsNil() || model.IsNil() {
		return v.IsNil() && model.IsNil()
	}
	if !m.take(v.Elem(), model.Elem()) {
		return false
	}
	v.Set(model)
	return true
}

func (m *models[E, T]) takeSlice(v, model reflect.Value) bool {
	if v.IsNil() || model.IsNil() {
		return v.IsNil() && model.IsNil()
	}
	all := v.Len() == model.Len()
	if v.Type().Elem().Kind() == reflect.Uint8 {
		all = all && bytes.Equal(v.Bytes(), model.Bytes())
	} else {
		for i := range min(v.Len(), model.Len()) {
			all = m.take(v.Index(i), model.Index(i)) && all
		}
	}
	if all {
		v.Set(model)
	}
	return all
}

func takeMap(v, model reflect.Value) bool {
	if v.IsNil() || model.IsNil() {
		return v.IsNil() && model.IsNil()
	}
	if texts, ok := reflect.TypeAssert[map[string]string](v); ok {
		if !takeTexts(texts, model.Interface().(map[string]string)) {
			return false
		}
	} else if !reflect.DeepEqual(v.Interface(), model.Interface()) {
		return false
	}
	v.Set(model)
	return true
}

// takeTexts takes keys and values. Setting a map's value takes the key along.
func takeTexts(texts, model map[string]string) (all bool) {
	if maps.Equal(texts, model) {
		return true
	}
	for key, value := range model {
		if texts[key] == value {
			if _, there := texts[key]; there {
				texts[key] = value
			}
		}
	}
	return false
}
