package api

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// TestExpressWithEachWriteCut: whatever write of the creation is cut, the same call
// again ends with a service that is scaled.
func TestExpressWithEachWriteCut(t *testing.T) {
	t.Parallel()
	const writesOfACall = 6 // definition, revision, service, target, policy; the last is cut in none
	eachCut(t, writesOfACall, func(t *testing.T, n int, how fate) {
		r := newReplica(t, kubernetes)
		cluster := fmt.Sprintf("express-%s-%d", how, n)
		_, err := r.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: &cluster})
		ok(t, err)
		in := &ecs.CreateExpressGatewayServiceInput{
			Cluster: &cluster, ServiceName: aws.String("web"), InfrastructureRoleArn: aws.String("arn:aws:iam::000000000000:role/infrastructure"),
			ExecutionRoleArn: aws.String("arn:aws:iam::000000000000:role/execution"),
			PrimaryContainer: &types.ExpressGatewayContainer{Image: aws.String("web")},
		}
		r.writes.fail(n, how)
		_, cut := r.ecs.CreateExpressGatewayService(t.Context(), in)
		if (cut == nil) != (n == writesOfACall) {
			t.Fatalf("a call makes %d writes, the cut one is no. %d: %v", r.writes.count(), n, cut)
		}
		r.writes.fail(0, lost)
		if _, err = r.ecs.CreateExpressGatewayService(t.Context(), in); err != nil && (cut != nil && how == lost || !strings.Contains(err.Error(), "idempotent")) {
			t.Fatalf("again: %v; the first time: %v", err, cut)
		}
		resource := "service/" + cluster + "/web"
		out, err := r.scaling.DescribeScalingPolicies(t.Context(), &aas.DescribeScalingPoliciesInput{
			ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ResourceId: &resource,
		})
		ok(t, err)
		if len(out.ScalingPolicies) != 1 {
			t.Errorf("there are %d policies", len(out.ScalingPolicies))
		}
	})
}
