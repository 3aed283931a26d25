package docs

import (
	"bytes"
	"flag"
	"io"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gantry-ecs/gantry/compat"
)

var update = flag.Bool("update", false, "write the pages")

func TestPages(t *testing.T) {
	results, err := compat.ReadResults("../compat/results.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(io.Writer) error{
		"coverage.md": func(w io.Writer) error { return WriteCoverage(w, results) },
		"rules.md":    WriteRules,
		"corpus.md":   func(w io.Writer) error { return WriteCorpus(w, "../taskdef/testdata/corpus/valid") },
	} {
		t.Run(name, func(t *testing.T) {
			var page bytes.Buffer
			if err := write(&page); err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(name, page.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			held, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(held), page.String()); diff != "" {
				t.Errorf("docs/%s is not what the code says (-page +code); go generate ./docs writes it:\n%s", name, diff)
			}
		})
	}
}
