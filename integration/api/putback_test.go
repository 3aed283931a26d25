package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/localcluster"
)

// TestEditedDeploymentIsPutBack: what somebody changes of a Deployment behind
// Gantry's back is as it was a moment later, and the tasks run on.
func TestEditedDeploymentIsPutBack(t *testing.T) {
	t.Parallel()
	admin := startCluster(t, localcluster.Options{})
	c, api, ctx := kubernetesClient(t, admin), startGantry(t, admin).home(), context.Background()
	prepare(ctx, t, api, "app")
	_, err := api.CreateService(ctx, &ecs.CreateServiceInput{ServiceName: aws.String("web"), TaskDefinition: aws.String("app"), DesiredCount: aws.Int32(2)})
	ok(t, err)
	eventually(t, "the service is steady", func(ctx context.Context) error {
		return expectEvent(ctx, api, "web", "has reached a steady state")
	})
	running := func(ctx context.Context) []string {
		list, err := api.ListTasks(ctx, &ecs.ListTasksInput{ServiceName: aws.String("web"), DesiredStatus: types.DesiredStatusRunning})
		ok(t, err)
		slices.Sort(list.TaskArns)
		return list.TaskArns
	}
	tasks := running(ctx)
	deployments := &appsv1.DeploymentList{}
	ok(t, c.List(ctx, deployments, client.MatchingLabels{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy}))
	if len(deployments.Items) != 1 {
		t.Fatalf("there are %d Deployments", len(deployments.Items))
	}
	made := &deployments.Items[0]
	for _, edit := range []struct{ name, patch string }{
		{"kubectl rollout restart", `{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-03-01T12:00:00Z"}}}}}`},
		{"another grace period, and a label more", `{"spec":{"template":{"metadata":{"labels":{"mine":"yes"}},"spec":{"terminationGracePeriodSeconds":7}}}}`},
		{"an init container", `{"spec":{"template":{"spec":{"initContainers":[{"name":"mine","image":"mine"}],"nodeSelector":{"disk":"ssd"}}}}}`},
		{"the strategy", `{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}`},
		{"paused", `{"spec":{"paused":true}}`},
		{"the count", `{"spec":{"replicas":4}}`},
		{"its owner", `{"metadata":{"ownerReferences":null}}`},
		// Last: what has left the watch's selection is not seen by it for a while.
		{"its own labels", `{"metadata":{"labels":{"` + v1alpha1.ManagedByLabel + `":null,"` + v1alpha1.ServiceLabel + `":"other"}}}`},
	} {
		now := made.DeepCopy()
		ok(t, c.Patch(ctx, now, client.RawPatch("application/merge-patch+json", []byte(edit.patch))))
		eventually(t, edit.name+" is put back", func(ctx context.Context) error {
			if err := c.Get(ctx, client.ObjectKeyFromObject(made), now); err != nil {
				return err
			}
			if now.UID != made.UID {
				t.Fatalf("%s: the Deployment was made anew", edit.name)
			}
			if !equality.Semantic.DeepEqual(now.Spec, made.Spec) || !equality.Semantic.DeepEqual(now.Labels, made.Labels) ||
				!equality.Semantic.DeepEqual(now.OwnerReferences, made.OwnerReferences) {
				return errors.New("it is not as it was")
			}
			if got := running(ctx); !slices.Equal(got, tasks) {
				return fmt.Errorf("the tasks are %v, were %v", got, tasks)
			}
			return nil
		})
	}
}
