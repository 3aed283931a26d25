package localcluster

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// layout names the files of a state directory.
type layout struct{ dir string }

func (l layout) path(parts ...string) string {
	return filepath.Join(append([]string{l.dir}, parts...)...)
}

func (l layout) pki(file string) string              { return l.path("pki", file) }
func (l layout) config(file string) string           { return l.path("config", file) }
func (l layout) log(component string) string         { return l.path("logs", component+".log") }
func (l layout) componentKubeconfig(n string) string { return l.path("config", n+".kubeconfig") }
func (l layout) adminKubeconfig() string             { return l.path("kubeconfig") }
func (l layout) containerdSocket() string            { return l.path("run", "containerd.sock") }
func (l layout) containerdState() string             { return l.path("run", "containerd") }

// cgroup is the cgroup of this cluster's pods, by the state directory's name, so
// that a successor finds it.
func (l layout) cgroup() string {
	hash := sha256.Sum256([]byte(l.dir))
	return "gantry-" + hex.EncodeToString(hash[:4])
}

// Linux allows 107 bytes in the name of a Unix socket. The longest are those
// of the shims: run/s/ and 64 hexadecimal digits.
const (
	longestNodeStateDir = 107 - len("/run/s/") - 64
	longestStateDir     = 70
)

// prepare makes the directories. Only the owner may look: keys are in there.
func (l layout) prepare(mode Mode) error {
	longest := longestStateDir
	if mode == ModeNode {
		longest = longestNodeStateDir
	}
	if len(l.dir) > longest {
		return fmt.Errorf("the state directory %s has more than %d characters, and the sockets in it would have names that Linux refuses: choose a shorter one with --state-dir", l.dir, longest)
	}
	for _, dir := range []string{"", "pki", "config", "logs", "run"} {
		if err := os.MkdirAll(l.path(dir), 0o700); err != nil {
			return fmt.Errorf("make the state directory: %w", err)
		}
	}
	return nil
}

// writeFile writes a file that only its owner may read, whole or not at all.
func writeFile(path string, data []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path))
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = temporary.Write(data)
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temporary.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
