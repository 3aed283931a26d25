package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"
)

const (
	// policyFile keeps a package's installation from starting services
	// (invoke-rc.d(8)): what is installed here is run by those who need it.
	policyFile = "/usr/sbin/policy-rc.d"
	// patience is how long a killed installation may take to end in order.
	patience = time.Minute
)

// steps install packages. A machine on which an installation was interrupted
// refuses the next until dpkg has ended it, and on a new one the system's own
// upgrades may hold the lock.
func steps(packages []string) [][]string {
	apt := []string{"apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"}
	return [][]string{
		{"dpkg", "--configure", "-a"},
		append(apt[:len(apt):len(apt)], "update"),
		append(append(apt[:len(apt):len(apt)], "install", "--no-install-recommends"), packages...),
	}
}

func install(ctx context.Context, packages []string) (err error) {
	restore, err := startNoServices()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, restore()) }()
	for _, step := range steps(packages) {
		fmt.Println("$", strings.Join(step, " "))
		command := exec.CommandContext(ctx, step[0], step[1:]...)
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
		command.WaitDelay = patience
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(step, " "), err, output)
		}
	}
	return nil
}

// startNoServices holds until restore is called; a policy that the system has is kept.
func startNoServices() (restore func() error, err error) {
	if _, err := os.Stat(policyFile); !errors.Is(err, fs.ErrNotExist) {
		return func() error { return nil }, err
	}
	if err := os.WriteFile(policyFile, []byte("#!/bin/sh\nexit 101\n"), 0o755); err != nil {
		return nil, fmt.Errorf("keep services from being started: %w", err)
	}
	return func() error { return os.Remove(policyFile) }, nil
}
