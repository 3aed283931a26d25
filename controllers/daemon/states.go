package daemon

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// The texts of the states. The first is the API reference's (example of
// DescribeDaemonDeployments); the others are chosen.
const (
	reasonSuccessful   = "Deployment completed successfully."
	reasonBreaker      = "Deployment circuit breaker: daemon tasks failed to start."
	reasonRolledBack   = "Rollback completed successfully."
	reasonRollbackFail = "Rollback failed: daemon tasks failed to start."
)

// states moves the newest deployment on (Developer Guide, daemon deployments and
// daemon events), one state at a time.
func (c *Controller) states(ctx context.Context, w *world) error {
	if w.deployment == nil {
		return nil
	}
	change := w.next()
	if change == nil {
		return c.complete(ctx, w)
	}
	deployment, err := c.patchStatus(ctx, w.deployment, change)
	if err != nil {
		return err
	}
	w.deployment = deployment
	return c.complete(ctx, w)
}

// next are the members of the status that change now.
func (w *world) next() kube.Fields {
	switch translator.DaemonDeploymentState(w.deployment) {
	case types.DaemonDeploymentStatusPending:
		if w.set != nil || w.daemon.Spec.DeletedAt != nil {
			return kube.Fields{"state": string(types.DaemonDeploymentStatusInProgress), "startedAt": micro(w)}
		}
	case types.DaemonDeploymentStatusInProgress:
		return w.progress()
	case types.DaemonDeploymentStatusStopRequested:
		return w.startRollback()
	case types.DaemonDeploymentStatusRollbackInProgress:
		return w.rollingBack()
	case types.DaemonDeploymentStatusSuccessful, types.DaemonDeploymentStatusStopped,
		types.DaemonDeploymentStatusRollbackSuccessful, types.DaemonDeploymentStatusRollbackFailed:
	}
	return nil
}

// progress: too many failures stop the deployment; once all instances run the
// revision, the bake time decides.
func (w *world) progress() kube.Fields {
	status := w.deployment.Status
	switch failures := w.failures[w.entry.Number]; {
	case w.daemon.Spec.DeletedAt != nil:
		return nil
	case failures >= translator.DaemonBreakerThreshold:
		change := kube.Fields{"failureCount": failures, "stateReason": reasonBreaker, "stoppedAt": micro(w), "state": string(types.DaemonDeploymentStatusStopped)}
		if w.canRollBack() {
			change["state"] = string(types.DaemonDeploymentStatusStopRequested)
		}
		return change
	case failures > status.FailureCount:
		return kube.Fields{"failureCount": failures}
	case !w.everywhere(w.entry.Number):
		if status.BakingSince != nil {
			return kube.Fields{"bakingSince": nil}
		}
		return nil
	}
	bake := time.Duration(w.configuration.BakeTimeInMinutes) * time.Minute
	if status.BakingSince == nil && bake > 0 {
		w.LookAgain(bake)
		return kube.Fields{"bakingSince": micro(w)}
	}
	if bake > 0 {
		if wait := status.BakingSince.Add(bake).Sub(w.now); wait > 0 {
			w.LookAgain(wait)
			return nil
		}
	}
	return kube.Fields{"state": string(types.DaemonDeploymentStatusSuccessful), "stateReason": reasonSuccessful, "finishedAt": micro(w)}
}

// canRollBack says whether there is a revision to go back to.
func (w *world) canRollBack() bool {
	completed := w.daemon.Status.Completed
	_, kept := w.entryOf(completed)
	return kept && completed != w.entry.Number
}

func (w *world) startRollback() kube.Fields {
	to := w.daemon.Status.Completed
	return kube.Fields{
		"state":    string(types.DaemonDeploymentStatusRollbackInProgress),
		"rollback": kube.Fields{"to": to, "startedAt": micro(w), "reason": reasonBreaker, "failedBefore": w.failures[to]},
	}
}

func (w *world) rollingBack() kube.Fields {
	back := w.deployment.Status.Rollback
	switch {
	case back == nil: // somebody took it off
		return w.startRollback()
	case w.everywhere(back.To):
		return kube.Fields{"state": string(types.DaemonDeploymentStatusRollbackSuccessful), "stateReason": reasonRolledBack, "finishedAt": micro(w)}
	case w.failures[back.To]-back.FailedBefore >= translator.DaemonBreakerThreshold:
		return kube.Fields{"state": string(types.DaemonDeploymentStatusRollbackFailed), "stateReason": reasonRollbackFail, "finishedAt": micro(w)}
	}
	return nil
}

// everywhere says whether all instances run the revision, and nothing else. With
// no instance that is so at once (Developer Guide, daemon deployments).
func (w *world) everywhere(number int64) bool {
	instances, known := w.instances()
	if !known {
		return false
	}
	healthy := 0
	for _, t := range w.tasks {
		switch {
		case t.revision != number && !t.stopping:
			return false
		case t.revision == number && t.healthy:
			healthy++
		}
	}
	return healthy >= instances
}

// complete notes the deployment that was successful, to go back to.
func (c *Controller) complete(ctx context.Context, w *world) error {
	number := w.entry.Number
	if translator.DaemonDeploymentState(w.deployment) != types.DaemonDeploymentStatusSuccessful || w.daemon.Status.Completed == number || w.entry.Template == nil {
		return nil
	}
	d, err := c.Store.Daemons.PatchStatus(ctx, w.daemon, kube.Fields{"status": kube.Fields{"completed": number}})
	if err != nil {
		return err
	}
	w.daemon = d
	return nil
}
