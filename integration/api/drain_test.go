package api

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/localcluster"
)

// drained is a cluster whose service's tasks all run on one node when a second
// one comes.
type drained struct {
	api  *ecs.Client
	kube client.Client
	full *corev1.Node
}

func newDrained(t *testing.T, count, minimum, maximum int32) *drained {
	t.Helper()
	admin := startCluster(t, localcluster.Options{})
	d := &drained{kube: kubernetesClient(t, admin), api: startGantry(t, admin).home()}
	ctx := context.Background()
	prepare(ctx, t, d.api, "app")
	_, err := d.api.CreateService(ctx, &ecs.CreateServiceInput{
		ServiceName: aws.String("web"), TaskDefinition: aws.String("app"), DesiredCount: &count,
		DeploymentConfiguration: &types.DeploymentConfiguration{MinimumHealthyPercent: &minimum, MaximumPercent: &maximum},
	})
	ok(t, err)
	eventually(t, "the service is steady", func(ctx context.Context) error {
		return expectEvent(ctx, d.api, "web", "has reached a steady state")
	})
	nodes := &corev1.NodeList{}
	ok(t, d.kube.List(ctx, nodes))
	d.full = &nodes.Items[0]
	second := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "second", Labels: maps.Clone(d.full.Labels), Annotations: d.full.Annotations}}
	second.Labels[corev1.LabelHostname] = second.Name
	create(t, d.kube, second)
	awaitNode(t, d.kube, second)
	return d
}

func (d *drained) cordon(t *testing.T) {
	t.Helper()
	cordon(t, d.kube, d.full, true)
}

// pods are the service's that live on the node.
func (d *drained) pods(ctx context.Context) ([]corev1.Pod, error) {
	all := &corev1.PodList{}
	if err := d.kube.List(ctx, all, client.MatchingLabels{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy}); err != nil {
		return nil, err
	}
	var left []corev1.Pod
	for _, pod := range all.Items {
		if pod.Spec.NodeName == d.full.Name && pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil {
			left = append(left, pod)
		}
	}
	return left, nil
}

// evict does what kubectl drain does: it asks for each pod, again and again.
func (d *drained) evict(ctx context.Context) error {
	left, err := d.pods(ctx)
	if err != nil || len(left) == 0 {
		return err
	}
	for i := range left {
		err := d.kube.SubResource("eviction").Create(ctx, &left[i], &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: left[i].Namespace, Name: left[i].Name}})
		if err != nil && !apierrors.IsTooManyRequests(err) && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return fmt.Errorf("%d pods are left", len(left))
}

func (d *drained) tasks(t *testing.T, desired types.DesiredStatus) []types.Task {
	t.Helper()
	ctx := context.Background()
	list, err := d.api.ListTasks(ctx, &ecs.ListTasksInput{ServiceName: aws.String("web"), DesiredStatus: desired})
	ok(t, err)
	if len(list.TaskArns) == 0 {
		return nil
	}
	out, err := d.api.DescribeTasks(ctx, &ecs.DescribeTasksInput{Tasks: list.TaskArns})
	ok(t, err)
	return out.Tasks
}

// TestDrainKeepsTheMinimum: at 100 and 200 percent every task that has to leave
// has a replacement that runs elsewhere before it is stopped.
func TestDrainKeepsTheMinimum(t *testing.T) {
	t.Parallel()
	d := newDrained(t, 2, 100, 200)
	before := taskARNs(d.tasks(t, types.DesiredStatusRunning))
	d.cordon(t)
	eventually(t, "the node is empty", d.evict)
	eventually(t, "the service is settled", func(ctx context.Context) error {
		svc, err := describe(ctx, d.api, "web")
		if err == nil && (svc.RunningCount != 2 || svc.PendingCount != 0) {
			err = fmt.Errorf("%d run, %d wait", svc.RunningCount, svc.PendingCount)
		}
		return err
	})
	var started, stopped []time.Time
	for _, task := range slices.Concat(d.tasks(t, types.DesiredStatusRunning), d.tasks(t, types.DesiredStatusStopped)) {
		if !slices.Contains(before, *task.TaskArn) {
			started = append(started, aws.ToTime(task.StartedAt))
			continue
		}
		stopped = append(stopped, aws.ToTime(task.StoppingAt))
		if task.StopCode != types.TaskStopCodeServiceSchedulerInitiated {
			t.Errorf("a task stopped with %s %q", task.StopCode, aws.ToString(task.StoppedReason))
		}
	}
	slices.SortFunc(stopped, time.Time.Compare)
	if len(stopped) != 2 {
		t.Fatalf("of the old tasks %d have stopped", len(stopped))
	}
	for i, at := range stopped {
		replacements := slices.DeleteFunc(slices.Clone(started), func(start time.Time) bool { return start.IsZero() || start.After(at) })
		if len(replacements) <= i {
			t.Errorf("old task %d was stopped at %s, and by then %d others had started", i+1, at, len(replacements))
		}
	}
}

// TestDrainWithoutRoom: where the limits let nothing start and nothing stop,
// nothing does, and an event says so.
func TestDrainWithoutRoom(t *testing.T) {
	t.Parallel()
	d := newDrained(t, 1, 50, 150)
	before := taskARNs(d.tasks(t, types.DesiredStatusRunning))
	d.cordon(t)
	eventually(t, "an event tells", func(ctx context.Context) error {
		if err := d.evict(ctx); err == nil {
			t.Fatal("the task was evicted")
		}
		return expectEvent(ctx, d.api, "web", "was unable to stop or start tasks")
	})
	if after := taskARNs(d.tasks(t, types.DesiredStatusRunning)); len(after) != 1 || after[0] != before[0] {
		t.Errorf("the tasks are %v, were %v", after, before)
	}
}
