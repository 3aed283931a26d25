package localcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// The test binary plays the component: TestMain runs it where this is set.
const playVariable = "GANTRY_TEST_COMPONENT"

func TestMain(m *testing.M) {
	switch role := os.Getenv(playVariable); role {
	case "":
		os.Exit(m.Run())
	case "fails":
		fmt.Println("cannot open the moon")
		os.Exit(3)
	default: // a file to make as a sign of being ready
		if err := os.WriteFile(role, nil, 0o600); err != nil {
			panic(err)
		}
		select {}
	}
}

func played(t *testing.T, role string) Component {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Component{
		Name: "played", Title: "played part", Command: []string{self}, Env: []string{playVariable + "=" + role}, Try: "another moon",
		Ready: func(context.Context) error {
			_, err := os.Stat(role)
			return err
		},
	}
}

func TestComponentThatDiesIsStartedAgain(t *testing.T) {
	dir := t.TempDir()
	changes := make(chan Step, 10)
	s, err := supervise(t.Context(), played(t, filepath.Join(dir, "ready")), filepath.Join(dir, "log"), func(s Step) { changes <- s })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop(time.Second) })
	first := s.record().PID
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var said Step
	select {
	case said = <-changes:
	case <-time.After(10 * time.Second):
		t.Fatal("not started again within 10 s")
	}
	if record := s.record(); record.Restarts != 1 || record.PID == first {
		t.Errorf("after a kill of process %d: %+v", first, record)
	} else if record.LastExit != "signal: killed" || record.LastExitAt.IsZero() || record.Started.Before(record.LastExitAt) {
		t.Errorf("its end is not recorded: %+v", record)
	}
	if said.State != StepRestarted || said.Name != "played" || said.Detail != "signal: killed" || said.Restarts != 1 || said.Log == "" || said.Elapsed <= 0 {
		t.Errorf("its end is not said: %+v", said)
	}
}

func TestStoppedComponentStaysStopped(t *testing.T) {
	dir := t.TempDir()
	s, err := supervise(t.Context(), played(t, filepath.Join(dir, "ready")), filepath.Join(dir, "log"), func(Step) {})
	if err != nil {
		t.Fatal(err)
	}
	pid := s.record().PID
	s.stop(time.Second)
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d after stop: %v", pid, err)
	}
	if record := s.record(); record.Restarts != 0 {
		t.Errorf("it was started again: %+v", record)
	}
}

func TestFailureSaysWhatTheComponentSaid(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	_, err := supervise(t.Context(), played(t, "fails"), log, func(Step) {})
	if _, ok := errors.AsType[*ComponentError](err); !ok {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"played part did not start", "exit status 3", "cannot open the moon", log, "another moon"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%s", want, err)
		}
	}
}

func TestStartGivenUpLeavesNoProcess(t *testing.T) {
	dir := t.TempDir()
	ready := filepath.Join(dir, "ready")
	component := played(t, ready)
	never := errors.New("never ready")
	component.Ready = func(context.Context) error { return never }
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		// Given up only once the program runs.
		_ = wait.PollUntilContextTimeout(ctx, 5*time.Millisecond, 10*time.Second, true, func(context.Context) (bool, error) {
			_, err := os.Stat(ready)
			return err == nil, nil
		})
		cancel()
	}()
	if _, err := supervise(ctx, component, filepath.Join(dir, "log"), func(Step) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was given up", err)
	}
}
