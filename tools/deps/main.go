// Command deps sees to system packages, named as Debian does: it installs those
// that are missing where it runs as root, and names them elsewhere. It uses the
// standard library alone, so that it runs at once on a fresh machine:
//
//	cd tools && go run ./deps awscli ca-certificates
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := ensure(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "deps:", err)
		os.Exit(1)
	}
}

func ensure(ctx context.Context, packages []string) error {
	missing, err := lacking(ctx, packages)
	if err != nil || len(missing) == 0 {
		return err
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return fmt.Errorf("this system lacks packages, named here as Debian does: %s\ninstall them (as root: apt-get install -y %[1]s), then run this again", strings.Join(missing, " "))
	}
	fmt.Println("installing", strings.Join(missing, ", "))
	if err := install(ctx, missing); err != nil {
		return err
	}
	missing, err = lacking(ctx, missing)
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("still missing after the installation: %s", strings.Join(missing, ", "))
	}
	return err
}

// lacking returns those of the packages that are not there.
func lacking(ctx context.Context, packages []string) ([]string, error) {
	var missing []string
	for _, name := range packages {
		there, known := present[name]
		if !known {
			return nil, fmt.Errorf("how to find out whether %s is there is not known", name)
		}
		if !there(ctx) {
			missing = append(missing, name)
		}
	}
	return missing, nil
}
