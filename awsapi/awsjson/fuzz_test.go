package awsjson

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// FuzzRead holds the reader to three things: it never panics; what it accepts
// it writes so that it reads the same again; and so that the SDK reads the same.
func FuzzRead(f *testing.F) {
	inputs, outputs := operationTypes()
	types := slices.Concat(inputs, outputs)
	for name, body := range snapshotBodies(f) {
		i := slices.IndexFunc(types, func(t reflect.Type) bool { return t.Name() == name })
		if i < 0 {
			f.Fatalf("no type %s for a snapshot", name)
		}
		f.Add(uint16(i), body)
	}
	for _, body := range []string{
		``, `null`, `[]`, `{"a":{}}`, `{"services":[null]}`, `{"tasks":[{"createdAt":1e300,"version":1.0}],"failures":[]}`,
		`{"tasks":[{"createdAt":-0.0005,"cpu":"\ud83d\ude00","tags":[]}]}`, `{"cluster":"a","cluster":null}`,
	} {
		for i := range types {
			f.Add(uint16(i), []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, index uint16, body []byte) {
		typ := types[int(index)%len(types)]
		v := reflect.New(typ).Interface()
		if _, err := ECS().Read(body, v); err != nil {
			return
		}
		written, err := ECS().Write(v)
		if err != nil {
			t.Fatalf("%s read from %q is not written: %v", typ, body, err)
		}
		again := reflect.New(typ).Interface()
		if unknown, err := ECS().Read(written, again); err != nil || len(unknown) > 0 {
			t.Fatalf("read %s: error %v, unknown %v", written, err, unknown)
		}
		if diff := cmp.Diff(v, again, equal); diff != "" {
			t.Fatalf("%s (-read +read again):\n%s", written, diff)
		}
		sdk, ok := reflect.TypeAssert[smithy.Deserializable](reflect.New(typ))
		if !ok {
			return
		}
		if err := sdkRead(t, written, sdk); err != nil {
			t.Fatalf("the SDK reads %s: %v", written, err)
		}
		if diff := cmp.Diff(v, sdk, equal); diff != "" {
			t.Fatalf("%s (-read +read by the SDK):\n%s", written, diff)
		}
	})
}

// snapshotBodies are the requests and answers that the SDK's module holds, by
// the name of their Go type.
func snapshotBodies(tb testing.TB) map[string][]byte {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), "go", "list", "-m", "-f", "{{.Dir}}",
		"github.com/aws/aws-sdk-go-v2/service/ecs").Output()
	if err != nil {
		tb.Fatalf("find the SDK's module: %v", err)
	}
	bodies := map[string][]byte{}
	for suffix, kind := range map[string]string{
		"request_snapshot/*.request.snap": "Input", "response_snapshot/*.response.snap": "Output",
	} {
		paths, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), suffix))
		if err != nil || len(paths) == 0 {
			tb.Fatalf("no snapshots at %s: %v", suffix, err)
		}
		for _, path := range paths {
			raw, err := os.ReadFile(path)
			if err != nil {
				tb.Fatal(err)
			}
			op, _, _ := strings.Cut(filepath.Base(path), ".")
			bodies[op+kind] = raw[bytes.LastIndex(raw, []byte("\n\n"))+2:]
		}
	}
	return bodies
}
