package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gantry-ecs/gantry/localcluster"
)

func newImagesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "images",
		Short: "Container images of the local cluster",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newImagesLoadCommand())
	return cmd
}

func newImagesLoadCommand() *cobra.Command {
	var flags localFlags
	cmd := &cobra.Command{
		Use:   "load FILE.tar",
		Short: "Load images from an archive, as `docker save` writes it, without a registry",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.complete(); err != nil {
				return err
			}
			names, err := localcluster.LoadImages(cmd.Context(), flags.stateDir, args[0])
			if err != nil {
				return err
			}
			for _, name := range names {
				fmt.Fprintln(cmd.OutOrStdout(), "loaded", name)
			}
			return nil
		},
	}
	flags.addStateDir(cmd)
	return cmd
}
