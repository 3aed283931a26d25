package translator

import (
	"time"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// activates says whether a task is ACTIVATING before it is RUNNING: it is
// registered with several target groups, a service registry or Service Connect
// (Developer Guide, task lifecycle).
func (s *PodState) activates() bool {
	groups := map[string]bool{}
	for _, route := range s.routes() {
		if route.Registry != "" {
			return true
		}
		if route.TargetGroup != "" && !route.Test {
			groups[route.TargetGroup] = true
		}
	}
	return len(groups) > 1 || s.pod.Annotations[v1alpha1.ConnectNamespaceAnnotation] != ""
}

// deactivates says whether a task that ran is DEACTIVATING before it is STOPPING:
// it leaves a target group, a registry or Service Connect.
func (s *PodState) deactivates() bool {
	return len(s.routes()) > 0 || s.pod.Annotations[v1alpha1.ConnectNamespaceAnnotation] != ""
}

// routes are none where they cannot be read: the service's controller says so.
func (s *PodState) routes() []Route {
	routes, _ := RoutesOf(s.pod.Annotations)
	return routes
}

// deactivating says whether a task that is to stop still serves: nobody has told
// its containers yet, or their preStop sleep is not over. What routes do meanwhile
// the pod does not tell.
func (s *PodState) deactivating(now time.Time) bool {
	if !s.deactivates() || !s.anyRunning() || s.Terminal() {
		return false
	}
	deadline, deleted := s.pod.Spec.ActiveDeadlineSeconds != nil, s.pod.DeletionTimestamp != nil
	if !deadline && !deleted {
		return true
	}
	told, _ := ParseTime(s.pod.Annotations[v1alpha1.StoppingAtAnnotation])
	if !deadline && deletedAt(s.pod).After(told) {
		told = deletedAt(s.pod)
	}
	return now.Before(told.Add(s.preStop()))
}

// preStop is for how long the containers go on once they are told to stop.
func (s *PodState) preStop() time.Duration {
	var longest int64
	for i := range s.containers {
		if l := s.containers[i].spec.Lifecycle; l != nil && l.PreStop != nil && l.PreStop.Sleep != nil {
			longest = max(longest, l.PreStop.Sleep.Seconds)
		}
	}
	return time.Duration(longest) * time.Second
}
