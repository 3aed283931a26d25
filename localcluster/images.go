package localcluster

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	// pauseImage holds the namespaces of a pod open.
	pauseImage = "gantry.local/pause:1"
	// criNamespace is where containerd keeps what the kubelet uses.
	criNamespace = "k8s.io"
)

// LoadImages reads an image archive, as `docker save` and OCI tools write it,
// into the container runtime of the running cluster, and answers their names.
func LoadImages(ctx context.Context, stateDir, archive string) ([]string, error) {
	l, err := layoutOf(stateDir)
	if err != nil {
		return nil, err
	}
	if _, running := l.held(); !running {
		return nil, fmt.Errorf("no cluster runs in %s: start it with `gantry up`", l.dir)
	}
	s, err := l.readState()
	if err != nil {
		return nil, fmt.Errorf("read the state of the cluster: %w", err)
	}
	if s.Mode != ModeNode {
		return nil, fmt.Errorf("the node of this cluster is %s: it runs no containers and needs no images", s.Mode)
	}
	return plan{Options: Options{BinDir: s.BinDir}, layout: l}.importImages(ctx, archive)
}

func (p plan) importImages(ctx context.Context, archive string) ([]string, error) {
	path, err := filepath.Abs(archive)
	if err != nil {
		return nil, fmt.Errorf("image archive %s: %w", archive, err)
	}
	args := p.part("ctr", "--address", p.containerdSocket(), "--namespace", criNamespace, "images", "import", "--local", path)
	output, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("import images from %s: %w: %s", archive, err, strings.TrimSpace(string(output)))
	}
	return imageNames(string(output)), nil
}

// imageNames picks the names out of ctr's report, which has a line
// "unpacking NAME (DIGEST)...done" for each image.
func imageNames(report string) []string {
	var names []string
	for line := range strings.Lines(report) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "unpacking" {
			names = append(names, fields[1])
		}
	}
	return names
}
