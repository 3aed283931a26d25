package localcluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// All pods of this cluster are below one cgroup of its own, never in /kubepods:
// that is the kubelet's default, and so may be another Kubernetes' on this
// machine. Whoever clears it kills what runs there.

// cgroupHierarchies are the trees to look in: one in version 2, one for each
// controller in version 1.
func cgroupHierarchies(root string) []string {
	if _, err := os.Stat(filepath.Join(root, "cgroup.controllers")); err == nil {
		return []string{root}
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil
	}
	var trees []string
	for _, entry := range entries {
		trees = append(trees, filepath.Join(root, entry.Name()))
	}
	return trees
}

// makeCgroups makes the kubelet's cgroup root, which must be there when it
// starts. Version 1 has no more to it; in version 2 the controllers are handed
// down to it.
func (p plan) makeCgroups(root string) error {
	if cgroupsUnified() {
		return p.makeUnified(root)
	}
	for _, tree := range cgroupHierarchies(root) {
		var stat unix.Statfs_t
		if unix.Statfs(tree, &stat) != nil || stat.Type != unix.CGROUP_SUPER_MAGIC {
			continue // a folder without a hierarchy, or the one of version 2 beside them
		}
		if err := os.MkdirAll(filepath.Join(tree, p.cgroup()), 0o755); err != nil {
			return fmt.Errorf("make the cgroup of the pods: %w", err)
		}
	}
	return nil
}

// makeUnified: a group has the controllers that its parent hands down. One that
// cannot be handed down is the kubelet's to complain about if it needs it.
func (p plan) makeUnified(root string) error {
	group := filepath.Join(root, p.cgroup())
	if err := os.MkdirAll(group, 0o755); err != nil {
		return fmt.Errorf("make the cgroup of the pods: %w", err)
	}
	controllers, err := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	if err != nil {
		return fmt.Errorf("read the cgroup controllers: %w", err)
	}
	for controller := range strings.FieldsSeq(string(controllers)) {
		err := os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+"+controller), 0)
		if err != nil && slices.Contains(neededControllers, controller) {
			return fmt.Errorf("hand the %s cgroup controller down to the pods: %w", controller, err)
		}
	}
	return nil
}

// podCgroups are the cgroup root of the pods and all that the kubelet made below
// it, deepest first.
func (p plan) podCgroups(root string) []string {
	var found []string
	for _, tree := range cgroupHierarchies(root) {
		_ = filepath.WalkDir(filepath.Join(tree, p.cgroup()), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				found = append(found, path)
			}
			return nil
		})
	}
	slices.Reverse(found)
	return found
}

func (p plan) cgroupProcesses(root string) []int {
	var pids []int
	for _, group := range p.podCgroups(root) {
		data, err := os.ReadFile(filepath.Join(group, "cgroup.procs"))
		if err != nil {
			continue
		}
		for line := range strings.FieldsSeq(string(data)) {
			if pid, err := strconv.Atoi(line); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// removeCgroups repeats while the kernel still counts a process that has ended.
func (p plan) removeCgroups(root string) error {
	var last error
	err := soon(killLimit, func() (bool, error) {
		groups := p.podCgroups(root)
		for _, group := range groups {
			if err := unix.Rmdir(group); err != nil && !errors.Is(err, unix.ENOENT) {
				last = fmt.Errorf("remove cgroup %s: %w", group, err)
			}
		}
		return len(groups) == 0, nil
	})
	if err != nil {
		return errors.Join(err, last)
	}
	return nil
}
