package localcluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
)

// state is what the supervisor of a cluster writes down for other processes,
// and for the one that comes after it was killed.
type state struct {
	Mode             Mode              `json:"mode"`
	ControlPlaneOnly bool              `json:"controlPlaneOnly,omitempty"`
	Supervisor       int               `json:"supervisor"`
	Started          time.Time         `json:"started"`
	Ready            time.Time         `json:"ready,omitzero"`
	BinDir           string            `json:"binDir"`
	Boot             string            `json:"boot,omitempty"`
	Ports            Ports             `json:"ports"`
	Components       []componentRecord `json:"components"`
}

// componentRecord is one running program, and how it ended last.
type componentRecord struct {
	Name       string    `json:"name"`
	PID        int       `json:"pid"`
	Started    time.Time `json:"started"`
	Restarts   int       `json:"restarts"`
	LastExit   string    `json:"lastExit,omitempty"`
	LastExitAt time.Time `json:"lastExitAt,omitzero"`
}

// bootID is another one after each start of the machine.
func bootID() string {
	data, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

func (l layout) readState() (state, error) {
	var s state
	data, err := os.ReadFile(l.path("state.json"))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("read %s: %w", l.path("state.json"), err)
	}
	return s, nil
}

func (l layout) writeState(s state) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the state: %w", err)
	}
	return writeFile(l.path("state.json"), append(data, '\n'))
}

// ErrRunning says that a supervisor holds the state directory.
var ErrRunning = errors.New("the cluster runs already")

// lock makes this process the one that may write in the state directory. The
// kernel lets the lock go with the process, however that ends.
func (l layout) lock() (*os.File, error) {
	f, err := os.OpenFile(l.path("lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the state directory: %w", err)
	}
	if err := flock(f); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrRunning
		}
		return nil, fmt.Errorf("lock the state directory: %w", err)
	}
	if err := f.Truncate(0); err != nil {
		return nil, fmt.Errorf("write the lock: %w", err)
	}
	if _, err := fmt.Fprintf(f, "%d\n", os.Getpid()); err != nil {
		return nil, fmt.Errorf("write the lock: %w", err)
	}
	return f, nil
}

// flock tries for a moment: whoever asks whether the lock is held has it for
// an instant.
func flock(f *os.File) error {
	var err error
	_ = soon(200*time.Millisecond, func() (bool, error) {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		return !errors.Is(err, syscall.EWOULDBLOCK), nil
	})
	return err
}

// held tells whether a supervisor runs, and its process id.
func (l layout) held() (int, bool) {
	f, err := os.OpenFile(l.path("lock"), os.O_RDWR, 0)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err == nil {
		return 0, false
	}
	var pid int
	if _, err := fmt.Fscan(f, &pid); err != nil {
		return 0, false
	}
	return pid, true
}

func notExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
