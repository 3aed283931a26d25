package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gantry-ecs/gantry/testimages"
)

const gantry = "bin/gantry"

// localCluster is what the demo needs of `gantry status`.
type localCluster struct {
	Simulated  bool   `json:"simulated"`
	Kubeconfig string `json:"kubeconfig"`
	Components []struct {
		Name     string `json:"name"`
		Endpoint string `json:"endpoint"`
	} `json:"components"`
}

// prepare installs and builds what is missing and starts the cluster.
func prepare(ctx context.Context) (localCluster, error) {
	title("Prepare")
	if err := show(ctx, "make", "--no-print-directory", "deps", "build"); err != nil {
		return localCluster{}, err
	}
	if err := show(ctx, gantry, "up", "--detach"); err != nil {
		return localCluster{}, err
	}
	local, err := inspect(ctx)
	if err != nil || local.Simulated {
		return local, err
	}
	return local, loadImages(ctx)
}

// loadImages puts the demo's images into the cluster: no registry is needed.
func loadImages(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "gantry-demo")
	if err != nil {
		return fmt.Errorf("make a folder for the images: %w", err)
	}
	defer os.RemoveAll(dir)
	fmt.Println("building the images of web, sidecar and exits")
	archive, err := testimages.Build(ctx, dir, "web", "sidecar", "exits")
	if err != nil {
		return err
	}
	return show(ctx, gantry, "images", "load", archive)
}

func inspect(ctx context.Context) (localCluster, error) {
	output, err := exec.CommandContext(ctx, gantry, "status", "--output", "json").Output()
	if err != nil {
		return localCluster{}, fmt.Errorf("%s status: %w", gantry, err)
	}
	var local localCluster
	if err := json.Unmarshal(output, &local); err != nil {
		return localCluster{}, fmt.Errorf("read what %s status says: %w", gantry, err)
	}
	return local, nil
}

// endpoint is where the local cluster's Gantry listens.
func (l localCluster) endpoint() string {
	for _, component := range l.Components {
		if component.Name == "gantry" {
			return component.Endpoint
		}
	}
	return "http://127.0.0.1:4566"
}

// show prints a command and runs it with this program's output.
func show(ctx context.Context, name string, args ...string) error {
	fmt.Println("$", commandLine(name, args))
	command := exec.CommandContext(ctx, name, args...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w", commandLine(name, args), err)
	}
	return nil
}

// moduleRoot is the folder of this checkout.
func moduleRoot(ctx context.Context) string {
	output, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "."
	}
	return filepath.Dir(strings.TrimSpace(string(output)))
}
