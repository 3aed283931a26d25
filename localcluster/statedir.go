package localcluster

import (
	"fmt"
	"os"
	"path/filepath"
)

// StateDir is the state directory that is meant by what a user gives: absolute
// and without symbolic links, for sockets, mounts and the cgroup are found again
// by its name. Empty is $GANTRY_STATE_DIR, or .gantry in the home directory.
func StateDir(given string) (string, error) {
	if given == "" {
		var err error
		if given, err = defaultStateDir(); err != nil {
			return "", err
		}
	}
	absolute, err := filepath.Abs(given)
	if err != nil {
		return "", fmt.Errorf("state directory %s: %w", given, err)
	}
	dir, err := realPath(absolute)
	if err != nil {
		return "", fmt.Errorf("state directory %s: %w", given, err)
	}
	return dir, nil
}

func defaultStateDir() (string, error) {
	if dir := os.Getenv("GANTRY_STATE_DIR"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no state directory: set GANTRY_STATE_DIR: %w", err)
	}
	return filepath.Join(home, ".gantry"), nil
}

// realPath follows the links of as much of the path as there is.
func realPath(path string) (string, error) {
	missing := ""
	for {
		found, err := filepath.EvalSymlinks(path)
		if err == nil {
			return filepath.Join(found, missing), nil
		}
		parent := filepath.Dir(path)
		if !notExist(err) || parent == path {
			return "", fmt.Errorf("follow links: %w", err)
		}
		path, missing = parent, filepath.Join(filepath.Base(path), missing)
	}
}

// layoutOf is the layout of the state directory that a caller gives.
func layoutOf(given string) (layout, error) {
	dir, err := StateDir(given)
	return layout{dir}, err
}
