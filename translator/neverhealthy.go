package translator

import "time"

// GivesUpAt is when the first of the containers that others wait for has had all its
// time to become HEALTHY; zero where none is waited for. Only for containers that stay
// as init containers: a hook gives up by itself.
func (s *PodState) GivesUpAt() (first time.Time) {
	for i := range s.containers {
		if at := s.givesUpAt(i); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

func (s *PodState) givesUpAt(i int) time.Time {
	c := &s.containers[i]
	running := c.status.State.Running
	if running == nil || !s.awaited(i) {
		return time.Time{}
	}
	probe := c.spec.StartupProbe
	// A check that cannot be run at all never fails for the kubelet, which would
	// start the container again after so many failures.
	patience := probe.FailureThreshold*probe.PeriodSeconds + probe.TimeoutSeconds
	return running.StartedAt.Add(time.Duration(patience) * time.Second)
}

// neverHealthy says whether the containers that wait for this one wait in vain: it
// was HEALTHY at no time, and has ended or had all the time there is. An agent of
// ECS's does not start them (Developer Guide, container dependency).
func (s *PodState) neverHealthy(i int, now time.Time) bool {
	if !s.awaited(i) {
		return false
	}
	if s.containers[i].status.RestartCount > 0 {
		return true
	}
	at := s.givesUpAt(i)
	return !at.IsZero() && now.After(at)
}

// awaited says whether others wait for the container's health: none that comes after
// it has begun.
func (s *PodState) awaited(i int) bool {
	c := &s.containers[i]
	if !c.sidecar() || c.spec.StartupProbe == nil || c.status.Started != nil && *c.status.Started {
		return false
	}
	for n := range s.containers[i+1:] {
		if later := &s.containers[i+1+n]; later.started() || later.status.RestartCount > 0 {
			return false
		}
	}
	return true
}
