package translator

import (
	"time"

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

// LessSince is since when fewer tasks are asked of a deployment than it had: of one that is
// not the newest, since the newest was asked for. It is zero where nothing tells.
func LessSince(svc *v1alpha1.ECSService, number int64) time.Time {
	entries := svc.Spec.Deployments
	if len(entries) == 0 {
		return time.Time{}
	}
	newest := entries[len(entries)-1]
	if newest.Number == number || newest.TaskSet != nil {
		return time.Time{}
	}
	return newest.RequestedAt.Time
}

// TakenInScaleIn says whether a ReplicaSet deleted the pod because the Deployment
// asks for no more than the others that stood beside it; of a pod that is wanted
// a user's deletion leaves fewer. Pods that came in the same second do not count:
// one of them may be its replacement. all are the pods of the Deployment; before since it
// asked for more.
func TakenInScaleIn(pod *corev1.Pod, all []*corev1.Pod, replicas int32, since time.Time) bool {
	if pod.DeletionTimestamp == nil {
		return false
	}
	at := deletedAt(pod)
	if at.Before(since.Truncate(time.Second)) {
		return false
	}
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
