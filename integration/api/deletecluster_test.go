package api

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// A replica whose watch lags must not end a cluster that has a service or a task
// made by another.
func TestDeleteClusterAsksTheAPIServer(t *testing.T) {
	t.Parallel()
	other, blind := newReplica(t, kubernetes), newBlindReplica(t, kubernetes)
	cluster := other.service(t, 1)
	_, err := blind.ecs.DeleteCluster(t.Context(), &ecs.DeleteClusterInput{Cluster: &cluster})
	if e := expectError[*types.ClusterContainsServicesException](err, "Services are active"); e != nil {
		t.Error(e)
	}
	empty := "api-" + strings.ToLower(rand.Text()[:8])
	_, err = other.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: &empty})
	ok(t, err)
	_, err = other.ecs.RunTask(t.Context(), &ecs.RunTaskInput{Cluster: &empty, TaskDefinition: &cluster, Count: aws.Int32(1)})
	ok(t, err)
	_, err = blind.ecs.DeleteCluster(t.Context(), &ecs.DeleteClusterInput{Cluster: &empty})
	if e := expectError[*types.ClusterContainsTasksException](err, "Tasks are active"); e != nil {
		t.Error(e)
	}
}
