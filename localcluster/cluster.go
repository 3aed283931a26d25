package localcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Cluster is a running cluster that this process supervises.
type Cluster struct {
	plan plan
	lock *os.File

	mu          sync.Mutex
	state       state
	supervised  []*supervised
	nodeTouched bool // the machine outside the state directory may be changed
	saved       bool // the state file is this cluster's
	stopWatch   context.CancelFunc
	watches     sync.WaitGroup
}

// Start makes the cluster run and returns when it is ready to use. It fails
// with ErrRunning where one runs in the same state directory. After any other
// failure nothing is left running.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	c := &Cluster{plan: plan{Options: o, layout: layout{o.StateDir}, mode: o.mode(), ports: fixedPorts}}
	if err := c.plan.prepare(c.plan.mode); err != nil {
		return nil, err
	}
	if c.lock, err = c.plan.layout.lock(); err != nil {
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// Kubeconfig is the path of the administrator's kubeconfig.
func (c *Cluster) Kubeconfig() string { return c.plan.adminKubeconfig() }

// Mode is the shape of the cluster.
func (c *Cluster) Mode() Mode { return c.plan.mode }

func (c *Cluster) start(ctx context.Context) error {
	p := &c.plan
	if err := c.step("files", "certificates and configuration", func() error { return c.prepare(ctx) }); err != nil {
		return err
	}
	c.mu.Lock()
	c.state = state{
		Mode: p.mode, ControlPlaneOnly: p.ControlPlaneOnly, Supervisor: os.Getpid(), Started: time.Now(), BinDir: p.BinDir, Boot: bootID(), Ports: p.ports,
	}
	c.mu.Unlock()
	if err := c.save(); err != nil {
		return err
	}
	for i, group := range p.groups() {
		if err := c.startGroup(ctx, group); err != nil {
			return err
		}
		if err := c.between(ctx, i); err != nil {
			return err
		}
	}
	c.mu.Lock()
	c.state.Ready = time.Now()
	c.mu.Unlock()
	c.watch(ctx)
	return c.save()
}

// prepare clears what a killed predecessor left, and writes all files.
func (c *Cluster) prepare(ctx context.Context) error {
	p := &c.plan
	if err := p.clearProcesses(); err != nil {
		return err
	}
	if p.hasNode() {
		if err := p.checkNode(); err != nil {
			return err
		}
	}
	if p.throwaway() {
		ports, err := freePorts(ctx)
		if err != nil {
			return err
		}
		p.ports = ports
	} else {
		if err := p.ports.checkFree(ctx, "127.0.0.1"); err != nil {
			return err
		}
	}
	for _, extra := range p.Extra {
		if extra.Listen == "" {
			continue
		}
		if err := checkAddress(ctx, extra.Listen); err != nil {
			return err
		}
	}
	if err := p.writeIdentities(); err != nil {
		return err
	}
	if p.hasNode() {
		if err := p.markNode(); err != nil {
			return err
		}
		c.nodeTouched = true
		return p.prepareNode(ctx)
	}
	if p.mode == ModeSimulated {
		return p.writeKwokConfig()
	}
	return nil
}

// between does what the next group needs from the one that runs now.
func (c *Cluster) between(ctx context.Context, group int) error {
	p := c.plan
	switch {
	case group == 1:
		return c.step("objects", "the cluster's own objects", func() error { return p.applyObjects(ctx) })
	case group == 2 && p.hasWorkloads():
		since := c.state.Started
		if p.mode == ModeSimulated {
			since = time.Time{} // kwok renews the lease, not the conditions
		}
		return c.step("node", "node Ready", func() error { return p.waitNode(ctx, since) })
	}
	return nil
}

func (c *Cluster) startGroup(ctx context.Context, group []Component) error {
	starts, groupContext := errgroup.WithContext(ctx)
	for _, component := range group {
		starts.Go(func() error {
			return c.step(component.Name, component.Title, func() error { return c.startComponent(groupContext, component) })
		})
	}
	return starts.Wait()
}

func (c *Cluster) startComponent(ctx context.Context, component Component) error {
	logPath := c.plan.log(component.Name)
	if component.Prepare != nil {
		if err := component.Prepare(ctx, c.Kubeconfig()); err != nil {
			return &ComponentError{Component: component.Title, Err: err, LogPath: logPath, Try: component.Try}
		}
	}
	if component.Args != nil {
		component.Command = append(slices.Clone(component.Command), component.Args(c.Kubeconfig())...)
	}
	s, err := supervise(ctx, component, logPath, func(s Step) {
		_ = c.save() // written again at the next change
		c.plan.Progress(s)
	})
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.supervised = append(c.supervised, s)
	c.mu.Unlock()
	return c.save()
}

func (c *Cluster) step(name, detail string, do func() error) error {
	s := Step{Name: name, Detail: detail, State: StepBegun}
	if slices.ContainsFunc(c.plan.components(), func(c Component) bool { return c.Name == name }) {
		s.Log = c.plan.log(name)
	}
	began := time.Now()
	c.plan.Progress(s)
	err := do()
	s.State, s.Elapsed = StepDone, time.Since(began)
	switch {
	case errors.Is(err, context.Canceled):
		s.State = StepGivenUp
	case err != nil:
		s.State = StepFailed
	}
	c.plan.Progress(s)
	return err
}

// save writes the state for `gantry status` and for the process after this one.
func (c *Cluster) save() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Components = nil
	for _, s := range c.supervised {
		c.state.Components = append(c.state.Components, s.record())
	}
	c.saved = true
	return c.plan.writeState(c.state)
}

// Stop ends every process, and takes away every mount, interface, address,
// firewall rule and cgroup. The state directory keeps the cluster's objects.
func (c *Cluster) Stop() error {
	if c.stopWatch != nil {
		c.stopWatch()
		c.watches.Wait()
	}
	c.mu.Lock()
	running := slices.Clone(c.supervised)
	c.mu.Unlock()
	var err error
	if len(running) > 0 {
		err = c.step("stop", "components stopped", func() error {
			stopInOrder(running, c.plan.throwaway())
			return nil
		})
	}
	var unclean error
	if c.nodeTouched {
		unclean = c.step("clean", "pods, mounts, network removed", func() error { return c.plan.cleanNode() })
		err = errors.Join(err, unclean)
	}
	// The state stays for `gantry down` where something is left, and that of a killed
	// predecessor where this start came not far enough to take over.
	if unclean == nil && (c.saved || c.nodeTouched) {
		if removeErr := os.Remove(c.plan.path("state.json")); removeErr != nil && !notExist(removeErr) {
			err = errors.Join(err, fmt.Errorf("remove the state file: %w", removeErr))
		}
	}
	return errors.Join(err, c.lock.Close())
}

// stopInOrder stops what started last first: whatever still runs can then
// still write. A throwaway cluster has nothing to lose.
func stopInOrder(running []*supervised, throwaway bool) {
	grace := stopGrace
	if throwaway {
		grace = 0
	}
	order := map[string]int{"containerd": 1, "kube-apiserver": 2, "etcd": 3}
	for rank := range 4 {
		var stops sync.WaitGroup
		for _, s := range running {
			if throwaway || order[s.component.Name] == rank {
				stops.Go(func() { s.stop(min(grace, graceOf(s.component.Name))) })
			}
		}
		stops.Wait()
	}
}

// graceOf: the API server waits for the end of every watch, and a client
// elsewhere may hold one for an hour. All that it knows is in etcd.
func graceOf(component string) time.Duration {
	if component == "kube-apiserver" {
		return 2 * time.Second
	}
	return stopGrace
}
