package service

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// rollouts keeps each deployment's rollout state and its count of failed tasks.
func (c *Controller) rollouts(ctx context.Context, w *world) error {
	for _, d := range w.deployments {
		if err := c.rolloutState(ctx, w, d); err != nil {
			return err
		}
	}
	return nil
}

func (c *Controller) rolloutState(ctx context.Context, w *world, d *deployment) error {
	current := d.rollout.Status
	wanted := *current.DeepCopy()
	w.countFailures(d, &wanted)
	w.advance(d, &wanted)
	state := w.stateOf(d)
	wanted.RolloutState = string(state)
	wanted.RolloutStateReason = translator.RolloutReason(state, d.entry, d.rollout, func(number int64) string {
		return kube.DeploymentID(w.service.UID, number)
	})
	if state != types.DeploymentRolloutStateInProgress && wanted.FinishedAt == nil {
		wanted.FinishedAt = timeOf(w.now)
		if state == types.DeploymentRolloutStateFailed && !w.rolling() && w.blue() != nil {
			wanted.RollbackTo = w.rollbackTarget(d, w.failureOf(d))
		}
	}
	if equality.Semantic.DeepEqual(wanted, current) {
		return nil
	}
	wanted.UpdatedAt = timeOf(w.now)
	rollout, err := c.Store.Rollouts.PatchStatus(ctx, d.rollout, kube.Fields{"status": wanted})
	if err != nil {
		return err
	}
	d.rollout = rollout
	return nil
}

func timeOf(t time.Time) *metav1.MicroTime {
	micro := metav1.NewMicroTime(t)
	return &micro
}

// steady says whether the service has reached its steady state: one deployment
// has tasks, as many as desired, and all are healthy. A task that dies before it
// counts as healthy keeps the service from it.
func (w *world) steady() bool {
	newest := w.newest()
	if !w.rolling() && w.stateOf(newest) == types.DeploymentRolloutStateInProgress && (newest.rollout == nil ||
		newest.rollout.Status.LifecycleStage != string(types.ServiceDeploymentLifecycleStageCleanUp)) {
		return false
	}
	for _, d := range w.deployments {
		if d != newest && d.side.present() > 0 {
			return false
		}
	}
	side := newest.side
	return side.Healthy == w.desired() && side.Active == side.Healthy && side.Replicas == side.Healthy
}

// countFailures counts the tasks that failed in a row: a task that gets healthy
// sets the count back (API reference, Deployment.failedTasks and
// DeploymentCircuitBreaker.resetOnHealthyTask).
func (w *world) countFailures(d *deployment, status *v1alpha1.ServiceDeploymentStatus) {
	counted := status.CountedTasks
	status.CountedTasks = nil
	for _, t := range d.tasks {
		id := t.id()
		if slices.Contains(counted, id) {
			status.CountedTasks = append(status.CountedTasks, id)
			continue
		}
		if w.failed(t) {
			status.CountedTasks = append(status.CountedTasks, id)
			status.FailedTasks++
		}
	}
	slices.Sort(status.CountedTasks)
	if d.side.Healthy > status.HealthyTasks && translator.BreakerResets(w.settings.DeploymentConfiguration.DeploymentCircuitBreaker) {
		status.FailedTasks = 0
	}
	status.HealthyTasks = d.side.Healthy
}

// failed says whether the task failed to start, was stopped for its health, or
// ended by itself before it counted as healthy. Of the last the Developer Guide
// (deployment circuit breaker) says nothing; that a container which exits early
// trips the breaker is what ECS's users see.
func (w *world) failed(t *task) bool {
	code := types.TaskStopCode(t.pod.Annotations[v1alpha1.StopCodeAnnotation])
	reason := t.pod.Annotations[v1alpha1.StoppedReasonAnnotation]
	if code == "" && t.state.Terminal() {
		stop, found := translator.StopFor(t.pod, translator.RuleInput{})
		if !found {
			return false
		}
		code, reason = stop.Code, stop.Reason
	}
	switch code {
	case types.TaskStopCodeTaskFailedToStart:
		return true
	case types.TaskStopCodeServiceSchedulerInitiated:
		return reason == translator.ReasonUnhealthy
	case types.TaskStopCodeEssentialContainerExited:
		return t.state.Terminal() && t.state.RanFor() < w.healthyAfter
	default:
		return false
	}
}
