package localcluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	readyLimit = 90 * time.Second
	stopGrace  = 8 * time.Second
	// settled is how long a component must live for its next end to count as
	// the first one.
	settled = 30 * time.Second
)

// restartDelays between the end of a component and its next start.
var restartDelays = wait.Backoff{Duration: 200 * time.Millisecond, Factor: 2, Jitter: 0.1, Steps: 1 << 20, Cap: 10 * time.Second}

// supervised is a component that is kept running.
type supervised struct {
	component Component
	logPath   string
	restarted func(Step)

	mu         sync.Mutex
	current    *process
	restarts   int
	started    time.Time
	lastExit   string
	lastExitAt time.Time

	stopping chan struct{}
	stopOnce sync.Once
	grace    time.Duration // valid when stopping is closed
	done     chan struct{}
}

// supervise starts a component, waits until it is ready, and from then on
// starts it again whenever it ends, and says so.
func supervise(ctx context.Context, c Component, logPath string, restarted func(Step)) (*supervised, error) {
	fail := func(err error) error {
		return &ComponentError{Component: c.Title, Err: err, LastLines: LastLines(logPath, 10), LogPath: logPath, Try: c.Try}
	}
	p, err := startProcess(c, logPath)
	if err != nil {
		return nil, fail(err)
	}
	if err := p.waitReady(ctx, c, readyLimit); err != nil {
		p.stop(stopGrace)
		return nil, fail(err)
	}
	s := &supervised{
		component: c, logPath: logPath, restarted: restarted, current: p, started: time.Now(),
		stopping: make(chan struct{}), done: make(chan struct{}),
	}
	go s.keep()
	return s, nil
}

// keep ends when the component is stopped for good.
func (s *supervised) keep() {
	defer close(s.done)
	delays := restartDelays
	for {
		p := s.process()
		select {
		case <-s.stopping:
			p.stop(s.grace)
			return
		case <-p.exited:
		}
		s.noteExit(fmt.Sprint(p.cmd.ProcessState))
		if time.Since(s.startedAt()) > settled {
			delays = restartDelays
		}
		if !s.restart(&delays) {
			return
		}
	}
}

// restart tries until a start succeeds; false means the component is to stop.
func (s *supervised) restart(delays *wait.Backoff) bool {
	for {
		select {
		case <-s.stopping:
			return false
		case <-time.After(delays.Step()):
		}
		p, err := startProcess(s.component, s.logPath)
		if err != nil {
			s.noteExit(err.Error())
			continue
		}
		s.restarted(s.replace(p))
		return true
	}
}

// noteExit keeps how the component ended, or why it did not start again.
func (s *supervised) noteExit(how string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastExit, s.lastExitAt = how, time.Now()
}

func (s *supervised) replace(p *process) Step {
	s.mu.Lock()
	defer s.mu.Unlock()
	step := Step{
		Name: s.component.Name, State: StepRestarted, Detail: s.lastExit, Log: s.logPath,
		Elapsed: s.lastExitAt.Sub(s.started), Restarts: s.restarts + 1,
	}
	s.current, s.started = p, time.Now()
	s.restarts++
	return step
}

// stop ends the component for good, by force when grace is over.
func (s *supervised) stop(grace time.Duration) {
	s.stopOnce.Do(func() {
		s.grace = grace
		close(s.stopping)
	})
	<-s.done
}

func (s *supervised) process() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

func (s *supervised) startedAt() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started
}

func (s *supervised) record() componentRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	return componentRecord{
		Name: s.component.Name, PID: s.current.pid(), Started: s.started,
		Restarts: s.restarts, LastExit: s.lastExit, LastExitAt: s.lastExitAt,
	}
}
