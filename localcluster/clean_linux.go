package localcluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

const (
	shimProgram = "containerd-shim-runc-v2"
)

// killPods ends the shims of this cluster's containers and everything that
// runs below them. It repeats, since a program may fork while it is ended.
func (p plan) killPods() error {
	err := soon(killLimit, func() (bool, error) {
		victims, err := p.podProcesses()
		if err != nil {
			return false, err
		}
		for _, pid := range victims {
			if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
				return false, fmt.Errorf("end process %d: %w", pid, err)
			}
		}
		return len(victims) == 0, nil
	})
	if err != nil {
		return fmt.Errorf("end the processes of pods: %w", err)
	}
	return nil
}

// podProcesses are the shims that serve our containerd and their descendants.
// A container's processes whose shim is gone are found by their cgroup.
func (p plan) podProcesses() ([]int, error) {
	processes, err := procfs.AllProcs()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	parents := map[int]int{}
	victims := map[int]bool{}
	for _, proc := range processes {
		stat, err := proc.Stat()
		if err != nil || stat.State == "Z" {
			continue
		}
		parents[proc.PID] = stat.PPID
		if command, err := proc.CmdLine(); err == nil && len(command) > 0 &&
			filepath.Base(command[0]) == shimProgram && slices.Contains(command, p.containerdSocket()) {
			victims[proc.PID] = true
		}
	}
	for _, pid := range p.cgroupProcesses(cgroupRoot) {
		victims[pid] = true
	}
	return withDescendants(victims, parents), nil
}

// withDescendants are those of the roots that are alive, which is to have a
// parent, and all processes below them.
func withDescendants(roots map[int]bool, parents map[int]int) []int {
	// /proc is not read in one instant: process ids given again could make a circle.
	const maxDepth = 64
	below := func(pid int) bool {
		for range maxDepth {
			if roots[pid] {
				return true
			}
			if pid = parents[pid]; pid <= 1 {
				return false
			}
		}
		return false
	}
	var found []int
	for pid := range parents {
		if below(pid) {
			found = append(found, pid)
		}
	}
	return found
}

// unmountAll takes away every mount inside the state directory, the innermost first.
func (p plan) unmountAll() error {
	mounts, err := procfs.GetMounts()
	if err != nil {
		return fmt.Errorf("list mounts: %w", err)
	}
	var errs []error
	for _, mount := range slices.Backward(mounts) {
		if !strings.HasPrefix(mount.MountPoint, p.dir+"/") {
			continue
		}
		if err := unix.Unmount(mount.MountPoint, unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
			errs = append(errs, fmt.Errorf("unmount %s: %w", mount.MountPoint, err))
		}
	}
	return errors.Join(errs...)
}

// removeRuntimeState removes what a restart of the machine would have removed:
// containerd then knows that no container of its records runs.
func (p plan) removeRuntimeState() error {
	if err := os.RemoveAll(p.path("run")); err != nil {
		return fmt.Errorf("remove the runtime state: %w", err)
	}
	return nil
}
