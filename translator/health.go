package translator

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

const (
	healthHealthy   = types.HealthStatusHealthy
	healthUnhealthy = types.HealthStatusUnhealthy
	healthUnknown   = types.HealthStatusUnknown
)

// health is a container's healthStatus: HEALTHY while the readiness probe that
// carries its health check succeeds, UNKNOWN until it has or until startPeriod +
// retries × interval have passed, then UNHEALTHY (API reference, HealthCheck). Of a
// task that was stopped it stays what it was then: nothing is checked any more.
func (s *PodState) health(c *containerState, now time.Time) types.HealthStatus {
	if s.Stopping() {
		if health, told := s.healthAtStop(c.name); told {
			return health
		}
	}
	running := c.status.State.Running
	switch {
	case !c.checked || running == nil:
		return healthUnknown
	case c.status.Ready:
		return healthHealthy
	case now.Sub(running.StartedAt.Time) < c.window:
		return healthUnknown
	default:
		return healthUnhealthy
	}
}

// healthText is the health of the containers that are checked, as HealthAnnotation has it.
func (s *PodState) healthText(now time.Time) string {
	var parts []string
	for i := range s.containers {
		if c := &s.containers[i]; c.checked {
			parts = append(parts, c.name+"="+string(s.health(c, now)))
		}
	}
	return strings.Join(parts, ",")
}

func (s *PodState) healthAtStop(container string) (health types.HealthStatus, told bool) {
	for part := range strings.SplitSeq(s.pod.Annotations[v1alpha1.HealthAnnotation], ",") {
		if name, status, ok := strings.Cut(part, "="); ok && name == container {
			return types.HealthStatus(status), true
		}
	}
	return "", false
}

// HealthDeadline is when a container that is not healthy yet becomes UNHEALTHY;
// zero where none will.
func (s *PodState) HealthDeadline() time.Time {
	var first time.Time
	for i := range s.containers {
		c := &s.containers[i]
		running := c.status.State.Running
		if !c.checked || running == nil || c.status.Ready {
			continue
		}
		if at := running.StartedAt.Add(c.window); first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}

// taskHealth counts essential containers: UNHEALTHY if any is, else UNKNOWN if
// any is, else HEALTHY (API reference, HealthCheck, the table of examples).
func (s *PodState) taskHealth(now time.Time) types.HealthStatus {
	status := healthHealthy
	for i := range s.containers {
		c := &s.containers[i]
		if !c.essential {
			continue
		}
		switch s.health(c, now) {
		case healthUnhealthy:
			return healthUnhealthy
		case healthUnknown:
			status = healthUnknown
		case healthHealthy:
		}
	}
	return status
}
