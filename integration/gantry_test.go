package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/gantry-ecs/gantry/localcluster"
)

const (
	ownNamespace = "gantry-system"
	readyLimit   = time.Minute
	stopLimit    = 20 * time.Second
)

// gantry is one process of `gantry serve`.
type gantry struct {
	address string
	args    []string
	command *exec.Cmd
	ended   chan struct{}
}

var gantryLogs atomic.Int32

// startGantry starts a replica and waits until it serves.
func startGantry(ctx context.Context, address string, args ...string) (*gantry, error) {
	g := &gantry{address: address, args: args}
	return g, g.start(ctx)
}

// replica starts one for a test, which it does not outlive.
func replica(t *testing.T, args ...string) *gantry {
	t.Helper()
	g, err := startGantry(t.Context(), freeAddress(t.Context()), args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.stop(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// start starts the process, or the next one on the same address, and waits until it
// serves.
func (g *gantry) start(ctx context.Context) error {
	name := filepath.Join(suite.logs, fmt.Sprintf("gantry-%d.log", gantryLogs.Add(1)))
	log, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("make log: %w", err)
	}
	defer log.Close()
	args := append([]string{
		"serve", "--kubeconfig=" + suite.kubeconfig, "--namespace=" + ownNamespace,
		"--listen=" + g.address,
	}, g.args...)
	g.command = exec.Command(suite.binary, args...)
	g.command.Stdout, g.command.Stderr = log, log
	g.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := g.command.Start(); err != nil {
		return fmt.Errorf("start gantry: %w", err)
	}
	ended := make(chan struct{})
	g.ended = ended
	go func(command *exec.Cmd) {
		_ = command.Wait() // a kill is no news
		close(ended)
	}(g.command)
	err = wait.PollUntilContextTimeout(ctx, 10*time.Millisecond, readyLimit, true, func(ctx context.Context) (bool, error) {
		select {
		case <-ended:
			return false, errors.New("it has ended")
		default:
			return g.ready(ctx), nil
		}
	})
	if err != nil {
		tail, _ := os.ReadFile(name)
		return errors.Join(fmt.Errorf("gantry is not ready, see %s: %w\n%s", name, err, tail[max(0, len(tail)-2000):]), g.stop())
	}
	return nil
}

func (g *gantry) endpoint() string { return "http://" + g.address }

func (g *gantry) ready(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, g.endpoint()+"/readyz", http.NoBody)
	if err != nil {
		return false
	}
	answer, err := direct.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// kill ends the process as a crash does: at once, in the middle of whatever it does.
func (g *gantry) kill() {
	_ = g.command.Process.Kill() // it may have ended
	<-g.ended
}

// stop ends the process in its own time, and the hard way where it takes long.
func (g *gantry) stop() error {
	_ = g.command.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-g.ended:
		return nil
	case <-time.After(stopLimit):
		g.kill()
		return fmt.Errorf("gantry on %s did not end within %s of SIGTERM", g.address, stopLimit)
	}
}

// restart starts the killed process again.
func (g *gantry) restart(t *testing.T) {
	t.Helper()
	if err := g.start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// down kills the shared replica for the rest of the test or until it is
// restarted. Such a test does not run in parallel with others.
func down(t *testing.T) {
	t.Helper()
	suite.gantry.kill()
	t.Cleanup(func() {
		select {
		case <-suite.gantry.ended:
			suite.gantry.restart(t)
		default:
		}
	})
}

func freeAddress(ctx context.Context) string {
	address, err := localcluster.FreeAddress(ctx)
	if err != nil {
		panic(err)
	}
	return address
}

// refuseOtherGantry: one that leads would stop and record the tests' tasks while
// they believe that none runs.
func refuseOtherGantry(ctx context.Context) error {
	lease, err := suite.kube.CoordinationV1().Leases(ownNamespace).Get(ctx, "gantry", metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read Gantry's lease: %w", err)
	}
	held := lease.Spec.HolderIdentity != nil && *lease.Spec.HolderIdentity != ""
	if held && lease.Spec.RenewTime != nil && time.Since(lease.Spec.RenewTime.Time) < 15*time.Second {
		return fmt.Errorf("%s leads on this cluster: start it with `gantry up --kubernetes-only`", *lease.Spec.HolderIdentity)
	}
	return nil
}
