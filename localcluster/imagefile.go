package localcluster

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Image is a container image of one static program and nothing else.
type Image struct {
	// Reference is the image's name, such as gantry.local/web:1.
	Reference string
	// Program is the path of the binary; it becomes the entry point.
	Program string
	// User that the program runs as, empty for root.
	User string
}

// WriteImages writes an archive of images for this machine's architecture,
// which LoadImages reads.
func WriteImages(path string, images ...Image) error {
	contents := map[name.Reference]v1.Image{}
	for _, image := range images {
		reference, err := name.ParseReference(image.Reference)
		if err != nil {
			return fmt.Errorf("image name %s: %w", image.Reference, err)
		}
		if contents[reference], err = image.build(); err != nil {
			return fmt.Errorf("image %s: %w", image.Reference, err)
		}
	}
	if err := tarball.MultiRefWriteToFile(path, contents); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// build has no times in it: the same program gives the same image.
func (i Image) build() (v1.Image, error) {
	const entry = "program"
	program, err := os.ReadFile(i.Program)
	if err != nil {
		return nil, err
	}
	var layerTar bytes.Buffer
	w := tar.NewWriter(&layerTar)
	for _, directory := range []string{"tmp/", "etc/"} {
		mode := int64(0o755)
		if directory == "tmp/" {
			mode = 0o1777
		}
		if err := w.WriteHeader(&tar.Header{Name: directory, Typeflag: tar.TypeDir, Mode: mode}); err != nil {
			return nil, err
		}
	}
	if err := w.WriteHeader(&tar.Header{Name: entry, Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(program))}); err != nil {
		return nil, err
	}
	if _, err := w.Write(program); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(layerTar.Bytes())), nil
	})
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", runtime.GOARCH
	file.Config.Entrypoint = []string{"/" + entry}
	file.Config.User = i.User
	return mutate.ConfigFile(image, file)
}

// importPauseImage gives containerd the image of every pod's sandbox. It is
// quick enough to be done at each start, and an image that someone removed is
// there again.
func (p plan) importPauseImage(ctx context.Context) error {
	archive := p.path("run", "pause.tar")
	if err := WriteImages(archive, Image{Reference: pauseImage, Program: p.program("gantry-pause")}); err != nil {
		return err
	}
	defer os.Remove(archive)
	_, err := p.importImages(ctx, archive)
	return err
}
