package testimages_test

import (
	"os"
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/gantry-ecs/gantry/testimages"
)

func TestNamesAreThePrograms(t *testing.T) {
	entries, err := os.ReadDir("programs")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, entry := range entries {
		folders = append(folders, entry.Name())
	}
	if diff := cmp.Diff(folders, testimages.Names()); diff != "" {
		t.Errorf("folders of programs (-) and Names (+):\n%s", diff)
	}
}

func TestBuildWritesOneArchiveOfStaticImages(t *testing.T) {
	archive, err := testimages.Build(t.Context(), t.TempDir(), "exits", "sleeps")
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"exits", "sleeps"} {
		tag, err := name.NewTag(testimages.Reference(program))
		if err != nil {
			t.Fatal(err)
		}
		image, err := tarball.ImageFromPath(archive, &tag)
		if err != nil {
			t.Fatalf("%s: %v", tag, err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.OS != "linux" || len(config.Config.Entrypoint) != 1 || path.Dir(config.Config.Entrypoint[0]) != "/" {
			t.Errorf("%s: os %q, entry point %q", tag, config.OS, config.Config.Entrypoint)
		}
	}
}
