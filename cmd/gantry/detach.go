package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gantry-ecs/gantry/localcluster"
)

// detachedReport is one line from the process that was left running: a step,
// or the end.
type detachedReport struct {
	Step   *localcluster.Step `json:"step,omitempty"`
	Result *upResult          `json:"result,omitempty"`
	Error  string             `json:"error,omitempty"`
}

// upDetached starts this program again in a session of its own and shows what
// that reports, until the cluster is ready.
func upDetached(cmd *cobra.Command, flags upFlags) error {
	if err := os.MkdirAll(filepath.Join(flags.stateDir, "logs"), 0o700); err != nil {
		return fmt.Errorf("make the state directory: %w", err)
	}
	log, err := os.OpenFile(filepath.Join(flags.stateDir, "logs", "up.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the supervisor's log: %w", err)
	}
	defer log.Close()
	reader, writer, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make a pipe: %w", err)
	}
	defer reader.Close()
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	args := []string{
		"up", "--state-dir=" + flags.stateDir, "--simulated=" + strconv.FormatBool(flags.simulated),
		"--kubernetes-only=" + strconv.FormatBool(flags.kubernetesOnly), "--report-fd=3",
	}
	// It must outlive this command, so it is not bound to its context.
	child := exec.Command(self, args...) //nolint:noctx // see above
	child.Stdout, child.Stderr = log, log
	child.ExtraFiles = []*os.File{writer}
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = child.Start()
	if closeErr := writer.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("start the supervisor: %w", err)
	}
	stop := context.AfterFunc(cmd.Context(), func() { _ = child.Process.Signal(syscall.SIGTERM) })
	defer stop()
	return followDetached(cmd, flags, child, reader)
}

func followDetached(cmd *cobra.Command, flags upFlags, child *exec.Cmd, reader *os.File) error {
	report := newReporter(os.Stdout, flags.json())
	for lines := bufio.NewScanner(reader); lines.Scan(); {
		var line detachedReport
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			report.close()
			return fmt.Errorf("read the supervisor's report: %w", err)
		}
		switch {
		case line.Step != nil:
			report.step(*line.Step)
		case line.Result != nil:
			report.close()
			return showResult(cmd.OutOrStdout(), flags, *line.Result)
		case line.Error != "":
			report.close()
			return errors.Join(errors.New(line.Error), ignoreExit(child.Wait()))
		}
	}
	report.close()
	return fmt.Errorf("the supervisor ended without a word (log: %s): %w", filepath.Join(flags.stateDir, "logs", "up.log"), child.Wait())
}

// ignoreExit: a program that has said why it fails need not be said to have failed.
func ignoreExit(err error) error {
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil
	}
	return err
}

// upDetachedChild is the process that is left running.
func upDetachedChild(cmd *cobra.Command, flags upFlags) error {
	pipe := os.NewFile(uintptr(flags.reportFD), "report")
	reports := make(chan detachedReport)
	written := make(chan struct{})
	go func() {
		defer close(written)
		encoder := json.NewEncoder(pipe)
		for r := range reports {
			_ = encoder.Encode(r) // the parent may have been killed
		}
	}()
	finish := func(r detachedReport) {
		reports <- r
		close(reports)
		<-written
		_ = pipe.Close()
	}
	ctx := cmd.Context()
	log := &plainReporter{out: os.Stdout}
	cluster, result, err := startCluster(ctx, flags, func(s localcluster.Step) {
		switch {
		case s.State == localcluster.StepRestarted: // whenever it happens, also when nobody follows
			log.step(s)
		case ctx.Err() == nil:
			reports <- detachedReport{Step: &s}
		}
	})
	if err != nil {
		finish(detachedReport{Error: err.Error()})
		return err
	}
	finish(detachedReport{Result: &result})
	if result.AlreadyRunning {
		return nil
	}
	<-ctx.Done()
	return cluster.Stop()
}
