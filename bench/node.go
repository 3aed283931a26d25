package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gantry-ecs/gantry/localcluster"
	"github.com/gantry-ecs/gantry/testimages"
)

// localEndpoint is where `gantry up` puts the ECS API.
const localEndpoint = "http://127.0.0.1:4566"

// openNode starts a cluster once to make its state, stops it, and starts it
// again: the second start is the warm one, and is timed.
func (p *place) openNode(ctx context.Context, o options) error {
	gantry := func(ctx context.Context, args ...string) error {
		args = append(args, "--state-dir="+p.dir)
		output, err := exec.CommandContext(ctx, o.gantry, args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("gantry %s: %w: %s", args[0], err, output)
		}
		return nil
	}
	if err := gantry(ctx, "up", "--detach"); err != nil {
		return err
	}
	p.close = append(p.close, func(ctx context.Context) error { return gantry(ctx, "down", "--delete") })
	if err := gantry(ctx, "down"); err != nil {
		return err
	}
	began := time.Now()
	up := make(chan error, 1)
	go func() { up <- gantry(ctx, "up", "--detach") }()
	answered := awaitAnswer(ctx, newECS(localEndpoint, aws.NopRetryer{}), func() error { return nil })
	p.warmUp = time.Since(began)
	if err := <-up; err != nil {
		return err
	}
	if answered != nil {
		return answered
	}
	return p.furnish(ctx, p.dir)
}

// openRunning uses the machine's cluster, and leaves it running.
func (p *place) openRunning(ctx context.Context) error {
	dir, err := localcluster.StateDir("")
	if err != nil {
		return err
	}
	return p.furnish(ctx, dir)
}

func (p *place) furnish(ctx context.Context, stateDir string) error {
	archive, err := testimages.Build(ctx, p.dir, "sleeps", "web")
	if err != nil {
		return err
	}
	if _, err := localcluster.LoadImages(ctx, stateDir, archive); err != nil {
		return err
	}
	return p.connect(localEndpoint, filepath.Join(stateDir, "kubeconfig"))
}

func warmUpTime(_ context.Context, _ options, p *place, res *result) error {
	if p.warmUp == 0 {
		return fmt.Errorf("the cluster ran already")
	}
	seconds := p.warmUp.Seconds()
	res.Value = &seconds
	res.Note = "from the command to the answer to ListClusters; state and binaries there; load " + load()
	return nil
}
