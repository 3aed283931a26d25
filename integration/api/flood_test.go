package api

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/localcluster"
)

// floodTasks run at a time: a slow machine too sees twenty of them end in a minute.
const floodTasks = 5

// TestFloodOfTasksIsHeld: a service whose tasks run and exit at once gets no new one
// after twenty, and an event says so.
func TestFloodOfTasksIsHeld(t *testing.T) {
	t.Parallel()
	admin := startCluster(t, localcluster.Options{})
	c, api, ctx := kubernetesClient(t, admin), startGantry(t, admin).home(), context.Background()
	prepare(ctx, t, api, "app")
	_, err := api.CreateService(ctx, &ecs.CreateServiceInput{ServiceName: aws.String("web"), TaskDefinition: aws.String("app"), DesiredCount: aws.Int32(floodTasks)})
	ok(t, err)
	ended := 0
	endAll := func() {
		pods := &corev1.PodList{}
		ok(t, c.List(ctx, pods, client.MatchingLabels{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy}))
		for i := range pods.Items {
			if pod := &pods.Items[i]; pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil && exits(ctx, c, pod) == nil {
				ended++
			}
		}
	}
	waitFor(t, startLimit, "a service event tells of the throttle", func() bool {
		endAll()
		return expectEvent(ctx, api, "web", "operations are being throttled. Will try again later.") == nil
	})
	if ended < 20 {
		t.Errorf("after %d tasks that exited", ended)
	}
	eventually(t, "nothing is started", func(ctx context.Context) error {
		endAll() // the ReplicaSet may have started one more before the hold
		deployments := &appsv1.DeploymentList{}
		ok(t, c.List(ctx, deployments, client.MatchingLabels{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy}))
		if len(deployments.Items) != 1 {
			return fmt.Errorf("there are %d Deployments", len(deployments.Items))
		}
		if asked := *deployments.Items[0].Spec.Replicas; asked != 0 {
			return fmt.Errorf("the Deployment asks for %d", asked)
		}
		return nil
	})
	svc, err := describe(ctx, api, "web")
	ok(t, err)
	if svc.DesiredCount != floodTasks {
		t.Errorf("the desired count is %d", svc.DesiredCount)
	}
}

// exits plays a container that has run and exited.
func exits(ctx context.Context, c client.Client, pod *corev1.Pod) error {
	now := metav1.NewTime(time.Now())
	pod.Status.Phase = corev1.PodFailed
	for i := range pod.Status.ContainerStatuses {
		pod.Status.ContainerStatuses[i].Ready = false
		pod.Status.ContainerStatuses[i].State = corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error", StartedAt: now, FinishedAt: now},
		}
	}
	return c.Status().Update(ctx, pod)
}
