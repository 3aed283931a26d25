package service

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// failure is why a deployment ends without success.
type failure struct {
	// event is what the service's event says after "deployment failed: ".
	event string
	// back says that what ran before is to run again.
	back bool
}

// stateOf is the rollout state of a deployment. The service's status, written
// with the events, has the first word; the deployment's own follows it.
func (w *world) stateOf(d *deployment) types.DeploymentRolloutState {
	return translator.RolloutState(w.service, d.entry, d.rollout)
}

// failing says why the newest deployment has failed by now; nil while it has not.
func (w *world) failing() *failure {
	d := w.newest()
	if w.external() || d.rollout == nil || w.stateOf(d) != types.DeploymentRolloutStateInProgress || w.service.Spec.DeletedAt != nil {
		return nil
	}
	return w.failureOf(d)
}

// failureOf finds what ends, or has ended, the deployment: a hook, a user's wish
// or the circuit breaker.
func (w *world) failureOf(d *deployment) *failure {
	switch {
	case translator.HookFailed(d.rollout):
		return &failure{event: translator.HookReason(d.rollout), back: true}
	case d.rollout.Spec.Stop != "":
		return &failure{event: "deployment failure.", back: d.rollout.Spec.Stop == string(types.StopServiceDeploymentStopTypeRollback)}
	case w.breaks() && d.rollout.Status.FailedTasks >= translator.BreakerThreshold(w.breaker(), w.desired()):
		return &failure{event: "tasks failed to start.", back: w.breaker().Rollback}
	}
	return nil
}

func (w *world) breaker() *types.DeploymentCircuitBreaker {
	if w.settings.DeploymentConfiguration == nil {
		return nil // of task sets
	}
	return w.settings.DeploymentConfiguration.DeploymentCircuitBreaker
}

// breaks says whether the deployment circuit breaker is enabled.
func (w *world) breaks() bool { return w.breaker() != nil && w.breaker().Enable }

// tellFailure announces that the newest deployment has failed, and to which one
// the service goes back.
func (w *world) tellFailure(r *ring, status *v1alpha1.ECSServiceStatus) {
	failed := w.failing()
	if failed == nil {
		return
	}
	d := w.newest()
	r.add("(deployment %s) deployment failed: %s", d.id, failed.event)
	status.FailedDeployment, status.RollbackTo = d.entry.Number, 0
	if target := w.rollbackTarget(d, failed); target != nil {
		status.RollbackTo = target.Number
		r.add("rolling back to deployment %s.", kube.DeploymentID(w.service.UID, target.Number))
	}
}

// rollbackTarget is the deployment that a failed one is taken back to: the last
// that completed. A rollback that fails is not taken back itself.
func (w *world) rollbackTarget(d *deployment, failed *failure) *v1alpha1.DeploymentEntry {
	target := w.service.Status.Completed
	if !failed.back || d.entry.Rollback != nil || target == nil ||
		target.RequestedAt.Time.Before(w.service.Spec.CreatedAt.Time) { // an earlier incarnation's
		return nil
	}
	return target
}

// goesBackTo is the deployment that the newest one, which failed, is taken back to;
// nil where it is not. It was decided in the moment of the failure.
func (w *world) goesBackTo() *v1alpha1.DeploymentEntry {
	status := w.service.Status
	if status.FailedDeployment != w.newest().entry.Number || status.RollbackTo == 0 ||
		status.Completed == nil || status.Completed.Number != status.RollbackTo {
		return nil
	}
	return status.Completed
}

// rollBack adds the deployment that takes a failed one back: a new one, with the
// revision of the last that completed (Developer Guide, deployment circuit
// breaker). Where that one still stands beside it, it takes its place again, and
// no task of it is replaced: it has to have all its tasks first.
func (c *Controller) rollBack(ctx context.Context, w *world) error {
	if w.external() || w.service.Spec.DeletedAt != nil {
		return nil
	}
	d, target := w.newest(), w.goesBackTo()
	if d.rollout == nil || target == nil {
		return nil
	}
	if blue := w.blue(); blue != nil && blue.entry.Number == target.Number && !w.rolling() {
		if w.bridges(d, blue) {
			return nil
		}
		others := slices.DeleteFunc(slices.Clone(w.service.Spec.Deployments), func(e v1alpha1.DeploymentEntry) bool { return e.Number == blue.entry.Number })
		return c.patchSpec(ctx, w, kube.Fields{"deployments": append(others, blue.entry)})
	}
	number := w.service.Spec.LastDeployment + 1
	return c.patchSpec(ctx, w, kube.Fields{
		"lastDeployment": number,
		"deployments": append(slices.Clone(w.service.Spec.Deployments), v1alpha1.DeploymentEntry{
			Number: number, Revision: target.Revision, RevisionNumber: target.RevisionNumber, RequestedAt: *timeOf(w.now),
			Rollback: &v1alpha1.RollbackEntry{Of: d.entry.Number, To: target.Number, Stopped: d.rollout.Spec.Stop != ""},
		}),
	})
}
