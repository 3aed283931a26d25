package localcluster

import (
	"context"
	"errors"
)

// checkNode refuses a machine that cannot be a node, before anything is changed.
func (p plan) checkNode() error {
	if err := checkRequirements(); err != nil {
		return err
	}
	return p.checkAlone()
}

// prepareNode makes the machine ready to be a node. Containers of a killed
// predecessor are left to run: the kubelet finds them again.
func (p plan) prepareNode(ctx context.Context) error {
	raiseOpenFiles()
	if previous, err := p.readState(); err == nil && previous.Boot != bootID() {
		if err := p.removeRuntimeState(); err != nil {
			return err
		}
		if err := p.layout.prepare(p.mode); err != nil {
			return err
		}
	}
	if err := p.makeCgroups(cgroupRoot); err != nil {
		return err
	}
	if err := addNodeAddress(); err != nil {
		return err
	}
	if err := p.ports.checkFree(ctx, nodeAddress); err != nil {
		return err
	}
	if err := setFirewall(); err != nil {
		return err
	}
	return p.writeNodeFiles()
}

// cleanNode takes away all that the node put outside the state directory, and
// the processes and mounts of its pods.
func (p plan) cleanNode() error {
	mounted := errors.Join(p.killPods(), p.unmountAll())
	err := errors.Join(
		mounted,
		removeLinks(),
		removeFirewall(),
		p.removeCgroups(cgroupRoot),
		p.removeStrays(),
	)
	if mounted == nil { // through a mount it would remove what is on the other side
		err = errors.Join(err, p.removeRuntimeState())
	}
	if err != nil {
		return err
	}
	return removeIfThere(nodeMark)
}
