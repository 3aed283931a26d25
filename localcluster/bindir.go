package localcluster

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// nodeBinary is the program that is every part of the cluster.
const nodeBinary = "gantry-node"

// FindBinDir finds gantry-node: beside the running program, in bin/ of the
// checkout that the working directory is in, or in PATH.
func FindBinDir() (string, error) {
	if self, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(self); err == nil {
			self = real
		}
		if dir := filepath.Dir(self); isProgram(filepath.Join(dir, nodeBinary)) {
			return dir, nil
		}
	}
	if wd, err := os.Getwd(); err == nil {
		for dir := wd; ; dir = filepath.Dir(dir) {
			if bin := filepath.Join(dir, "bin"); isProgram(filepath.Join(bin, nodeBinary)) {
				return bin, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	if path, err := exec.LookPath(nodeBinary); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errors.New("gantry-node is not beside this program, not in bin/ of a checkout and not in PATH: build it with `make build` in a checkout of Gantry")
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
