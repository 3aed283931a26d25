package translator

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// ProtectedUntil is when the task's protection from scale-in and from being
// replaced in a deployment ends; not ok where it has none, or none any more.
// Nobody takes the annotation off when the time is over: who asks compares.
func ProtectedUntil(pod *corev1.Pod, now time.Time) (until time.Time, ok bool) {
	until, ok = ParseTime(pod.Annotations[v1alpha1.ProtectedUntilAnnotation])
	if !ok || !now.Before(until) {
		return time.Time{}, false
	}
	return until, true
}
