package localcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// downLimit is longer than an orderly stop of everything takes.
const downLimit = 90 * time.Second

// Down stops the cluster of a state directory from outside: it asks its
// supervisor to, or cleans up after one that was killed. It answers whether
// there was anything to stop.
func Down(ctx context.Context, stateDir string) (bool, error) {
	l, err := layoutOf(stateDir)
	if err != nil {
		return false, err
	}
	pid, running := l.held()
	if running {
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			return true, fmt.Errorf("ask process %d, which runs the cluster, to stop: %w", pid, err)
		}
		err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, downLimit, true, func(context.Context) (bool, error) {
			_, held := l.held()
			return !held, nil
		})
		if err != nil {
			return true, fmt.Errorf("process %d, which runs the cluster, has not stopped within %s (kill -9 %d, then `gantry down` again): %w", pid, downLimit, pid, err)
		}
	}
	s, err := l.readState()
	if notExist(err) {
		return running, nil
	}
	if err != nil {
		return true, err
	}
	return true, l.cleanAfter(s)
}

// cleanAfter does for a killed supervisor what it could not.
func (l layout) cleanAfter(s state) error {
	lock, err := l.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	p := s.plan(l)
	err = p.clearProcesses()
	if p.hasNode() {
		err = errors.Join(err, p.cleanNode())
	}
	if err != nil {
		return err
	}
	if err := os.Remove(l.path("state.json")); err != nil {
		return fmt.Errorf("remove the state file: %w", err)
	}
	return nil
}

// Delete removes the state directory of a cluster that does not run.
func Delete(stateDir string) error {
	l, err := layoutOf(stateDir)
	if err != nil {
		return err
	}
	if _, err := os.Stat(l.path("lock")); notExist(err) {
		if _, err := os.Stat(l.dir); notExist(err) {
			return nil
		}
		return fmt.Errorf("%s does not look like a state directory of Gantry's (it has no file named lock): nothing is deleted", l.dir)
	}
	lock, err := l.lock()
	if errors.Is(err, ErrRunning) {
		pid, _ := l.held()
		return fmt.Errorf("the cluster in %s runs (process %d)", l.dir, pid)
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := os.RemoveAll(l.dir); err != nil {
		return fmt.Errorf("delete the state: %w", err)
	}
	return nil
}
