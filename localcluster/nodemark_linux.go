package localcluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// nodeMark names the state directory whose cluster has this machine as its
// node: there can be one. Like all that a node leaves on a machine, it goes
// with a restart of the machine.
const nodeMark = "/run/gantry-node"

// markNode makes the machine this cluster's node. Of two that start at once one is
// refused, before it has changed anything that is the other's.
func (p plan) markNode() error {
	mine := fmt.Sprintf("%s.%d", nodeMark, os.Getpid())
	if err := writeFile(mine, []byte(p.dir+"\n")); err != nil {
		return fmt.Errorf("mark this machine as the node: %w", err)
	}
	defer os.Remove(mine)
	err := os.Link(mine, nodeMark)
	if errors.Is(err, fs.ErrExist) {
		dir, err := markedNode()
		if err != nil || dir == p.dir {
			return err
		}
		pid, _ := layout{dir}.held()
		return otherCluster(dir, pid)
	}
	if err != nil {
		return fmt.Errorf("mark this machine as the node: %w", err)
	}
	return nil
}

func otherCluster(dir string, pid int) error {
	return fmt.Errorf("another cluster of Gantry's runs on this machine, in %[1]s (process %[2]d): `gantry down --state-dir %[1]s` stops it", dir, pid)
}

// markedNode is the state directory of the cluster that has this machine, or
// had it when it was killed; "" where there is none.
func markedNode() (string, error) {
	data, err := os.ReadFile(nodeMark)
	if notExist(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read which cluster has this machine as its node: %w", err)
	}
	return strings.TrimSpace(string(data)), nil
}

// clearOther takes away what a cluster with another state directory left when
// it was killed. Its own state stays, to be started again.
func (p plan) clearOther() error {
	dir, err := markedNode()
	if err != nil || dir == "" || dir == p.dir {
		return err
	}
	other := layout{dir}
	if pid, running := other.held(); running {
		return otherCluster(dir, pid)
	}
	s, err := other.readState()
	if err == nil {
		return other.cleanAfter(s)
	}
	if !notExist(err) {
		return err
	}
	return plan{layout: other, mode: ModeNode}.cleanNode()
}
