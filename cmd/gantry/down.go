package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gantry-ecs/gantry/localcluster"
)

func newDownCommand() *cobra.Command {
	var flags localFlags
	var deleteState bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Stop the local cluster; no process, mount, interface or firewall rule stays",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.complete(); err != nil {
				return err
			}
			outliveReader()
			report := newReporter(os.Stdout, false)
			defer report.close()
			step := localcluster.Step{Name: "down", Detail: "stop the cluster", State: localcluster.StepBegun}
			report.step(step)
			began := time.Now()
			stopped, err := localcluster.Down(cmd.Context(), flags.stateDir)
			step.State, step.Elapsed = localcluster.StepDone, time.Since(began)
			if err != nil {
				step.State = localcluster.StepFailed
			}
			if !stopped && err == nil {
				step.Detail = "nothing runs"
			}
			report.step(step)
			if err != nil || !deleteState {
				return err
			}
			if err := localcluster.Delete(flags.stateDir); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "Deleted", flags.stateDir)
			return err
		},
	}
	flags.addStateDir(cmd)
	cmd.Flags().BoolVar(&deleteState, "delete", false, "delete the state too: every object, image and log of the cluster")
	return cmd
}
