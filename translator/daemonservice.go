package translator

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	v1helper "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

var daemonFields = []Field{
	{
		Document: Service, Path: "/schedulingStrategy", Class: Translated,
		To:   "Pod /spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution",
		Rule: "DAEMON: as many tasks as nodes take them, and none beside another of the service; REPLICA: as many tasks as desiredCount says",
	},
}

// onePerNode keeps two tasks of a DAEMON service off one node. It is no
// DaemonSet: deployments go by the limits that the service has, as those of other
// services do.
func (r *renderer) onePerNode() {
	if r.in.Daemon {
		r.distinctInstance()
	}
}

// IsDaemon says whether a service has one task on each node.
func IsDaemon(svc *v1alpha1.ECSService) bool {
	return svc.Spec.SchedulingStrategy == string(types.SchedulingStrategyDaemon)
}

// TakesDaemon says whether a node takes a task of the template: an instance that
// is ACTIVE, not DRAINING, and meets the constraints (Developer Guide, services).
// A node that is away for a moment stays counted.
func TakesDaemon(node *corev1.Node, template *corev1.PodTemplateSpec) bool {
	if !TakesTasks(node, &template.Spec) {
		return false
	}
	fits, err := nodeaffinity.GetRequiredNodeAffinity(&corev1.Pod{Spec: template.Spec}).Match(node)
	return err == nil && fits
}

// TakesTasks says whether a node is an instance that is ACTIVE for tasks with
// such a pod: not DRAINING, and not kept for other pods.
func TakesTasks(node *corev1.Node, spec *corev1.PodSpec) bool {
	return !node.Spec.Unschedulable && node.DeletionTimestamp == nil && !tainted(node, spec)
}

// tainted says whether the node keeps such pods away for good: that it is not
// ready or not reached passes.
func tainted(node *corev1.Node, spec *corev1.PodSpec) bool {
	_, found := v1helper.FindMatchingUntoleratedTaint(logr.Discard(), node.Spec.Taints, spec.Tolerations, func(taint *corev1.Taint) bool {
		return taint.Effect != corev1.TaintEffectPreferNoSchedule && taint.Key != corev1.TaintNodeNotReady &&
			taint.Key != corev1.TaintNodeUnreachable && taint.Key != corev1.TaintNodeUnschedulable
	}, false)
	return found
}
