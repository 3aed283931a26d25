package awsapi

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// The SDK's module holds a request and an answer of each operation and each
// error, with every member filled, as its own tests want them.

// snapshotExceptions are the snapshots that are not met, with the reason.
const snapshotExceptions = "testdata/snapshot-exceptions.txt"

func TestRequestSnapshots(t *testing.T) {
	svc := NewECS()
	snaps := snapshots(t, "request_snapshot", ".request.snap")
	if len(snaps) != len(svc.operations) {
		t.Errorf("%d snapshots, %d operations", len(snaps), len(svc.operations))
	}
	for name, snap := range snaps {
		t.Run(name, func(t *testing.T) {
			roundTrip(t, svc, snap, svc.operations[name].in)
		})
	}
}

func TestResponseSnapshots(t *testing.T) {
	svc := NewECS()
	snaps := snapshots(t, "response_snapshot", ".response.snap")
	if len(snaps) != len(svc.operations) {
		t.Errorf("%d snapshots, %d operations", len(snaps), len(svc.operations))
	}
	for name, snap := range snaps {
		t.Run(name, func(t *testing.T) {
			ans := roundTrip(t, svc, snap, svc.operations[name].out)
			if got := fmt.Sprint(ans.status); got != snap.first {
				t.Errorf("status line %q, want %q", got, snap.first)
			}
		})
	}
}

func roundTrip(t *testing.T, svc *Service, snap snapshot, typ reflect.Type) answer {
	t.Helper()
	v := reflect.New(typ).Interface()
	unknown, err := svc.protocol.read(snap.body, v)
	if err != nil {
		t.Fatal(err)
	}
	if len(unknown) > 0 {
		t.Errorf("members not known: %v", unknown)
	}
	ans, err := svc.protocol.write(v)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(snap.body), string(ans.body)); diff != "" {
		t.Errorf("body (-snapshot +written):\n%s", diff)
	}
	return ans
}

func TestErrorSnapshots(t *testing.T) {
	svc := NewECS()
	snaps := snapshots(t, "response_snapshot", ".error.snap")
	if want := errorTypes(); len(snaps) != want {
		t.Errorf("%d snapshots, %d error types", len(snaps), want)
	}
	for name, snap := range snaps {
		t.Run(name, func(t *testing.T) {
			v, ok := ecs.TypeRegistry.DeserializableError(name)
			if !ok {
				t.Fatalf("the SDK has no type %s", name)
			}
			if unknown, err := svc.protocol.read(snap.body, v); err != nil || !cmp.Equal(unknown, []string{"/__type"}) {
				t.Fatalf("read: error %v, members not known %v", err, unknown)
			}
			ans := svc.protocol.errorAnswer("", v.(smithy.APIError))
			if got := fmt.Sprint(ans.status); got != snap.first {
				t.Errorf("status line %q, want %q", got, snap.first)
			}
			if diff := cmp.Diff(string(snap.body), string(ans.body)); diff != "" {
				t.Errorf("body (-snapshot +written):\n%s", diff)
			}
		})
	}
}

func errorTypes() int {
	n := 0
	for _, e := range ecs.TypeRegistry.Entries {
		if _, ok := e.New().(smithy.APIError); ok {
			n++
		}
	}
	return n
}

// snapshot is one file: its first line, headers, an empty line, the body.
type snapshot struct {
	first string
	body  []byte
}

func snapshots(t *testing.T, folder, suffix string) map[string]snapshot {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(moduleDir(t), folder, "*"+suffix))
	if err != nil {
		t.Fatal(err)
	}
	skip := exceptions(t)
	found := map[string]snapshot{}
	for _, path := range paths {
		base := filepath.Base(path)
		if reason, ok := skip[base]; ok {
			t.Logf("%s: %s", base, reason)
			continue
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found[strings.TrimSuffix(base, suffix)] = parseSnapshot(raw)
	}
	return found
}

func parseSnapshot(raw []byte) snapshot {
	first, rest, _ := bytes.Cut(raw, []byte("\n"))
	// A request has an empty line after its first one too.
	rest = bytes.TrimPrefix(rest, []byte("\n"))
	_, body, _ := bytes.Cut(rest, []byte("\n\n"))
	return snapshot{first: string(first), body: body}
}

func exceptions(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open(snapshotExceptions)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	found := map[string]string{}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if line := sc.Text(); line != "" && !strings.HasPrefix(line, "#") {
			name, reason, _ := strings.Cut(line, ": ")
			found[name] = reason
		}
	}
	return found
}

func moduleDir(tb testing.TB) string {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), "go", "list", "-m", "-f", "{{.Dir}}",
		"github.com/aws/aws-sdk-go-v2/service/ecs").Output()
	if err != nil {
		tb.Fatalf("find the SDK's module: %v", err)
	}
	return strings.TrimSpace(string(out))
}
