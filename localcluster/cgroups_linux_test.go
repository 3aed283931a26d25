package localcluster

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Both shapes of the hierarchy, with the pods of another Kubernetes and of
// another cluster of Gantry's beside ours.
func TestPodsOfOthersAreLeftAlone(t *testing.T) {
	p := plan{layout: layout{"/some/state"}}
	other := plan{layout: layout{"/another/state"}}
	for name, trees := range map[string][]string{"version 1": {"cpu", "memory"}, "version 2": {""}} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if name == "version 2" {
				writeGroup(t, filepath.Join(root, "cgroup.controllers"), "cpu memory pids")
			}
			for _, tree := range trees {
				writeGroup(t, filepath.Join(root, tree, "kubepods", "burstable", "pod1", "cgroup.procs"), "11\n")
				writeGroup(t, filepath.Join(root, tree, other.cgroup(), "kubepods", "pod2", "cgroup.procs"), "22\n")
				writeGroup(t, filepath.Join(root, tree, p.cgroup(), "kubepods", "pod3", "cgroup.procs"), "33\n34\n")
			}
			pids := map[int]bool{}
			for _, pid := range p.cgroupProcesses(root) {
				pids[pid] = true
			}
			if diff := cmp.Diff(map[int]bool{33: true, 34: true}, pids); diff != "" {
				t.Error(diff)
			}
			for _, tree := range trees { // the kernel's own files go with a cgroup
				if err := os.Remove(filepath.Join(root, tree, p.cgroup(), "kubepods", "pod3", "cgroup.procs")); err != nil {
					t.Fatal(err)
				}
			}
			if err := p.removeCgroups(root); err != nil {
				t.Fatal(err)
			}
			for _, tree := range trees {
				if _, err := os.Stat(filepath.Join(root, tree, p.cgroup())); !notExist(err) {
					t.Errorf("our cgroup is still in %q: %v", tree, err)
				}
				for _, kept := range []string{"kubepods/burstable/pod1", other.cgroup() + "/kubepods/pod2"} {
					if _, err := os.Stat(filepath.Join(root, tree, kept)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

func writeGroup(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
