//go:build !linux

package localcluster

import (
	"context"
	"errors"
)

const bridgeName = "gbr0"

var errNeedsLinux = errors.New("a node that runs containers needs Linux: `gantry up --simulated` works here")

func (p plan) checkNode() error { return errNeedsLinux }

func (p plan) markNode() error { return errNeedsLinux }

func (p plan) prepareNode(context.Context) error { return errNeedsLinux }

func (p plan) cleanNode() error { return nil }

func letPodsThrough() error { return nil }
