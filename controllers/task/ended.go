package task

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/translator"
)

// How long a pod's last word is waited for.
const (
	// A deleted pod whose node is lost, or that was force-deleted, may get none:
	// no kubelet reports its end.
	lostNodeGrace    = 30 * time.Second
	forceDeleteGrace = 5 * time.Second
	// lateStatusGrace: the kubelet has said that the pod has ended, and of a
	// container that it runs; the next status has its exit code.
	lateStatusGrace = 10 * time.Second
)

// surroundings are what the end of a task is seen by besides its pod.
type surroundings struct {
	now time.Time
	// terminalSince is when the pod's phase was first seen to be a last one.
	terminalSince time.Time
	// nodes is false where no nodes can be seen. node is nil where the pod's is gone.
	nodes bool
	node  *corev1.Node
}

// ended says whether the pod's task has stopped for good, or when to look again.
func ended(pod *corev1.Pod, in surroundings) (ended bool, again time.Duration) {
	state := translator.Observe(pod)
	switch {
	case state.Ended():
		return true, 0
	case state.Terminal():
		return over(in.terminalSince.Add(lateStatusGrace), in.now)
	case pod.DeletionTimestamp == nil:
		return false, 0
	case pod.DeletionGracePeriodSeconds != nil && *pod.DeletionGracePeriodSeconds == 0:
		return over(pod.DeletionTimestamp.Add(forceDeleteGrace), in.now)
	case !in.nodes:
		return false, 0
	case in.node == nil:
		return true, 0
	case translator.NodeReady(in.node):
		return false, 0
	}
	return over(pod.DeletionTimestamp.Add(lostNodeGrace), in.now)
}

// over says whether a time limit has passed, or when it will have.
func over(limit, now time.Time) (over bool, left time.Duration) {
	left = limit.Sub(now)
	return left <= 0, left
}
