package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// target is one run of `go build`.
type target struct {
	title    string
	packages []string
	ldflags  string
	args     []string
	cgo      bool
	linux    bool
}

// noDebugData leaves out what -s -w would throw away again: an eighth of the time
// to compile. Stack traces keep their lines. The Makefile builds its programs alike,
// so that all share what is compiled.
const noDebugData = "-gcflags=all=-dwarf=false"

func targets(version string) []target {
	return []target{
		{
			title: "gantry-node: all of Kubernetes in one program", ldflags: stamp(version),
			packages: []string{"./cmd/gantry-node"},
		},
		{title: "simulated node", packages: []string{"sigs.k8s.io/kwok/cmd/kwok"}},
		{title: "sandbox, shim and network plugins", linux: true, packages: []string{
			"./cmd/gantry-pause",
			"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
			"github.com/containernetworking/plugins/plugins/main/bridge",
			"github.com/containernetworking/plugins/plugins/main/loopback",
			"github.com/containernetworking/plugins/plugins/ipam/host-local",
			"github.com/containernetworking/plugins/plugins/meta/portmap",
		}},
		{title: "runc", linux: true, cgo: true, args: []string{"-tags=seccomp"}, packages: []string{"github.com/opencontainers/runc"}},
	}
}

// stamp makes the components say their real version; without it they call
// themselves v0.0.0 and refuse one another.
func stamp(version string) string {
	major, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	minor, _, _ := strings.Cut(rest, ".")
	var flags []string
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		flags = append(flags, "-X "+pkg+".gitVersion="+version, "-X "+pkg+".gitMajor="+major, "-X "+pkg+".gitMinor="+minor)
	}
	return strings.Join(flags, " ")
}

func kubernetesVersion(ctx context.Context) (string, error) {
	output, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return "", fmt.Errorf("find the version of Kubernetes: %w: %s", err, exit.Stderr)
		}
		return "", fmt.Errorf("find the version of Kubernetes: %w", err)
	}
	return strings.TrimSpace(string(output)), nil
}

func (t target) build(ctx context.Context, out string) error {
	args := append([]string{"build", "-v", noDebugData, "-ldflags=-s -w " + t.ldflags, "-o", out + string(filepath.Separator)}, t.args...)
	command := exec.CommandContext(ctx, "go", append(args, t.packages...)...) //nolint:gosec // a fixed list
	cgo := "0"
	if t.cgo {
		cgo = "1"
	}
	command.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	began := time.Now()
	p := newProgress(t.title)
	failed := make(chan []string)
	go func() {
		last := p.follow(bufio.NewScanner(reader))
		_, _ = io.Copy(io.Discard, reader) // a line that is too long ends the scanner, not the build
		failed <- last
	}()
	err := command.Run()
	_ = writer.Close()
	last := <-failed
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", t.title, err, strings.Join(last, "\n"))
	}
	p.done(time.Since(began))
	return nil
}
