package main

import (
	"context"
	"os"
	"os/exec"
)

// present says how each package is known to be there, whoever installed it.
var present = map[string]func(context.Context) bool{
	"awscli":          program("aws"),
	"ca-certificates": file("/etc/ssl/certs/ca-certificates.crt"),
	"docker.io":       program("dockerd"),
	"gcc":             program("gcc"),
	"iptables":        program("iptables"),
	"libc6-dev":       file("/usr/include/stdio.h"),
	"libseccomp-dev":  succeeds("pkg-config", "--exists", "libseccomp"),
	"nftables":        program("nft"),
	"nodejs":          program("node"),
	"npm":             program("npm"),
	"pkg-config":      program("pkg-config"),
	// Debian's package is for Debian's Python; another one may have boto3 of its own.
	"python3-boto3": func(ctx context.Context) bool {
		return succeeds("python3", "-c", "import boto3")(ctx) || succeeds("/usr/bin/python3", "-c", "import boto3")(ctx)
	},
}

// program finds one for root also where the caller's PATH is a user's.
func program(name string) func(context.Context) bool {
	return func(context.Context) bool {
		for _, path := range []string{name, "/usr/sbin/" + name, "/sbin/" + name} {
			if _, err := exec.LookPath(path); err == nil {
				return true
			}
		}
		return false
	}
}

func file(path string) func(context.Context) bool {
	return func(context.Context) bool {
		_, err := os.Stat(path)
		return err == nil
	}
}

func succeeds(name string, args ...string) func(context.Context) bool {
	return func(ctx context.Context) bool { return exec.CommandContext(ctx, name, args...).Run() == nil }
}
