package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"go.uber.org/zap"

	"github.com/gantry-ecs/gantry/server"
)

// serveVariable names a kubeconfig: this program is then a replica on that
// cluster, which listens at the address that is its first argument.
const serveVariable = "GANTRY_API_TEST_SERVE"

// serve is the whole life of a replica that is a process of its own.
func serve(kubeconfig, address string) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	config, err := adminConfig(kubeconfig)
	if err == nil {
		cfg := serverConfig(config, address)
		cfg.Log = zap.Must(zap.NewProduction())
		err = server.Run(ctx, cfg)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

// process is a replica that can be killed: this test's program, started again, or
// another one.
type process struct {
	address string
	program func() *exec.Cmd
	command *exec.Cmd
	ended   chan struct{}
	log     bytes.Buffer
}

func startProcess(t *testing.T, kubeconfig string) *process {
	t.Helper()
	return startProgram(t, func(address string) *exec.Cmd {
		command := exec.Command(os.Args[0], address)
		command.Env = append(os.Environ(), serveVariable+"="+kubeconfig)
		return command
	})
}

func startProgram(t *testing.T, program func(address string) *exec.Cmd) *process {
	t.Helper()
	p := &process{address: freeAddress(t)}
	p.program = func() *exec.Cmd { return program(p.address) }
	t.Cleanup(func() { // also where it never serves
		p.kill()
		if log := p.log.Bytes(); t.Failed() {
			t.Logf("the replica at %s said last:\n%s", p.address, log[max(0, len(log)-4000):])
		}
	})
	p.start(t)
	return p
}

// start starts the process, or the next one at the same address, and waits until
// it serves.
func (p *process) start(t *testing.T) {
	t.Helper()
	p.command = p.program()
	p.command.Stderr = &p.log
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	p.ended = ended
	go func(command *exec.Cmd) {
		_ = command.Wait() // a kill is no news
		close(ended)
	}(p.command)
	awaitReady(t, "http://"+p.address, func() error {
		select {
		case <-ended:
			return errors.New("the replica has ended")
		default:
			return nil
		}
	})
}

// kill ends the process as a crash does: at once, in the middle of whatever it does.
func (p *process) kill() {
	if p.ended == nil {
		return // it never started
	}
	_ = p.command.Process.Kill() // it may have ended
	<-p.ended
}

// stop ends the process in its own time.
func (p *process) stop(t *testing.T) {
	t.Helper()
	_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		t.Errorf("the replica at %s did not end at SIGTERM", p.address)
		p.kill()
	}
}

func (p *process) client() *ecs.Client {
	return clientAt("http://"+p.address, "test", "us-east-1")
}

// rounds is how often a test repeats what is random.
func rounds(few, soak int) int {
	if os.Getenv("GANTRY_SOAK") != "" {
		return soak
	}
	return few
}
