package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/gantry-ecs/gantry/localcluster"
)

type upFlags struct {
	localFlags
	detach    bool
	simulated bool
	// kubernetesOnly leaves Gantry out: for one that is started by hand.
	kubernetesOnly bool
	reportFD       int
}

func newUpCommand() *cobra.Command {
	var flags upFlags
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start a Kubernetes cluster on this machine, and Gantry in front of it",
		Long: `Start a Kubernetes cluster on this machine, and Gantry in front of it.

As root on Linux the node is a real one: its pods are containers. Elsewhere the
node is simulated: pods are said to run, but nothing does.

Without --detach it runs until Ctrl-C and then takes everything away again.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.complete(); err != nil {
				return err
			}
			if flags.reportFD > 0 {
				return upDetachedChild(cmd, flags)
			}
			if flags.detach {
				return upDetached(cmd, flags)
			}
			return upForeground(cmd, flags)
		},
	}
	flags.addStateDir(cmd)
	flags.addOutput(cmd)
	cmd.Flags().BoolVarP(&flags.detach, "detach", "d", false, "return when the cluster is ready and leave it running")
	cmd.Flags().BoolVar(&flags.simulated, "simulated", false, "a node that runs no containers, even where a real one could run")
	cmd.Flags().BoolVar(&flags.kubernetesOnly, "kubernetes-only", false, "start Kubernetes alone, without Gantry in front of it")
	cmd.Flags().IntVar(&flags.reportFD, "report-fd", 0, "file descriptor to report the steps to")
	_ = cmd.Flags().MarkHidden("report-fd")
	return cmd
}

// upResult is the end of a successful start.
type upResult struct {
	Status         localcluster.Status `json:"status"`
	AlreadyRunning bool                `json:"alreadyRunning"`
	Seconds        float64             `json:"seconds"`
}

func upForeground(cmd *cobra.Command, flags upFlags) error {
	outliveReader()
	report := newReporter(os.Stdout, flags.json())
	ctx := cmd.Context()
	cluster, result, err := startCluster(ctx, flags, report.step)
	if err != nil {
		report.close()
		return err
	}
	if result.AlreadyRunning {
		report.close()
		return showResult(cmd.OutOrStdout(), flags, result)
	}
	if err := showResult(cmd.OutOrStdout(), flags, result); err != nil {
		return errors.Join(err, cluster.Stop())
	}
	if !flags.json() {
		fmt.Fprintln(cmd.OutOrStdout(), "\nCtrl-C stops it.")
	}
	<-ctx.Done()
	err = cluster.Stop()
	report.close()
	return err
}

// startCluster starts the cluster, or finds that it runs.
func startCluster(ctx context.Context, flags upFlags, progress func(localcluster.Step)) (*localcluster.Cluster, upResult, error) {
	began := time.Now()
	extra := companions()
	if flags.kubernetesOnly {
		extra = nil
	}
	cluster, err := localcluster.Start(ctx, localcluster.Options{
		StateDir: flags.stateDir, Simulated: flags.simulated || !canRunContainers(), Extra: extra, Progress: progress,
	})
	if err != nil && !errors.Is(err, localcluster.ErrRunning) {
		return nil, upResult{}, err
	}
	result := upResult{AlreadyRunning: err != nil}
	result.Status, err = awaitRunning(ctx, flags.stateDir, extra)
	result.Seconds = time.Since(began).Seconds()
	if err != nil && cluster != nil {
		return nil, result, errors.Join(err, cluster.Stop()) //nolint:contextcheck // it bounds itself
	}
	return cluster, result, err
}

// awaitRunning: another process may be in the middle of starting it.
func awaitRunning(ctx context.Context, stateDir string, extra []localcluster.Component) (localcluster.Status, error) {
	var status localcluster.Status
	err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		var err error
		status, err = localcluster.Inspect(ctx, stateDir, extra...)
		return status.State != localcluster.Starting, err
	})
	if err == nil && status.State != localcluster.Running {
		err = errors.New("its start failed")
	}
	if err != nil {
		return status, fmt.Errorf("the cluster in %s is %s: %w", stateDir, status.State, err)
	}
	return status, nil
}

func canRunContainers() bool { return runtime.GOOS == "linux" && os.Geteuid() == 0 }

func showResult(w io.Writer, flags upFlags, result upResult) error {
	if flags.json() {
		return writeJSON(w, map[string]upResult{"result": result})
	}
	status := result.Status
	began := fmt.Sprintf("Kubernetes is ready after %.1f s.", result.Seconds)
	if result.AlreadyRunning {
		began = "Kubernetes runs already."
	}
	fmt.Fprintf(w, "\n%s Node %s: %s.\n", began, status.Node, nodeKind(status))
	for _, c := range status.Components {
		if c.Name == serveComponentName {
			fmt.Fprintf(w, "ECS API: %s\n", c.Endpoint)
		}
	}
	fmt.Fprintf(w, "kubectl: --kubeconfig %s\n", status.Kubeconfig)
	program, place := programName(), flags.place()
	_, err := fmt.Fprintf(w, "For this shell: eval \"$(%s env%s)\"\nMore: %[1]s status%[2]s, %[1]s down%[2]s\n", program, place)
	return err
}

// nodeKind says at every place that shows the node whether it is a real one.
func nodeKind(status localcluster.Status) string {
	if status.Simulated {
		return "SIMULATED, pods are said to run but no container does (a real node needs Linux and root)"
	}
	return "runs containers"
}
