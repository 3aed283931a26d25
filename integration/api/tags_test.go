package api

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// TestManyTagOneResource: callers that tag one resource at the same time, at two
// replicas of which one sees no change that it did not ask for, lose no tag.
func TestManyTagOneResource(t *testing.T) {
	t.Parallel()
	seeing, blind := newReplica(t, kubernetes), newBlindReplica(t, kubernetes)
	cluster := seeing.service(t, 0)
	described, err := seeing.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: &cluster, Services: []string{"web"}})
	ok(t, err)
	service := described.Services[0]
	for what, resource := range map[string]*string{
		"cluster": service.ClusterArn, "service": service.ServiceArn, "task definition": service.TaskDefinition,
	} {
		t.Run(what, func(t *testing.T) {
			const callers = 4
			var wg sync.WaitGroup
			for i := range callers {
				for name, r := range map[string]*replica{"seeing": seeing, "blind": blind} {
					wg.Go(func() {
						_, err := r.ecs.TagResource(t.Context(), &ecs.TagResourceInput{
							ResourceArn: resource, Tags: []types.Tag{{Key: aws.String(fmt.Sprint(name, i)), Value: aws.String("here")}},
						})
						if err != nil {
							t.Errorf("TagResource at the %s replica: %v", name, err)
						}
					})
				}
			}
			wg.Wait()
			waitFor(t, 5*time.Second, "the seeing replica has all tags", func() bool {
				out, err := seeing.ecs.ListTagsForResource(t.Context(), &ecs.ListTagsForResourceInput{ResourceArn: resource})
				ok(t, err)
				return len(out.Tags) == 2*callers
			})
		})
	}
}
