package api

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/localcluster"
)

// orphanLimit is how long Kubernetes takes to notice that a pod's node is gone
// (40 seconds and a round of 20), Gantry's wait for a last word, and some.
const orphanLimit = 2 * time.Minute

// TestNodeIsDeleted: the task on it was terminated with its host, and what its
// container returned is not known.
func TestNodeIsDeleted(t *testing.T) {
	t.Parallel()
	admin := startCluster(t, localcluster.Options{})
	c := kubernetesClient(t, admin)
	g := startGantry(t, admin)
	api, ctx := g.home(), context.Background()
	prepare(ctx, t, api, "app")
	ran, err := api.RunTask(ctx, &ecs.RunTaskInput{TaskDefinition: aws.String("app")})
	ok(t, err)
	task := ran.Tasks[0]
	look := func() types.Task {
		out, err := api.DescribeTasks(ctx, &ecs.DescribeTasksInput{Tasks: []string{*task.TaskArn}})
		ok(t, err)
		return out.Tasks[0]
	}
	waitFor(t, startLimit, "the task runs", func() bool { return aws.ToString(look().LastStatus) == "RUNNING" })
	pods := corev1.PodList{}
	ok(t, c.List(ctx, &pods, client.MatchingLabels{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy}))
	if len(pods.Items) != 1 {
		t.Fatalf("there are %d pods, want one", len(pods.Items))
	}
	node := &corev1.Node{}
	node.Name = pods.Items[0].Spec.NodeName
	ok(t, c.Delete(ctx, node))
	waitFor(t, orphanLimit, "the task has stopped", func() bool {
		task = look()
		return aws.ToString(task.LastStatus) == "STOPPED"
	})
	want := "Host EC2 (instance " + node.Name + ") terminated."
	if task.StopCode != types.TaskStopCodeTerminationNotice || aws.ToString(task.StoppedReason) != want {
		t.Errorf("it stopped with %s %q, want TerminationNotice %q", task.StopCode, aws.ToString(task.StoppedReason), want)
	}
	if c := task.Containers[0]; c.ExitCode != nil || aws.ToString(c.LastStatus) != "STOPPED" {
		t.Errorf("its container is %s, exit code %v; want STOPPED, and no code", aws.ToString(c.LastStatus), aws.ToInt32(c.ExitCode))
	}
}
