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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "gantry:", err)
		os.Exit(1)
	}
}

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
