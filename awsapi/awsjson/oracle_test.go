package awsjson

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/document"
	"github.com/aws/aws-sdk-go-v2/service/ecs/schemas"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	smithyawsjson "github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The SDK's own protocol, which reads answers and writes requests, is the
// oracle: what we write it must read as the same value.

var exportAll = cmp.Exporter(func(reflect.Type) bool { return true })

// equal compares documents by their JSON. The SDK's reader of timestamps takes
// a float times a thousand and drops the rest, so it may be a millisecond early.
var equal = cmp.Options{
	cmpopts.EquateApproxTime(time.Millisecond),
	cmp.FilterValues(func(a, b document.Interface) bool { return a != nil && b != nil }, cmp.Comparer(sameDocument)),
	cmpopts.EquateNaNs(), exportAll,
}

func sameDocument(a, b document.Interface) bool {
	ja, errA := canonical(a)
	jb, errB := canonical(b)
	return errA == nil && errB == nil && reflect.DeepEqual(ja, jb)
}

func canonical(d document.Interface) (v any, err error) {
	raw, err := d.MarshalSmithyDocument()
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return v, dec.Decode(&v)
}

// sdkRead reads an answer's body as the SDK's client would.
func sdkRead(tb testing.TB, body []byte, v smithy.Deserializable) error {
	tb.Helper()
	protocol := smithyawsjson.New11(smithy.NewServiceSchema(smithy.NewSchema(
		smithy.ShapeID{Namespace: "com.amazonaws.ecs", Name: "AmazonEC2ContainerServiceV20141113"}, smithy.ShapeTypeService, 0), ""))
	op := smithy.NewOperationSchema(schemas.RunTask, schemas.RunTaskRequest, schemas.RunTaskResponse)
	resp := &smithyhttp.Response{Response: &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)),
	}}
	return protocol.DeserializeResponse(tb.Context(), op, ecs.TypeRegistry, resp, v)
}

// operationTypes are the inputs and outputs of the SDK's client.
func operationTypes() (inputs, outputs []reflect.Type) {
	for m := range reflect.TypeFor[*ecs.Client]().Methods() {
		if m.Type.NumIn() == 4 && m.Type.NumOut() == 2 {
			inputs = append(inputs, m.Type.In(2).Elem())
			outputs = append(outputs, m.Type.Out(0).Elem())
		}
	}
	return inputs, outputs
}

func TestTheSDKReadsWhatWeWrite(t *testing.T) {
	inputs, outputs := operationTypes()
	if len(inputs) < 88 {
		t.Fatalf("%d operations found", len(inputs))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10 {
		for _, typ := range append(inputs, outputs...) {
			want := reflect.New(typ)
			fill(rng, want.Elem(), 0)
			body, err := ECS().Write(want.Interface())
			if err != nil {
				t.Fatalf("write %s: %v", typ, err)
			}
			got := reflect.New(typ).Interface()
			if unknown, err := ECS().Read(body, got); err != nil || len(unknown) > 0 {
				t.Fatalf("read %s back: error %v, unknown %v", typ, err, unknown)
			}
			if diff := cmp.Diff(want.Interface(), got, equal); diff != "" {
				t.Fatalf("%s (-written +read back):\n%s", typ, diff)
			}
			sdk, ok := reflect.TypeAssert[smithy.Deserializable](reflect.New(typ))
			if !ok {
				continue // inputs: the SDK does not read them
			}
			if err := sdkRead(t, body, sdk); err != nil {
				t.Fatalf("the SDK reads %s: %v\n%s", typ, err, body)
			}
			if diff := cmp.Diff(want.Interface(), sdk, equal); diff != "" {
				t.Fatalf("%s (-written +read by the SDK):\n%s", typ, diff)
			}
		}
	}
}

// fill sets a value of the SDK's types to something: absent, zero, empty or
// full, by chance.
func fill(rng *rand.Rand, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		if rng.IntN(4) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(rng, v.Elem(), depth)
		}
	case reflect.Struct:
		fillStructValue(rng, v, depth)
	case reflect.Slice:
		if n := rng.IntN(4); n > 0 && depth < 8 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range v.Len() {
				fill(rng, v.Index(i), depth+1)
			}
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range rng.IntN(3) {
			k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(rng, k, depth+1)
			fill(rng, e, depth+1)
			v.SetMapIndex(k, e)
		}
	case reflect.Interface:
		fillInterfaceValue(rng, v, depth)
	default:
		fillScalarValue(rng, v)
	}
}

func fillStructValue(rng *rand.Rand, v reflect.Value, depth int) {
	if v.Type() == timeType {
		v.Set(reflect.ValueOf(time.UnixMilli(rng.Int64N(4e12)).UTC()))
		return
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && !notOnWire[f.Name] {
			fill(rng, v.Field(i), depth+1)
		}
	}
}

func fillInterfaceValue(rng *rand.Rand, v reflect.Value, depth int) {
	u, ok := ECS().unions[v.Type()]
	if !ok {
		v.Set(reflect.ValueOf(ecsDocument([]byte(`{"a":[1.50,null,"<"]}`))))
		return
	}
	member := reflect.New(u.members[rng.IntN(len(u.members))])
	value := member.Elem().Field(0)
	if value.Kind() == reflect.Slice { // a nil member would be no union
		value.Set(reflect.MakeSlice(value.Type(), 0, 0))
	}
	if value.Kind() == reflect.Struct {
		fill(rng, value, depth+1)
	}
	if value.Kind() == reflect.String {
		value.SetString("INFO")
	}
	v.Set(member)
}

var texts = []string{"", "a", "<b>&\"'\\", "\u2028é😀\x00\n", "arn:aws:ecs:us-east-1:000000000000:cluster/default"}

func fillScalarValue(rng *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(rng.IntN(2) == 0)
	case reflect.String:
		v.SetString(texts[rng.IntN(len(texts))])
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(rng.IntN(1000)) / 8)
	default:
		v.SetInt(int64(rng.IntN(3) - 1))
	}
}
