package api

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/controllers"
	"github.com/gantry-ecs/gantry/controllers/task"
)

// unlabelled takes Gantry's label off.
func unlabelled() client.Patch {
	return client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"`+v1alpha1.ManagedByLabel+`":null}}}`))
}

// A pod that lost its label while no replica watched is in no list of any: it is
// looked for.
func TestPodsWithoutLabelAreFound(t *testing.T) {
	t.Parallel()
	r, admin := newReplica(t, kubernetes), kubernetesClient(t, kubernetes)
	family := r.service(t, 0)
	cluster := "api-" + strings.ToLower(rand.Text()[:8])
	_, err := r.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: &cluster})
	ok(t, err)
	_, err = r.ecs.RunTask(t.Context(), &ecs.RunTaskInput{Cluster: &cluster, TaskDefinition: &family, Count: aws.Int32(2)})
	ok(t, err)
	pods := &corev1.PodList{}
	ok(t, admin.List(t.Context(), pods, client.InNamespace("ecs-"+cluster)))
	for i := range pods.Items {
		ok(t, admin.Patch(t.Context(), &pods.Items[i], unlabelled()))
	}
	waitFor(t, 10*time.Second, "the tasks are in no list", func() bool {
		listed, err := r.ecs.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: &cluster})
		ok(t, err)
		return len(listed.TaskArns) == 0
	})
	ok(t, r.store.RelabelPods(t.Context()))
	waitFor(t, 10*time.Second, "the tasks are listed", func() bool {
		listed, err := r.ecs.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: &cluster})
		ok(t, err)
		return len(listed.TaskArns) == 2
	})
}

// Whoever takes a pod's finalizer off and deletes it by force: its task is
// described as stopped.
func TestPodWithoutFinalizerIsRecorded(t *testing.T) {
	t.Parallel()
	r := newReplica(t, kubernetes)
	recorder := make(chan error, 1)
	go func() {
		recorder <- controllers.RunEverywhere(t.Context(), controllers.Config{
			Store: r.store, Log: zap.NewNop(), Now: time.Now, Retention: task.DefaultRetention(),
		})
	}()
	admin := kubernetesClient(t, kubernetes)
	family := r.service(t, 0)
	cluster := "api-" + strings.ToLower(rand.Text()[:8])
	_, err := r.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: &cluster})
	ok(t, err)
	out, err := r.ecs.RunTask(t.Context(), &ecs.RunTaskInput{Cluster: &cluster, TaskDefinition: &family, Count: aws.Int32(10)})
	ok(t, err)
	pods := &corev1.PodList{}
	ok(t, admin.List(t.Context(), pods, client.InNamespace("ecs-"+cluster)))
	if len(pods.Items) != 10 {
		t.Fatalf("%d pods", len(pods.Items))
	}
	kept, rest := &pods.Items[0], pods.Items[1:]
	strip := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`))
	ok(t, admin.Patch(t.Context(), kept, strip))
	waitFor(t, 10*time.Second, "the finalizer is back", func() bool {
		return admin.Get(t.Context(), client.ObjectKeyFromObject(kept), kept) == nil && slices.Contains(kept.Finalizers, v1alpha1.TaskFinalizer)
	})
	for i := range rest {
		r.writes.fail(1, lost) // the finalizer is not back before the deletion
		ok(t, admin.Patch(t.Context(), &rest[i], strip))
		ok(t, admin.Delete(t.Context(), &rest[i], client.GracePeriodSeconds(0)))
	}
	arns := make([]string, len(out.Tasks))
	for i := range out.Tasks {
		arns[i] = *out.Tasks[i].TaskArn
	}
	var last []types.Task
	waitFor(t, 20*time.Second, "nine tasks are recorded", func() bool {
		described, err := r.ecs.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: &cluster, Tasks: arns})
		ok(t, err)
		last = slices.DeleteFunc(described.Tasks, func(task types.Task) bool { return aws.ToString(task.LastStatus) != "STOPPED" })
		return len(last) == 9
	})
	for _, stopped := range last {
		if stopped.StopCode != types.TaskStopCodeUserInitiated || aws.ToString(stopped.StoppedReason) != "Task stopped by user" || stopped.StoppedAt == nil {
			t.Errorf("stop code %s, reason %q, at %v", stopped.StopCode, aws.ToString(stopped.StoppedReason), stopped.StoppedAt)
		}
	}
	select {
	case err := <-recorder:
		t.Error(errors.Join(errors.New("the recorder has ended"), err))
	default:
	}
}
