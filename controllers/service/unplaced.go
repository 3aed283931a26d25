package service

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// instanceLacks is what ECS says of container instances that do not take a task,
// with a place for the one that came closest (Developer Guide, service event
// messages; the recorded one of a port names it in parentheses).
var instanceLacks = map[translator.Shortage]string{
	translator.NoInstances:   "Reason: No Container Instances were found in your cluster.",
	translator.ShortOfCPU:    "The closest matching # has insufficient CPU units available.",
	translator.ShortOfMemory: "The closest matching # has insufficient memory available.",
	translator.ShortOfPorts:  "The closest matching # is already using a port required by your task.",
	translator.NotDistinct:   `The closest matching # encountered error "DistinctInstance placement constraint unsatisfied.".`,
	translator.NoMember:      `The closest matching # encountered error "MemberOf placement constraint unsatisfied.".`,
}

// unplaced says why no node takes the task, in the words that follow "was unable to
// place a task"; empty where it waits for nothing. On Fargate it is capacity that is
// short (recorded events). closest is the id of the instance that came closest,
// empty where none is known.
func unplaced(t *task, closest string) string {
	message := unschedulable(t)
	if message == "" {
		return ""
	}
	shortage := translator.ShortageOf(message)
	onInstances := !translator.OnFargate(t.pod)
	reason := "Reason: " + message
	switch {
	case shortage == translator.NoShortage:
	case onInstances:
		reason = strings.Replace(instanceLacks[shortage], "#", instanceNamed(closest), 1)
	default:
		reason = "Reason: " + translator.ReasonNoCapacity + "."
	}
	if onInstances {
		return " because no container instance met all of its requirements. " + reason + troubleshooting
	}
	return ". " + reason + troubleshooting
}

func instanceNamed(id string) string {
	if id == "" {
		return "container-instance"
	}
	return "(container-instance " + id + ")"
}

// closestInstance is the id of the instance that comes closest to take a task that
// waits, by what tasks take of it; the first by name of several. It is empty where
// something else than tasks is in the way, or Gantry does not see the nodes.
func (c *Controller) closestInstance(pod *corev1.Pod) string {
	nodes := slices.SortedFunc(slices.Values(c.Store.Nodes.All()), func(a, b *corev1.Node) int { return cmp.Compare(a.Name, b.Name) })
	need := translator.NewNeed(pod)
	var id string
	var reason translator.PlacementReason
	for _, node := range nodes {
		if !translator.TakesTasks(node, &pod.Spec) {
			continue
		}
		if why := translator.RoomBeside(node, c.Store.Pods.By(kube.ByNode, node.Name)).Refuses(need); translator.Closer(why, reason) {
			id, reason = kube.TaskID(string(node.UID)), why
		}
	}
	return id
}

// unschedulable is what the scheduler says of a task that waits for a node.
func unschedulable(t *task) string {
	if t.state.Stopping() || t.pod.Spec.NodeName != "" {
		return ""
	}
	if condition := translator.PodCondition(t.pod, corev1.PodScheduled); condition != nil && condition.Reason == corev1.PodReasonUnschedulable {
		return condition.Message
	}
	return ""
}
