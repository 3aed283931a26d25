package service

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// status writes what cannot be derived, and what the scale subresource shows.
func (c *Controller) status(ctx context.Context, w *world) error {
	current := w.service.Status
	wanted := current
	r := &ring{service: w.service.Spec.Name, now: w.now, events: current.Events}
	wanted.Targets = w.targets()
	w.tellDeregistered(r, wanted.Targets)
	wanted.AnnouncedUpTo = w.announce(r)
	w.tellRegistered(r, wanted.Targets)
	w.complain(r)
	w.tellFailure(r, &wanted)
	w.tellSteady(r, &wanted)
	wanted.Events = r.events
	wanted.RunningCount, wanted.Selector = w.running(), v1alpha1.ServiceLabel+"="+w.service.Name
	if equality.Semantic.DeepEqual(current, wanted) {
		return nil
	}
	svc, err := c.Store.Services.PatchStatus(ctx, w.service, kube.Fields{"status": kube.Fields{
		"runningCount": wanted.RunningCount, "selector": wanted.Selector, "steadyAt": wanted.SteadyAt,
		"completed": wanted.Completed, "failedDeployment": wanted.FailedDeployment,
		"announcedUpTo": wanted.AnnouncedUpTo, "targets": wanted.Targets, "events": wanted.Events,
	}})
	if err != nil {
		return err
	}
	w.service = svc
	return nil
}

func (w *world) running() int32 {
	var running int32
	for _, d := range w.deployments {
		for _, t := range d.tasks {
			if !t.state.Stopping() && t.state.LastStatus(false) == translator.StatusRunning {
				running++
			}
		}
	}
	return running
}

// tellSteady announces the end of a rollout and the steady state, and the latter
// again about every six hours.
func (w *world) tellSteady(r *ring, status *v1alpha1.ECSServiceStatus) {
	if w.service.Spec.DeletedAt != nil || !w.steady() {
		status.SteadyAt = nil
		return
	}
	if newest := w.newest(); status.Completed == nil || status.Completed.Number != newest.entry.Number {
		r.add("(deployment %s) deployment completed.", newest.id)
		completed := newest.entry
		completed.Rollback = nil
		status.Completed = &completed
	}
	if at := status.SteadyAt; at != nil && w.now.Sub(at.Time) < repeatAfter {
		w.lookAgain(at.Add(repeatAfter).Sub(w.now))
		return
	}
	r.add("has reached a steady state.")
	status.SteadyAt = timeOf(w.now)
	w.lookAgain(repeatAfter)
}
