// Command build compiles gantry-node and its companions into one folder. The
// system packages that it needs are deps-build's in the Makefile. It uses the
// standard library alone, so that it runs at once on a fresh machine:
//
//	cd embedded && go run ./cmd/build -o ../bin
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
)

func main() {
	out := flag.String("o", "bin", "folder for the programs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *out); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return fmt.Errorf("folder %s: %w", out, err)
	}
	adviseHugePages(os.Stdout, out)
	version, err := kubernetesVersion(ctx)
	if err != nil {
		return err
	}
	for _, t := range targets(version) {
		if t.linux && runtime.GOOS != "linux" {
			continue
		}
		if err := t.build(ctx, out); err != nil {
			return err
		}
	}
	return nil
}
