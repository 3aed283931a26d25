package translator

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// TestDaemonKeepsToItsNode: a constraint on the nodes does not let two tasks of a
// DAEMON service onto one.
func TestDaemonKeepsToItsNode(t *testing.T) {
	rendered := RenderPodSpec(TaskInput{
		TaskDefinition: &types.TaskDefinition{}, LaunchType: types.LaunchTypeEc2, InService: true, Daemon: true, Group: "agent",
		PlacementConstraints: []types.PlacementConstraint{{
			Type: types.PlacementConstraintTypeMemberOf, Expression: aws.String("attribute:ecs.os-type == linux"),
		}},
	})
	affinity := rendered.Spec.Affinity
	if affinity == nil || affinity.NodeAffinity == nil || affinity.PodAntiAffinity == nil {
		t.Errorf("the affinity is %v, want one to nodes and one against its own", affinity)
	}
}
