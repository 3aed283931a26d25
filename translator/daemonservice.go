package translator

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	if r.in.DaemonOf == "" {
		return
	}
	if r.spec.Affinity == nil {
		r.spec.Affinity = &corev1.Affinity{}
	}
	r.spec.Affinity.PodAntiAffinity = &corev1.PodAntiAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{
			TopologyKey:   corev1.LabelHostname,
			LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{v1alpha1.ServiceLabel: r.in.DaemonOf}},
		}},
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
	if node.Spec.Unschedulable || node.DeletionTimestamp != nil {
		return false
	}
	fits, err := nodeaffinity.GetRequiredNodeAffinity(&corev1.Pod{Spec: template.Spec}).Match(node)
	if err != nil || !fits {
		return false
	}
	_, tainted := v1helper.FindMatchingUntoleratedTaint(logr.Discard(), node.Spec.Taints, template.Spec.Tolerations, func(taint *corev1.Taint) bool {
		return taint.Effect != corev1.TaintEffectPreferNoSchedule &&
			taint.Key != corev1.TaintNodeNotReady && taint.Key != corev1.TaintNodeUnreachable
	}, false)
	return !tainted
}
