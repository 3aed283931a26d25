package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// need is something that the system must have, and the Debian package that
// brings it.
type need struct {
	debian string
	met    func(context.Context) bool
}

var needs = []need{
	{"gcc", program("gcc")},
	{"libc6-dev", file("/usr/include/stdio.h")},
	{"pkg-config", program("pkg-config")},
	{"libseccomp-dev", func(ctx context.Context) bool {
		return exec.CommandContext(ctx, "pkg-config", "--exists", "libseccomp").Run() == nil
	}},
	{"iptables", program("iptables")},
	{"nftables", program("nft")},
}

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

// ensurePackages installs what is missing where it may, and names it elsewhere.
func ensurePackages(ctx context.Context) error {
	missing := missingPackages(ctx)
	if len(missing) == 0 {
		return nil
	}
	command := "apt-get install -y " + strings.Join(missing, " ")
	_, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return fmt.Errorf("this system lacks packages, named here as Debian does: %s\ninstall them (as root: %s), then run this again", strings.Join(missing, ", "), command)
	}
	fmt.Println("installing", strings.Join(missing, ", "))
	for _, args := range [][]string{{"update", "-q"}, append([]string{"install", "-q", "-y", "--no-install-recommends"}, missing...)} {
		install := exec.CommandContext(ctx, "apt-get", args...)
		install.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if output, err := install.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, output)
		}
	}
	if missing := missingPackages(ctx); len(missing) > 0 {
		return errors.New("still missing after the installation: " + strings.Join(missing, ", "))
	}
	return nil
}

func missingPackages(ctx context.Context) []string {
	var missing []string
	for _, n := range needs {
		if !n.met(ctx) {
			missing = append(missing, n.debian)
		}
	}
	return missing
}
