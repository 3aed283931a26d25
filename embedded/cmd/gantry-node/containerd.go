package main

import (
	"context"
	"fmt"
	"os"

	_ "github.com/containerd/containerd/v2/cmd/containerd/builtins" // containerd's own plugins
	"github.com/containerd/containerd/v2/cmd/containerd/command"
	ctr "github.com/containerd/containerd/v2/cmd/ctr/app"
)

func runContainerd() { exitOn("containerd", command.App().Run(context.Background(), os.Args)) }

func runCtr() { exitOn("ctr", ctr.New().Run(context.Background(), os.Args)) }

func exitOn(part string, err error) {
	if err == nil {
		return
	}
	fmt.Fprintf(os.Stderr, "%s: %s\n", part, err)
	os.Exit(1)
}
