package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	began := time.Now()
	if err := os.Chdir(moduleRoot(ctx)); err != nil {
		return fmt.Errorf("go to the checkout: %w", err)
	}
	local, err := prepare(ctx)
	if err != nil {
		return err
	}
	aws := newCLI(local)
	title("The main job, with " + aws.version(ctx))
	if err := work(ctx, aws); err != nil {
		return err
	}
	title("What carries it: ECS objects, and the Kubernetes objects behind each, read from the cluster")
	if err := showObjects(ctx, os.Stdout, local.Kubeconfig); err != nil {
		return err
	}
	fmt.Printf("\nDone in %s. Gantry is left running", time.Since(began).Round(time.Second))
	if local.Simulated {
		fmt.Print(" on a SIMULATED node: no container runs (a real node needs Linux and root)")
	}
	fmt.Print(`. To go on in this shell:

    eval "$(bin/gantry env)"

    aws ecs describe-services --cluster demo --services web --query 'services[0].events[:5].message'
    aws ecs update-service --cluster demo --service web --desired-count 3
    bin/gantry translate demo/web.json --explain

kubectl has its KUBECONFIG by the first line. To stop everything: make down
(bin/gantry down --delete removes the state too).
`)
	return nil
}

func title(text string) { fmt.Printf("\n== %s\n\n", text) }
