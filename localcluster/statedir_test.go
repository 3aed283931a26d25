package localcluster

import (
	"os"
	"path/filepath"
	"testing"
)

// All ways to write a directory are one: what a killed cluster left is looked for
// under the name that it was started with.
func TestStateDirHasOneName(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	want := filepath.Join(root, "not", "yet")
	t.Setenv("GANTRY_STATE_DIR", "not/yet")
	for _, given := range []string{"", "not/yet", "./not/../not/yet/", "link/not/yet", filepath.Join(root, "link", "link", "not", "yet")} {
		if got, err := StateDir(given); err != nil || got != want {
			t.Errorf("StateDir(%q) is %q, %v; want %s", given, got, err, want)
		}
	}
}
