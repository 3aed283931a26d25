package api

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// What has no effect, and what no task will be started with, is told by Events
// of the objects.
func TestFindingsAreEvents(t *testing.T) {
	t.Parallel()
	r := newReplica(t, kubernetes)
	admin := kubernetesClient(t, kubernetes)
	cluster := r.service(t, 0)
	family := cluster + "-warned"
	register := &ecs.RegisterTaskDefinitionInput{
		Family: &family, ExecutionRoleArn: aws.String("arn:aws:iam::000000000000:role/run"),
		ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("web"), Image: aws.String("web"), Memory: aws.Int32(64)}},
	}
	_, err := r.ecs.RegisterTaskDefinition(t.Context(), register)
	ok(t, err)
	_, err = r.ecs.CreateService(t.Context(), &ecs.CreateServiceInput{
		Cluster: &cluster, ServiceName: aws.String("warned"), TaskDefinition: &family, DesiredCount: aws.Int32(0),
	})
	ok(t, err)
	register.ContainerDefinitions[0].DisableNetworking = aws.Bool(true)
	_, err = r.ecs.RegisterTaskDefinition(t.Context(), register)
	ok(t, err)
	for _, want := range []struct{ namespace, kind, name, reason, note string }{
		{ownNamespace, "TaskDefinition", family + ".1", "FieldsIgnored", "/executionRoleArn: "},
		{"ecs-" + cluster, "ServiceRevision", "warned-", "FieldsIgnored", "/executionRoleArn: "},
		{ownNamespace, "TaskDefinition", family + ".2", "FieldsRefused", "/containerDefinitions/0/disableNetworking: "},
	} {
		eventually(t, "an Event of "+want.kind+" "+want.name, func(ctx context.Context) error {
			list := &eventsv1.EventList{}
			if err := admin.List(ctx, list, client.InNamespace(want.namespace)); err != nil {
				return err
			}
			var seen []string
			for i := range list.Items {
				e := &list.Items[i]
				if e.Regarding.Kind == want.kind && strings.HasPrefix(e.Regarding.Name, want.name) && e.Reason == want.reason &&
					strings.Contains(e.Note, want.note) && e.Regarding.UID != "" {
					return nil
				}
				seen = append(seen, e.Regarding.Kind+" "+e.Regarding.Name+" "+e.Reason+" "+e.Note)
			}
			return fmt.Errorf("there are %q", seen)
		})
	}
}
