package image

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const (
	root = "../.."
	// certificates is where Debian, and the Dockerfile's build stage, keep them.
	certificates = "/etc/ssl/certs/ca-certificates.crt"
)

// finalStage is the last stage of the Dockerfile, with what it copies from the
// build stage taken from the build's context instead.
func finalStage(dockerfile string) (string, error) {
	at := strings.LastIndex(dockerfile, "\nFROM ")
	if at < 0 {
		return "", errors.New("the Dockerfile has no second stage")
	}
	stage := dockerfile[at+1:]
	if !strings.HasPrefix(stage, "FROM scratch\n") {
		return "", errors.New("the Dockerfile's final stage does not begin from scratch")
	}
	return strings.ReplaceAll(stage, "--from=build ", ""), nil
}

// buildContext is what Docker builds from: the final stage, a program built from
// this tree, and this machine's certificates.
func buildContext(t *testing.T) io.ReadSeeker {
	t.Helper()
	dockerfile, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	stage, err := finalStage(string(dockerfile))
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "gantry")
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", program, "./cmd/gantry")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build gantry: %v\n%s", err, output)
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	err = errors.Join(
		addFile(w, "Dockerfile", 0o644, []byte(stage)),
		addHostFile(w, "gantry", 0o755, program),
		addHostFile(w, path.Join(".", certificates), 0o644, certificates),
		w.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(archive.Bytes())
}

func addHostFile(w *tar.Writer, name string, mode int64, from string) error {
	data, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) && from == certificates {
		return fmt.Errorf("%w: install Debian's ca-certificates", err)
	}
	if err != nil {
		return err
	}
	return addFile(w, name, mode, data)
}

func addFile(w *tar.Writer, name string, mode int64, data []byte) error {
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(data))}); err != nil {
		return err
	}
	_, err := w.Write(data)
	return err
}
