package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// policyFile keeps a package's installation from starting services
	// (invoke-rc.d(8)): what is installed here is run by those who need it.
	policyFile = "/usr/sbin/policy-rc.d"
	policy     = "#!/bin/sh\n# While gantry's deps installs packages.\nexit 101\n"
	// patience is how long a killed installation may take to end in order.
	patience = time.Minute
)

// step is one command of an installation.
type step struct {
	command []string
	// mayFail is set where a later step mends what this one could not, or says why not.
	mayFail bool
}

// steps install packages. A machine on which an installation was interrupted
// refuses the next until that one is ended: dpkg configures what was unpacked, but
// not a package that depends on one which was not, so apt fetches that first. On a
// new machine the system's own upgrades may hold the lock.
func steps(packages []string) []step {
	apt := func(args ...string) []string {
		return append([]string{"apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"}, args...)
	}
	return []step{
		{command: []string{"dpkg", "--configure", "-a"}, mayFail: true},
		{command: apt("update")},
		{command: apt("install", "--fix-broken", "--no-install-recommends")},
		{command: apt(append([]string{"install", "--no-install-recommends"}, packages...)...)},
	}
}

func install(ctx context.Context, packages []string) (err error) {
	end, err := alone(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	restore, err := startNoServices()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, restore()) }()
	for _, step := range steps(packages) {
		line := strings.Join(step.command, " ")
		fmt.Println("$", line)
		command := exec.CommandContext(ctx, step.command[0], step.command[1:]...)
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
		command.WaitDelay = patience
		if output, err := command.CombinedOutput(); err != nil && (!step.mayFail || ctx.Err() != nil) {
			return fmt.Errorf("%s: %w\n%s", line, err, output)
		}
	}
	return nil
}

// startNoServices holds until restore is called. A policy that the system has is
// kept; one that a killed installation left is ours to remove.
func startNoServices() (restore func() error, err error) {
	there, err := os.ReadFile(policyFile)
	if err == nil && !strings.HasPrefix(policy, string(there)) { // killed, it may have been written in part
		return func() error { return nil }, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read which services may be started: %w", err)
	}
	if err := os.WriteFile(policyFile, []byte(policy), 0o755); err != nil {
		return nil, fmt.Errorf("keep services from being started: %w", err)
	}
	return func() error { return os.Remove(policyFile) }, nil
}

// alone waits until no other of these installations runs: each would take away the
// policy that the other stands on.
func alone(ctx context.Context) (end func() error, err error) {
	folder, err := os.Open(filepath.Dir(policyFile))
	if err != nil {
		return nil, fmt.Errorf("wait for other installations: %w", err)
	}
	for said := false; ; said = true {
		err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return folder.Close, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("wait for other installations: %w", err), folder.Close())
		}
		if !said {
			fmt.Println("waiting for another installation to end")
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), folder.Close())
		case <-time.After(time.Second):
		}
	}
}
