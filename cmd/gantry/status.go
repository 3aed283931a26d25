package main

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/gantry-ecs/gantry/localcluster"
)

func newStatusCommand() *cobra.Command {
	var flags localFlags
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Every component of the local cluster: its health, what it does, and its part on ECS",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.complete(); err != nil {
				return err
			}
			status, err := localcluster.Inspect(cmd.Context(), flags.stateDir, companions()...)
			if err != nil {
				return err
			}
			if flags.json() {
				return writeJSON(cmd.OutOrStdout(), status)
			}
			return showStatus(cmd.OutOrStdout(), status, flags.place())
		},
	}
	flags.addStateDir(cmd)
	flags.addOutput(cmd)
	return cmd
}

func showStatus(w io.Writer, status localcluster.Status, place string) error {
	switch status.State {
	case localcluster.Stopped:
		_, err := fmt.Fprintf(w, "No cluster runs in %s. Start one: %s up%s\n", status.StateDir, programName(), place)
		return err
	case localcluster.Killed:
		_, err := fmt.Fprintf(w, "The cluster in %s was killed. Go on with it: %s up%s. Clean up: %[2]s down%[3]s\n", status.StateDir, programName(), place)
		return err
	case localcluster.Starting, localcluster.Running:
	}
	fmt.Fprintf(w, "The cluster in %s is %s since %s (process %d).\n", status.StateDir, status.State, status.Started.Format(time.DateTime), status.Supervisor)
	fmt.Fprintf(w, "Node %s: %s.\nkubectl: --kubeconfig %s\n\n", status.Node, nodeKind(status), status.Kubeconfig)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "COMPONENT\tHEALTH\tMEMORY\tUP\tRESTARTS\tWHAT IT DOES\tON ECS")
	for _, c := range status.Components {
		health := "✓"
		if !c.Healthy {
			health = "✗"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			c.Title, health, megabytes(c.MemoryBytes), age(c.Started), restarts(c), c.Purpose, c.ECS)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	for _, c := range status.Components {
		if !c.Healthy {
			fmt.Fprintf(w, "\n%s: %s\n  log: %s\n", c.Title, c.Problem, c.Log)
		}
	}
	return nil
}

func age(since time.Time) string {
	if since.IsZero() {
		return "-"
	}
	return duration.HumanDuration(time.Since(since))
}

// restarts has the last one's reason, as kubectl has its age.
func restarts(c localcluster.ComponentStatus) string {
	if c.LastExit == "" {
		return strconv.Itoa(c.Restarts)
	}
	return fmt.Sprintf("%d (%s ago: %s)", c.Restarts, age(c.LastExitAt), c.LastExit)
}

func megabytes(bytes uint64) string {
	if bytes == 0 {
		return "-"
	}
	return fmt.Sprintf("%d MB", bytes>>20)
}
