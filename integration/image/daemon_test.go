//go:build linux

package image

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	daemonLimit = time.Minute
	// pluginDir is made by every daemon, wherever its own folders are.
	pluginDir = "/run/docker/plugins"
)

// cannot ends the test: without what it needs, and in CI that is a failure.
func cannot(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// ensureDocker installs Debian's Docker where there is no daemon's program.
func ensureDocker(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("dockerd"); err == nil {
		return
	}
	command := exec.CommandContext(t.Context(), "go", "run", "./deps", "docker.io")
	command.Dir = filepath.Join("..", "..", "tools")
	if output, err := command.CombinedOutput(); err != nil {
		cannot(t, fmt.Sprintf("no dockerd, and Debian's cannot be installed: %v\n%s", err, output))
	}
}

// startDaemon runs a Docker daemon for the test alone and returns its address.
// It makes no bridge and no firewall rule, and every folder of it is the test's.
func startDaemon(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gantry-docker-") // short: sockets are in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		unmountNamespaces(t, filepath.Join(dir, "exec", "netns"))
		removeAll(t, dir)
	})
	if _, err := os.Stat(filepath.Dir(pluginDir)); errors.Is(err, fs.ErrNotExist) {
		t.Cleanup(func() { removeAll(t, filepath.Dir(pluginDir)) })
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "daemon.json") // not the machine's
	if err := os.WriteFile(config, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "docker.sock")
	address := "unix://" + socket
	daemon := exec.Command("dockerd",
		"--host="+address, "--data-root="+filepath.Join(dir, "data"), "--exec-root="+filepath.Join(dir, "exec"),
		"--pidfile="+filepath.Join(dir, "pid"), "--config-file="+config,
		"--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
		// Its default is above what a process without CAP_SYS_RESOURCE may ask for.
		"--default-ulimit=nofile=1024:4096",
	)
	daemon.Stdout, daemon.Stderr = log, log
	daemon.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	t.Cleanup(func() {
		stopDaemon(t, daemon, ended)
		_ = log.Close()
	})
	if err := awaitSocket(t.Context(), socket, ended); err != nil {
		text, _ := os.ReadFile(log.Name())
		t.Fatalf("dockerd: %v\n%s", err, text)
	}
	return address
}

func awaitSocket(ctx context.Context, socket string, ended <-chan error) error {
	return wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, daemonLimit, true, func(ctx context.Context) (bool, error) {
		select {
		case err := <-ended:
			return false, fmt.Errorf("it has ended: %w", err)
		default:
		}
		connection, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		if err != nil {
			return false, nil
		}
		return true, connection.Close()
	})
}

// stopDaemon ends the daemon, which ends its own containerd.
func stopDaemon(t *testing.T, daemon *exec.Cmd, ended <-chan error) {
	t.Helper()
	if err := daemon.Process.Signal(syscall.SIGTERM); err != nil {
		return
	}
	select {
	case <-ended:
	case <-time.After(daemonLimit):
		t.Error("dockerd did not end after SIGTERM")
		_ = daemon.Process.Kill()
	}
}

// unmountNamespaces takes away what a daemon leaves of containers in the
// machine's own network.
func unmountNamespaces(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // no container was started
	}
	for _, entry := range entries {
		name := filepath.Join(dir, entry.Name())
		// EINVAL: it is a file, and nothing is mounted there.
		if err := syscall.Unmount(name, syscall.MNT_DETACH); err != nil && !errors.Is(err, syscall.EINVAL) {
			t.Errorf("unmount %s: %v", name, err)
		}
	}
}

func removeAll(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Errorf("remove %s: %v", dir, err)
	}
}
