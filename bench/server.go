package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

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

// serve starts `gantry serve` on a free port and waits for its first answer.
func (p *place) serve(ctx context.Context, gantry, kubeconfig string) (endpoint string, err error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return "", err
	}
	log, err := os.Create(filepath.Join(p.dir, "serve.log"))
	if err != nil {
		return "", fmt.Errorf("make log: %w", err)
	}
	defer log.Close()
	// Not the command's context: the server is ended by close, after the last row.
	command := exec.Command(gantry, "serve", "--kubeconfig="+kubeconfig, "--listen="+address) //nolint:noctx // see above
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for this process
	if err := command.Start(); err != nil {
		return "", fmt.Errorf("start gantry serve: %w", err)
	}
	p.gantry = command.Process.Pid
	var failure error // valid when ended is closed
	ended := make(chan struct{})
	go func() {
		failure = command.Wait()
		close(ended)
	}()
	p.close = append(p.close, func(ctx context.Context) error { return endProcess(ctx, command.Process, ended) })
	endpoint = "http://" + address
	err = awaitAnswer(ctx, newECS(endpoint), func() error {
		select {
		case <-ended:
			text, _ := os.ReadFile(log.Name())
			return fmt.Errorf("gantry serve ended: %w: %s", failure, text)
		default:
			return nil
		}
	})
	return endpoint, err
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

func endProcess(ctx context.Context, process *os.Process, ended <-chan struct{}) error {
	_ = process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	case <-time.After(20 * time.Second):
	}
	if err := process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill gantry serve: %w", err)
	}
	<-ended
	return nil
}

func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
