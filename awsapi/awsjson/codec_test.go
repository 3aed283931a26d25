package awsjson

import (
	"reflect"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/document"
	"github.com/google/go-cmp/cmp"
)

// TestFirstUsesAtOnce: what is learned of a type by one call must be whole when
// another sees it.
func TestFirstUsesAtOnce(t *testing.T) {
	c := New(LowerFirst, ecsUnions, map[reflect.Type]func([]byte) any{reflect.TypeFor[document.Interface](): ecsDocument})
	_, outputs := operationTypes()
	bodies := snapshotBodies(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, typ := range outputs {
				v := reflect.New(typ).Interface()
				if _, err := c.Read(bodies[typ.Name()], v); err != nil {
					t.Error(err)
				}
				got, err := c.Write(v)
				if diff := cmp.Diff(string(bodies[typ.Name()]), string(got)); err != nil || diff != "" {
					t.Errorf("%s: error %v (-snapshot +written):\n%s", typ, err, diff)
				}
			}
		})
	}
	wg.Wait()
}

func TestWrongUseOfTheCodecPanics(t *testing.T) {
	for name, use := range map[string]func(){
		"read into a value":      func() { _, _ = kitchenCodec.Read([]byte(`{}`), kitchen{}) },
		"read into nil":          func() { _, _ = kitchenCodec.Read([]byte(`{}`), (*kitchen)(nil)) },
		"write a list":           func() { _, _ = kitchenCodec.Write([]string{}) },
		"a type without a form":  func() { kitchenCodec.Prepare(reflect.TypeFor[struct{ C chan int }]()) },
		"an interface of nobody": func() { kitchenCodec.Prepare(reflect.TypeFor[struct{ E error }]()) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			use()
		})
	}
}
