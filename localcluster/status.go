package localcluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	sysprocess "github.com/shirou/gopsutil/v4/process"
)

// Status is what runs in a state directory, seen from any process.
type Status struct {
	State      RunState          `json:"state"`
	Mode       Mode              `json:"mode,omitempty"`
	Node       string            `json:"node,omitempty"`
	Simulated  bool              `json:"simulated"`
	StateDir   string            `json:"stateDir"`
	Kubeconfig string            `json:"kubeconfig,omitempty"`
	Server     string            `json:"server,omitempty"`
	Supervisor int               `json:"supervisor,omitempty"`
	Started    time.Time         `json:"started,omitzero"`
	Ready      time.Time         `json:"ready,omitzero"`
	Components []ComponentStatus `json:"components"`
}

// RunState tells a cluster that was stopped from one whose supervisor died.
type RunState string

// The states of a cluster.
const (
	Stopped  RunState = "stopped"
	Starting RunState = "starting"
	Running  RunState = "running"
	// Killed: the supervisor is gone and has cleaned nothing up.
	Killed RunState = "killed"
)

// ComponentStatus is the health of one component.
type ComponentStatus struct {
	Name        string    `json:"name"`
	Title       string    `json:"title"`
	Healthy     bool      `json:"healthy"`
	Problem     string    `json:"problem,omitempty"`
	PID         int       `json:"pid,omitempty"`
	MemoryBytes uint64    `json:"memoryBytes,omitempty"`
	Started     time.Time `json:"started,omitzero"`
	Restarts    int       `json:"restarts"`
	// LastExit is how the program ended before it was started again.
	LastExit   string    `json:"lastExit,omitempty"`
	LastExitAt time.Time `json:"lastExitAt,omitzero"`
	Endpoint   string    `json:"endpoint,omitempty"`
	Log        string    `json:"log"`
	Purpose    string    `json:"purpose"`
	ECS        string    `json:"ecs"`
}

// statusTimeout bounds the question to one component.
const statusTimeout = 3 * time.Second

// Inspect asks every component of the cluster in a state directory how it is.
func Inspect(ctx context.Context, stateDir string, extra ...Component) (Status, error) {
	l, err := layoutOf(stateDir)
	status := Status{State: Stopped, StateDir: l.dir, Components: []ComponentStatus{}}
	if err != nil {
		return status, err
	}
	pid, running := l.held()
	s, err := l.readState()
	if notExist(err) {
		if running {
			status.State, status.Supervisor = Starting, pid
		}
		return status, nil
	}
	if err != nil {
		return status, err
	}
	switch {
	case !running:
		status.State = Killed
	case s.Supervisor != pid: // what is written is of the one before
		status.State, status.Supervisor = Starting, pid
		return status, nil
	case s.Ready.IsZero():
		status.State = Starting
	default:
		status.State = Running
	}
	p := s.plan(l, extra...)
	status.Mode, status.Simulated, status.Supervisor = s.Mode, s.Mode == ModeSimulated, pid
	status.Started, status.Ready = s.Started, s.Ready
	status.Kubeconfig, status.Server = l.adminKubeconfig(), p.server()
	if p.hasWorkloads() {
		status.Node = p.nodeName()
	}
	if status.State != Killed {
		status.Components = p.inspectComponents(ctx, s)
	}
	return status, nil
}

// plan is the plan that a state was made by.
func (s state) plan(l layout, extra ...Component) plan {
	return plan{
		Options: Options{StateDir: l.dir, BinDir: s.BinDir, ControlPlaneOnly: s.ControlPlaneOnly, Extra: extra},
		layout:  l, mode: s.Mode, ports: s.Ports,
	}
}

func (p plan) inspectComponents(ctx context.Context, s state) []ComponentStatus {
	components := p.components()
	found := make([]ComponentStatus, len(components))
	var asked sync.WaitGroup
	for i, c := range components {
		found[i] = ComponentStatus{
			Name: c.Name, Title: c.Title, Endpoint: c.Endpoint, Log: p.log(c.Name), Purpose: c.Purpose, ECS: c.ECS,
			Problem: "not started",
		}
		for _, record := range s.Components {
			if record.Name == c.Name {
				asked.Go(func() { found[i].ask(ctx, c, record) })
			}
		}
	}
	asked.Wait()
	return found
}

func (s *ComponentStatus) ask(ctx context.Context, c Component, record componentRecord) {
	s.PID, s.Started, s.Problem = record.PID, record.Started, ""
	s.Restarts, s.LastExit, s.LastExitAt = record.Restarts, record.LastExit, record.LastExitAt
	if running, err := sysprocess.NewProcessWithContext(ctx, int32(record.PID)); err == nil { //nolint:gosec // a process id
		if memory, err := running.MemoryInfoWithContext(ctx); err == nil {
			s.MemoryBytes = memory.RSS
		}
	}
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	if c.Ready != nil {
		if err := c.Ready(ctx); err != nil {
			s.Problem = fmt.Sprint(err)
			return
		}
	}
	s.Healthy = true
}
