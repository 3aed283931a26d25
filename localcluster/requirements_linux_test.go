package localcluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMissingProgramsAreNamedWithTheirPackages(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := checkRequirements()
	if err == nil {
		t.Fatal("an empty PATH is enough")
	}
	for _, want := range []string{"nft is not installed: `apt-get install nftables`", "iptables is not installed: `apt-get install iptables`"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
}

func TestUnifiedCgroups(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"machine", map[string]string{"cgroup.controllers": "cpuset cpu io memory pids", "cgroup.procs": "1\n2\n"}, ""},
		{"container that is in order", map[string]string{"cgroup.controllers": "cpu memory pids", "cgroup.type": "domain", "cgroup.procs": ""}, ""},
		{"container with processes", map[string]string{"cgroup.controllers": "cpu memory pids", "cgroup.type": "domain", "cgroup.procs": "1\n"}, "holds processes"},
		{"no memory", map[string]string{"cgroup.controllers": "cpu pids", "cgroup.procs": ""}, "memory cgroup controller"},
		{"nothing", nil, "controllers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			for file, content := range c.files {
				if err := os.WriteFile(filepath.Join(root, file), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := checkUnified(root)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
