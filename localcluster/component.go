package localcluster

import (
	"context"
	"fmt"
	"strings"
)

// A Component is one program of the cluster, or one that runs beside it.
type Component struct {
	// Name is also the name of its log file.
	Name string
	// Title is what people call it.
	Title string
	// Purpose is one line on what it does.
	Purpose string
	// ECS says what plays its part on Amazon ECS.
	ECS string
	// Endpoint is where it listens, for people to read.
	Endpoint string
	// Listen is the address that must be free when the cluster starts, if any.
	Listen string
	// Command is the program and its arguments.
	Command []string
	// Args are added to Command; they may name the kubeconfig.
	Args func(kubeconfig string) []string
	// Env is added to the environment of this process.
	Env []string
	// Prepare does what must be done before the first start; it may use the
	// kubeconfig.
	Prepare func(ctx context.Context, kubeconfig string) error
	// Ready is nil when the component serves.
	Ready func(ctx context.Context) error
	// Try tells what to do when it does not start.
	Try string
}

// A ComponentError says which component did not start and what it wrote last.
type ComponentError struct {
	Component string
	Err       error
	LastLines []string
	LogPath   string
	Try       string
}

func (e *ComponentError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s did not start: %s", e.Component, e.Err)
	if len(e.LastLines) > 0 {
		fmt.Fprintf(&b, "\nits last lines:\n  %s", strings.Join(e.LastLines, "\n  "))
	}
	fmt.Fprintf(&b, "\nlog: %s", e.LogPath)
	if e.Try != "" {
		fmt.Fprintf(&b, "\ntry: %s", e.Try)
	}
	return b.String()
}

func (e *ComponentError) Unwrap() error { return e.Err }
