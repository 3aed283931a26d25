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
	wanted.TemplateHash = d.templateHash
	if !w.external() {
		w.keepState(d, &wanted)
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

// keepState brings a deployment's stage and state to where they are by now.
func (w *world) keepState(d *deployment, status *v1alpha1.ServiceDeploymentStatus) {
	w.advance(d, status)
	state := w.stateOf(d)
	status.RolloutState = string(state)
	status.RolloutStateReason = translator.RolloutReason(state, d.entry, d.rollout, func(number int64) string {
		return kube.DeploymentID(w.service.UID, number)
	})
	if state != types.DeploymentRolloutStateInProgress && status.FinishedAt == nil {
		status.FinishedAt = timeOf(w.now)
	}
	if status.RollbackTo == nil { // the service's list tells it for as long as the deployment is in it
		status.RollbackTo = translator.TakenBackTo(w.service, d.entry.Number)
	}
}

func timeOf(t time.Time) *metav1.MicroTime {
	micro := metav1.NewMicroTime(t)
	return &micro
}

// steady says whether the service has reached its steady state: one deployment
// has tasks, as many as desired, and all are healthy; of the others none is RUNNING
// in an answer any more. A task that dies before it counts as healthy keeps the
// service from it.
func (w *world) steady() bool {
	if w.external() {
		return w.taskSetsStable()
	}
	newest := w.newest()
	if !w.rolling() && w.stateOf(newest) == types.DeploymentRolloutStateInProgress && (newest.rollout == nil ||
		newest.rollout.Status.LifecycleStage != string(types.ServiceDeploymentLifecycleStageCleanUp)) {
		return false
	}
	if !w.replaced() {
		return false
	}
	side := newest.side
	return side.Healthy == w.desired() && side.Active == side.Healthy && side.Replicas == side.Healthy
}

// replaced says whether the newest deployment alone has tasks.
func (w *world) replaced() bool {
	return !slices.ContainsFunc(w.deployments, func(d *deployment) bool { return d != w.newest() && !d.drained() })
}

// countFailures counts the tasks that failed in a row: a task that gets healthy
// sets the count back (API reference, Deployment.failedTasks and
// DeploymentCircuitBreaker.resetOnHealthyTask).
func (w *world) countFailures(d *deployment, status *v1alpha1.ServiceDeploymentStatus) {
	counted, before := status.CountedTasks, status.FailedTasks
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
	resets := translator.BreakerResets(w.breaker())
	if resets && before > 0 && d.side.Healthy > status.HealthyTasks {
		status.FailedTasks = 0
	}
	status.HealthyTasks = 0 // each change of it is a write: of a deployment without failures it tells nothing
	if resets && status.FailedTasks > 0 {
		status.HealthyTasks = d.side.Healthy
	}
}

// failed says whether the task failed to start, was stopped for its health, or
// ended by itself before it counted as healthy. Of the last the Developer Guide
// (deployment circuit breaker) says nothing; that a container which exits early
// trips the breaker is what ECS's users see.
//
// One that was deleted while it started has not failed.
func (w *world) failed(t *task) bool {
	if t.pod.DeletionTimestamp != nil && t.pod.Annotations[v1alpha1.StopCodeAnnotation] == "" {
		return false
	}
	switch code, reason := t.stopped(); code {
	case types.TaskStopCodeTaskFailedToStart:
		return true
	case types.TaskStopCodeServiceSchedulerInitiated:
		return reason == translator.ReasonUnhealthy
	case types.TaskStopCodeEssentialContainerExited:
		return w.shortLived(t)
	default:
		return false
	}
}

// stopped is why the task stops or has stopped; empty where it runs on.
func (t *task) stopped() (code types.TaskStopCode, reason string) {
	if code := t.pod.Annotations[v1alpha1.StopCodeAnnotation]; code != "" || !t.state.Terminal() {
		return types.TaskStopCode(code), t.pod.Annotations[v1alpha1.StoppedReasonAnnotation]
	}
	stop, _ := translator.StopFor(t.pod, translator.RuleInput{})
	return stop.Code, stop.Reason
}

// shortLived says whether the task has ended by itself before it counted as healthy.
func (w *world) shortLived(t *task) bool {
	code, _ := t.stopped()
	return code == types.TaskStopCodeEssentialContainerExited && t.state.Terminal() && t.state.RanFor() < w.healthyAfter
}
