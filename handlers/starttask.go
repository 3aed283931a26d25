package handlers

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

const maxStartTask = 10

// StartTask starts a task on each of the container instances that the caller
// names (API reference, StartTask). An instance that cannot take the task is a
// failure in the answer.
func (h *Handlers) StartTask(ctx context.Context, in *ecs.StartTaskInput) (*ecs.StartTaskOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	switch {
	case len(in.ContainerInstances) == 0:
		return nil, missingMember(in, []string{"containerInstances"})
	case len(in.ContainerInstances) > maxStartTask:
		return nil, atMost("instanceIds", maxStartTask)
	}
	asRun := startedAsRun(in)
	if err := checkRunTask(asRun, startTaskStartedBy); err != nil {
		return nil, err
	}
	run := &taskRun{h: h, in: asRun, cluster: cluster, now: h.now(), nodes: []*corev1.Node{}}
	if err := run.identify(); err != nil {
		return nil, err
	}
	if err := run.render(ctx, in.TaskDefinition, false); err != nil {
		return nil, err
	}
	failures, err := run.place(in.ContainerInstances)
	defer run.releaseRoom()
	if err != nil {
		return nil, err
	}
	out, err := run.make(ctx, takenTasks{})
	if err != nil {
		return nil, err
	}
	return &ecs.StartTaskOutput{Tasks: out.Tasks, Failures: append(failures, out.Failures...)}, nil
}

// startedAsRun is the RunTask call that makes the same tasks but for where they
// run. A started task has launch type EC2 (recorded answers).
func startedAsRun(in *ecs.StartTaskInput) *ecs.RunTaskInput {
	return &ecs.RunTaskInput{
		Cluster: in.Cluster, TaskDefinition: in.TaskDefinition, LaunchType: types.LaunchTypeEc2,
		EnableECSManagedTags: in.EnableECSManagedTags, EnableExecuteCommand: in.EnableExecuteCommand,
		Group: in.Group, NetworkConfiguration: in.NetworkConfiguration, Overrides: in.Overrides,
		PropagateTags: in.PropagateTags, ReferenceId: in.ReferenceId, StartedBy: in.StartedBy, Tags: in.Tags,
		VolumeConfigurations: in.VolumeConfigurations,
	}
}

// place finds the nodes of the container instances, and says of each that cannot
// take the task why not (Developer Guide, API failure reasons). What it finds room
// for is promised that room.
func (r *taskRun) place(instances []string) ([]types.Failure, error) {
	r.h.ledger.placing.Lock()
	defer r.h.ledger.placing.Unlock()
	failures := []types.Failure{}
	need := translator.NewNeed(r.pod)
	rooms := r.h.rooms(need, &r.pod.Spec)
	for _, given := range instances {
		id, err := instanceID(r.cluster, given)
		if err != nil {
			return nil, err
		}
		room := rooms.on(id)
		if node := r.h.instance(id); node != nil && room == nil { // it takes no tasks, and says why
			found, _ := r.h.ledger.rooms(node)
			room = found[0]
		}
		reason := translator.PlacementReason(reasonMissing)
		if room != nil {
			reason = rooms.refuses(room, need)
		}
		if reason != "" {
			failures = append(failures, failure(arn.ContainerInstance(r.cluster.Spec.Identity, r.cluster.Spec.Name, id), string(reason)))
			continue
		}
		rooms.take(room, need)
		placed := r.pod.DeepCopy()
		translator.PlaceOn(&placed.Spec, room.Node.Name)
		r.promise(r.podName(len(r.nodes)), placed)
		r.nodes = append(r.nodes, room.Node)
	}
	r.count = len(r.nodes)
	return failures, nil
}

// instance is the node that is the container instance of this id: its UID. It is
// nil where there is none.
func (h *Handlers) instance(id string) *corev1.Node {
	for _, node := range h.store.Nodes.All() {
		if kube.TaskID(string(node.UID)) == id {
			return node
		}
	}
	return nil
}

// instanceID reads what a request names a container instance by: an id or an ARN
// of the cluster.
func instanceID(cluster *v1alpha1.Cluster, given string) (string, error) {
	id, err := nameIn(cluster, "container-instance", given)
	if err != nil {
		return "", err
	}
	if !validID(id) {
		return "", invalidParameter("instanceId length should be one of [32,36]")
	}
	return kube.TaskID(id), nil
}
