package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/gantry-ecs/gantry/localcluster"
)

// answerLimit is how long a start may take at most.
const answerLimit = 2 * time.Minute

func applyCRDs(ctx context.Context, gantry, kubeconfig string) error {
	crds, err := exec.CommandContext(ctx, gantry, "crds").Output()
	if err != nil {
		return fmt.Errorf("run gantry crds: %w", err)
	}
	return localcluster.Apply(ctx, kubeconfig, crds)
}

// served is a `gantry serve` that this process started.
type served struct {
	program, kubeconfig, address, log string

	process *os.Process
	failure error // valid when ended is closed
	ended   chan struct{}
}

// serve starts `gantry serve` on a free port and waits for its first answer.
func (p *place) serve(ctx context.Context, gantry, kubeconfig string) error {
	address, err := localcluster.FreeAddress(ctx)
	if err != nil {
		return err
	}
	p.gantry = &served{program: gantry, kubeconfig: kubeconfig, address: address, log: filepath.Join(p.dir, "serve.log")}
	if err := p.gantry.start(); err != nil {
		return err
	}
	p.close = append(p.close, p.gantry.end)
	return awaitAnswer(ctx, newECS(p.gantry.endpoint(), aws.NopRetryer{}), p.gantry.broken)
}

func (s *served) start() error {
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer log.Close()
	// Not the command's context: the server is ended by close, after the last row.
	command := exec.Command(s.program, "serve", "--kubeconfig="+s.kubeconfig, "--listen="+s.address) //nolint:noctx // see above
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for this process
	if err := command.Start(); err != nil {
		return fmt.Errorf("start gantry serve: %w", err)
	}
	s.process, s.ended = command.Process, make(chan struct{})
	go func() {
		s.failure = command.Wait()
		close(s.ended)
	}()
	return nil
}

func (s *served) endpoint() string { return "http://" + s.address }

// broken says that the server has ended, if it has.
func (s *served) broken() error {
	select {
	case <-s.ended:
		text, _ := os.ReadFile(s.log)
		return fmt.Errorf("gantry serve ended: %w: %s", s.failure, text)
	default:
		return nil
	}
}

// awaitAnswer asks until there is an answer or broken has an error.
func awaitAnswer(ctx context.Context, client *ecs.Client, broken func() error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, answerLimit, true, func(ctx context.Context) (bool, error) {
		if err := broken(); err != nil {
			return false, err
		}
		_, last = client.ListClusters(ctx, &ecs.ListClustersInput{})
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait for an answer of Gantry's: %w", errors.Join(err, last))
	}
	return nil
}

func (s *served) end(ctx context.Context) error {
	_ = s.process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
	case <-time.After(20 * time.Second):
	}
	if err := s.process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill gantry serve: %w", err)
	}
	<-s.ended
	return nil
}

// get reads a page of the server's that is not the API's.
func (s *served) get(ctx context.Context, page string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.endpoint()+page, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := pages.Do(request)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", page, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status)
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", page, err)
	}
	return body, nil
}

// pages is how get asks: no proxy stands before a server on this machine.
var pages = &http.Client{Transport: &http.Transport{Proxy: nil}, Timeout: 10 * time.Second}

// restart ends the server, starts it again and says how long that start took
// until the server was ready.
func (s *served) restart(ctx context.Context) (time.Duration, error) {
	if err := s.end(ctx); err != nil {
		return 0, err
	}
	began := time.Now()
	if err := s.start(); err != nil {
		return 0, err
	}
	var last error
	err := wait.PollUntilContextTimeout(ctx, 10*time.Millisecond, answerLimit, true, func(ctx context.Context) (bool, error) {
		if err := s.broken(); err != nil {
			return false, err
		}
		_, last = s.get(ctx, "/readyz")
		return last == nil, nil
	})
	if err != nil {
		return 0, fmt.Errorf("wait until Gantry is ready: %w", errors.Join(err, last))
	}
	return time.Since(began), nil
}
