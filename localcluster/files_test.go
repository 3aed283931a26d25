package localcluster

import (
	"archive/tar"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

func TestImageNamesOfAReport(t *testing.T) {
	report := `time="2026-11-24T18:16:56Z" level=warning msg="DEPRECATION: x/y:z"
unpacking gantry.local/web:1 (sha256:9c51)...done
unpacking docker.io/library/busybox:latest (sha256:1f2e)...done
`
	want := []string{"gantry.local/web:1", "docker.io/library/busybox:latest"}
	if diff := cmp.Diff(want, imageNames(report)); diff != "" {
		t.Error(diff)
	}
}

func TestParseGates(t *testing.T) {
	for text, want := range map[string]map[string]bool{
		"":                  {},
		"A=true":            {"A": true},
		"A=false, B=true":   {"A": false, "B": true},
		"A,B=maybe,C=false": {"C": false},
	} {
		if diff := cmp.Diff(want, parseGates(text)); diff != "" {
			t.Errorf("%q:\n%s", text, diff)
		}
	}
}

func TestNameServers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte("# nameserver 1.1.1.1\nsearch example.com\nnameserver 192.0.2.53\nnameserver\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"192.0.2.53"}, nameServers(file)); diff != "" {
		t.Error(diff)
	}
	if servers := nameServers(file + ".missing"); servers != nil {
		t.Errorf("a file that is not there names %v", servers)
	}
}

func TestPortInUseIsASentence(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ports, err := freePorts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := ports.checkFree(t.Context(), "127.0.0.1"); err != nil {
		t.Errorf("free ports: %v", err)
	}
	ports.Scheduler = l.Addr().(*net.TCPAddr).Port
	err = ports.checkFree(t.Context(), "127.0.0.1")
	if err == nil || !strings.Contains(err.Error(), l.Addr().String()+" is in use") {
		t.Errorf("got %v", err)
	}
}

func TestOneSupervisorAStateDirectory(t *testing.T) {
	l := layout{t.TempDir()}
	if _, held := l.held(); held {
		t.Error("held before anybody locked it")
	}
	lock, err := l.lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.lock(); !errors.Is(err, ErrRunning) {
		t.Errorf("a second lock: %v", err)
	}
	if pid, held := l.held(); !held || pid != os.Getpid() {
		t.Errorf("held by %d, %t", pid, held)
	}
	if err := Delete(l.dir); err == nil {
		t.Error("a state directory was deleted under its supervisor")
	}
	startingWith := func(what string) {
		if status, err := Inspect(t.Context(), l.dir); err != nil || status.State != Starting || status.Supervisor != os.Getpid() {
			t.Errorf("%s: %+v, error %v, want it to be starting", what, status, err)
		}
	}
	startingWith("nothing written")
	if err := l.writeState(state{Supervisor: os.Getpid() + 1, Ready: time.Now()}); err != nil {
		t.Fatal(err)
	}
	startingWith("what a killed one wrote")
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if _, held := l.held(); held {
		t.Error("held after the lock was let go")
	}
}

func TestLongStateDirectoryIsRefused(t *testing.T) {
	for mode, length := range map[Mode]int{ModeNode: longestNodeStateDir, ModeControlPlane: longestStateDir} {
		dir := filepath.Join(t.TempDir(), strings.Repeat("x", length))
		if err := (layout{dir}).prepare(mode); err == nil || !strings.Contains(err.Error(), "--state-dir") {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

func TestForeignFolderIsNotDeleted(t *testing.T) {
	dir := t.TempDir()
	if err := Delete(dir); err == nil {
		t.Error("a folder without a lock was deleted")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}

func TestImageHoldsTheProgramAlone(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("binary"), 0o755); err != nil {
		t.Fatal(err)
	}
	build := func() (string, map[string]string) {
		image, err := Image{Reference: "gantry.local/x:1", Program: program, User: "65532"}.build()
		if err != nil {
			t.Fatal(err)
		}
		digest, err := image.Digest()
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.Config.User != "65532" || config.OS != "linux" {
			t.Errorf("user %q, os %q", config.Config.User, config.OS)
		}
		files := map[string]string{}
		flat := mutate.Extract(image)
		defer flat.Close()
		for r := tar.NewReader(flat); ; {
			header, err := r.Next()
			if errors.Is(err, io.EOF) {
				return digest.String(), files
			}
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			files[header.Name] = string(data)
		}
	}
	digest, files := build()
	if diff := cmp.Diff(map[string]string{"program": "binary", "tmp": "", "etc": ""}, files); diff != "" {
		t.Error(diff)
	}
	if again, _ := build(); again != digest {
		t.Errorf("the same program gives %s and %s", digest, again)
	}
}
