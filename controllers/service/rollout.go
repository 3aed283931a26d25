package service

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
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
	wanted := current
	wanted.FailedTasks, wanted.CountedUpTo = failedTasks(d, current)
	if wanted.RolloutState == "" {
		wanted.RolloutState = string(types.DeploymentRolloutStateInProgress)
		wanted.RolloutStateReason = translator.RolloutInProgress(d.id)
	}
	if w.service.Status.CompletedDeployment == d.entry.Number && wanted.RolloutState == string(types.DeploymentRolloutStateInProgress) {
		wanted.RolloutState = string(types.DeploymentRolloutStateCompleted)
		wanted.RolloutStateReason = translator.RolloutCompleted(d.id)
		wanted.FinishedAt = timeOf(w.now)
	}
	if wanted == current {
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
	for _, d := range w.deployments {
		if d != newest && d.side.present() > 0 {
			return false
		}
	}
	side := newest.side
	return side.Healthy == w.desired() && side.Active == side.Healthy && side.Replicas == side.Healthy
}

// failedTasks counts the tasks that failed to start, or failed their health
// check, since the last one was healthy (API reference, Deployment.failedTasks).
func failedTasks(d *deployment, current v1alpha1.ServiceDeploymentStatus) (int32, *metav1.MicroTime) {
	count, upTo := current.FailedTasks, current.CountedUpTo
	for _, t := range d.tasks {
		at, failed := failure(t)
		if !failed || current.CountedUpTo != nil && !at.After(current.CountedUpTo.Time) {
			continue
		}
		count++
		if upTo == nil || at.After(upTo.Time) {
			upTo = timeOf(at.UTC())
		}
	}
	if d.side.Healthy > 0 {
		count = 0
	}
	return count, upTo
}

// failure says whether and when a task failed.
func failure(t *task) (time.Time, bool) {
	at, ok := translator.ParseTime(t.pod.Annotations[v1alpha1.StoppingAtAnnotation])
	code := types.TaskStopCode(t.pod.Annotations[v1alpha1.StopCodeAnnotation])
	reason := t.pod.Annotations[v1alpha1.StoppedReasonAnnotation]
	if !ok && t.state.Terminal() {
		stop, found := translator.StopFor(t.pod, translator.RuleInput{})
		if !found {
			return time.Time{}, false
		}
		code, reason = stop.Code, stop.Reason
		if at = t.state.EndedAt(); at.IsZero() {
			at = t.pod.CreationTimestamp.Time
		}
	}
	failed := code == types.TaskStopCodeTaskFailedToStart ||
		code == types.TaskStopCodeServiceSchedulerInitiated && reason == translator.ReasonUnhealthy
	return at.Truncate(time.Microsecond), failed
}
