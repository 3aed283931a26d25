package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set when a release is linked.
var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	err := newRootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "gantry:", err)
		os.Exit(1)
	}
}

// endings are the signals that end a command in order. A terminal that is closed
// is one, unless nohup has said otherwise.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// outliveReader lets a command go on whose output nobody reads any more: in
// `gantry up | tee log`, Ctrl-C ends tee as well, and the next line would end a
// command that has mounts and processes to take away.
func outliveReader() { signal.Ignore(syscall.SIGPIPE) }

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "gantry",
		Short:         "The Amazon ECS API on any Kubernetes cluster",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		newServeCommand(),
		newUpCommand(),
		newDownCommand(),
		newStatusCommand(),
		newEnvCommand(),
		newImagesCommand(),
		newTranslateCommand(),
		newCRDsCommand(),
		newRBACCommand(),
		newCompatCommand(),
		newHealthCommand(),
	)
	return root
}
