// Package gantry_test looks at the checkout as a whole.
package gantry_test

import (
	"os"
	"testing"

	"golang.org/x/mod/modfile"
)

// TestModulesAgree: what Gantry and its embedded cluster both require has one
// version. One package that differs is compiled twice, and so is all that imports
// it: a version of golang.org/x/sys for each made it most of Kubernetes' libraries.
func TestModulesAgree(t *testing.T) {
	t.Parallel()
	embedded := requirements(t, "embedded/go.mod")
	for path, version := range requirements(t, "go.mod") {
		if other, shared := embedded[path]; shared && other != version {
			t.Errorf("go.mod requires %s %s, embedded/go.mod %s: `go get` the higher one in both, and `go mod tidy`", path, version, other)
		}
	}
}

// requirements are the versions by module, replacements done.
func requirements(t *testing.T, file string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := modfile.Parse(file, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, required := range parsed.Require {
		versions[required.Mod.Path] = required.Mod.Version
	}
	for _, replaced := range parsed.Replace {
		if _, required := versions[replaced.Old.Path]; required {
			versions[replaced.Old.Path] = replaced.New.Version
		}
	}
	return versions
}
