package translator

import (
	corev1 "k8s.io/api/core/v1"
)

const nodeNameField = "metadata.name"

// PlaceOn lets the pod run on that node alone. It is the node's name in an
// affinity and not spec.nodeName: the scheduler then keeps account of the node,
// and a pod that does not fit waits instead of being refused by the kubelet.
func PlaceOn(spec *corev1.PodSpec, node string) {
	if spec.Affinity == nil {
		spec.Affinity = &corev1.Affinity{}
	}
	affinity := spec.Affinity
	if affinity.NodeAffinity == nil {
		affinity.NodeAffinity = &corev1.NodeAffinity{}
	}
	required := affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	if required == nil {
		required = &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{}}}
		affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution = required
	}
	for i := range required.NodeSelectorTerms { // one of them has to hold
		term := &required.NodeSelectorTerms[i]
		term.MatchFields = append(term.MatchFields, corev1.NodeSelectorRequirement{
			Key: nodeNameField, Operator: corev1.NodeSelectorOpIn, Values: []string{node},
		})
	}
}

// NodeName is the node that the pod is on, or that PlaceOn let it be on; empty
// where the scheduler has yet to choose.
func NodeName(pod *corev1.Pod) string {
	affinity := pod.Spec.Affinity
	if pod.Spec.NodeName != "" || affinity == nil || affinity.NodeAffinity == nil ||
		affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return pod.Spec.NodeName
	}
	for _, term := range affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		for _, field := range term.MatchFields {
			if field.Key == nodeNameField && len(field.Values) == 1 {
				return field.Values[0]
			}
		}
	}
	return ""
}

// NodeReady says whether the kubelet of the node reports, and reports well.
func NodeReady(node *corev1.Node) bool {
	for i := range node.Status.Conditions {
		if condition := &node.Status.Conditions[i]; condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// Waiting says whether the scheduler has yet to look for a node for the pod, or to
// tell that it has found none.
func Waiting(pod *corev1.Pod) bool {
	if pod.Spec.NodeName != "" || pod.DeletionTimestamp != nil {
		return false
	}
	scheduled := PodCondition(pod, corev1.PodScheduled)
	return scheduled == nil || scheduled.Status != corev1.ConditionFalse
}
