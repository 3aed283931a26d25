package testimages

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gantry-ecs/gantry/localcluster"
)

// programsPackage is where each program's package is.
const programsPackage = "github.com/gantry-ecs/gantry/testimages/programs/"

// Names are the programs there are, in the order of their names.
func Names() []string {
	return []string{"checks", "eats-memory", "exits", "ignores-sigterm", "prints-args", "sidecar", "sleeps", "web"}
}

// Reference is the name of a program's image.
func Reference(name string) string { return "gantry.local/" + name + ":1" }

// Build compiles programs and writes one archive of their images into dir, for
// this machine's architecture. Without names it builds all. It must run inside
// the module, where the Go toolchain finds the programs.
func Build(ctx context.Context, dir string, names ...string) (string, error) {
	if len(names) == 0 {
		names = Names()
	}
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return "", fmt.Errorf("make the folder of the programs: %w", err)
	}
	args := []string{"build", "-ldflags=-s -w", "-o", bin + string(filepath.Separator)}
	images := make([]localcluster.Image, 0, len(names))
	for _, name := range names {
		args = append(args, programsPackage+name)
		images = append(images, localcluster.Image{Reference: Reference(name), Program: filepath.Join(bin, name)})
	}
	command := exec.CommandContext(ctx, "go", args...)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH)
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", strings.Join(names, ", "), err, output)
	}
	archive := filepath.Join(dir, "images.tar")
	if err := localcluster.WriteImages(archive, images...); err != nil {
		return "", err
	}
	return archive, nil
}
