package api

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/kube"
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
	stopAll(t, other, empty)
	_, err = other.ecs.DeleteCluster(t.Context(), &ecs.DeleteClusterInput{Cluster: &empty})
	if e := expectError[*types.ClusterContainsTasksException](err, "Tasks are active"); e != nil {
		t.Errorf("with a task that is stopping: %v", e)
	}
}

// stopAll puts the tasks of a cluster on a node that nobody is, and stops them:
// they are stopping for as long as the test takes.
func stopAll(t *testing.T, r *replica, cluster string) {
	t.Helper()
	admin, pods := kubernetesClient(t, kubernetes), &corev1.PodList{}
	ok(t, admin.List(t.Context(), pods, client.InNamespace("ecs-"+cluster)))
	for i := range pods.Items {
		binding := &corev1.Binding{Target: corev1.ObjectReference{Kind: "Node", Name: "nobody"}}
		ok(t, admin.SubResource("binding").Create(t.Context(), &pods.Items[i], binding))
		id := kube.TaskID(string(pods.Items[i].UID))
		waitFor(t, 10*time.Second, "the pod's node is seen", func() bool {
			pod, found := r.store.Pods.One(kube.ByID, id)
			return found && pod.Spec.NodeName != ""
		})
		_, err := r.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &cluster, Task: &id})
		ok(t, err)
	}
}
