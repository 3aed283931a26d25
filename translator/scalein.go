package translator

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// Counted says whether the pod's ReplicaSet counts it: one that runs on until its
// replacement is healthy has no label that it could be told by.
func Counted(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && pod.Labels[v1alpha1.ServiceLabel] != "" && !Done(pod)
}

// Outlives says whether a pod was chosen to go in a scale-in, and its ReplicaSet still
// counts it.
func Outlives(pod *corev1.Pod) bool {
	return Counted(pod) && pod.Annotations[corev1.PodDeletionCost] != ""
}

// TakenInScaleIn says whether a ReplicaSet deleted the pod because the Deployment
// asks for no more than the others that stood beside it; of a pod that is wanted
// a user's deletion leaves fewer. Pods that came in the same second do not count:
// one of them may be its replacement. all are the pods of the Deployment.
func TakenInScaleIn(pod *corev1.Pod, all []*corev1.Pod, replicas int32) bool {
	if pod.DeletionTimestamp == nil {
		return false
	}
	at := deletedAt(pod)
	var stood int32
	for _, other := range all {
		gone := other.DeletionTimestamp != nil && deletedAt(other).Before(at)
		if other.UID != pod.UID && other.CreationTimestamp.Time.Before(at) && !gone &&
			other.Labels[v1alpha1.ServiceLabel] != "" && !Observe(other).Terminal() {
			stood++
		}
	}
	return stood >= replicas
}
