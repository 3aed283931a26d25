package service

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// status writes what cannot be derived, and what the scale subresource shows.
func (c *Controller) status(ctx context.Context, w *world) error {
	current := w.service.Status
	wanted := current
	wanted.ObservedGeneration = w.service.Generation
	r := &ring{service: w.service.Spec.Name, now: w.now, events: current.Events}
	wanted.Targets = w.targets()
	w.tellComputed(r, &wanted)
	w.announce(r, &wanted)
	w.complain(r)
	w.tellFailure(r, &wanted)
	w.tellCompleted(r, &wanted)
	w.tellStable(r, &wanted)
	w.tellSteady(r, &wanted)
	w.keepBalance(r, &wanted)
	wanted.Events = r.events
	wanted.RunningCount, wanted.Selector = w.running(), w.selector()
	if equality.Semantic.DeepEqual(current, wanted) {
		return nil
	}
	if wait := c.counted.wait(w, wanted); wait > 0 {
		w.LookAgain(wait)
		return nil
	}
	svc, err := c.Store.Services.PatchStatus(ctx, w.service, kube.Fields{"status": kube.Fields{
		"observedGeneration": wanted.ObservedGeneration,
		"runningCount":       wanted.RunningCount, "selector": wanted.Selector, "steadyAt": wanted.SteadyAt,
		"completed": wanted.Completed, "failedDeployment": wanted.FailedDeployment, "rollbackTo": wanted.RollbackTo,
		"announcedUpTo": wanted.AnnouncedUpTo, "startedUnnamed": wanted.StartedUnnamed, "stoppedUnnamed": wanted.StoppedUnnamed,
		"targets": wanted.Targets, "taskSets": wanted.TaskSets, "events": wanted.Events,
		"rebalancingAt": wanted.RebalancingAt, "balancePausedUntil": wanted.BalancePausedUntil,
	}})
	if err != nil {
		return err
	}
	w.service = svc
	return nil
}

// tellCompleted announces the end of a rollout.
func (w *world) tellCompleted(r *ring, status *v1alpha1.ECSServiceStatus) {
	newest := w.newest()
	if w.external() || w.service.Spec.DeletedAt != nil || status.Completed != nil && status.Completed.Number == newest.entry.Number ||
		status.FailedDeployment == newest.entry.Number || !w.steady() && !w.earlySuccess(status) {
		return
	}
	r.add("(deployment %s) deployment completed.", newest.id)
	completed := newest.entry
	completed.Rollback = nil
	status.Completed = &completed
	status.SteadyAt = nil // each deployment that completes is followed by a steady state (recorded)
}

// tellSteady announces the steady state, again about every six hours.
func (w *world) tellSteady(r *ring, status *v1alpha1.ECSServiceStatus) {
	if w.service.Spec.DeletedAt != nil || !w.steady() {
		status.SteadyAt = nil
		return
	}
	if at := status.SteadyAt; at != nil && w.now.Sub(at.Time) < repeatAfter {
		w.LookAgain(at.Add(repeatAfter).Sub(w.now))
		return
	}
	r.add("has reached a steady state.")
	status.SteadyAt = timeOf(w.now)
	w.LookAgain(repeatAfter)
}
