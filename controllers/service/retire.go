package service

import (
	"context"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// retire removes the Deployments of deployments that have drained and drops
// their entries, all but the newest one's; and, in the end, a deleted service.
func (c *Controller) retire(ctx context.Context, w *world) error {
	if err := c.collectDeployments(ctx, w); err != nil {
		return err
	}
	kept := slices.Clone(w.service.Spec.Deployments)
	for _, d := range w.deployments {
		if d == w.newest() || !d.drained() {
			continue
		}
		if err := c.finish(ctx, w, d); err != nil {
			return err
		}
		kept = slices.DeleteFunc(kept, func(entry v1alpha1.DeploymentEntry) bool { return entry.Number == d.entry.Number })
	}
	if len(kept) < len(w.service.Spec.Deployments) {
		return c.keepEntries(ctx, w, kept)
	}
	return c.removeInactive(ctx, w)
}

// drained is true when the deployment wants no tasks and has none that run.
func (d *deployment) drained() bool { return d.side.Replicas == 0 && d.side.Active == 0 }

// finish notes when a deployment that did not complete was superseded.
func (c *Controller) finish(ctx context.Context, w *world, d *deployment) error {
	if d.rollout.Status.FinishedAt != nil {
		return nil
	}
	_, err := c.Store.Rollouts.PatchStatus(ctx, d.rollout, kube.Fields{"status": kube.Fields{"finishedAt": timeOf(w.now)}})
	return err
}

func (c *Controller) keepEntries(ctx context.Context, w *world, kept []v1alpha1.DeploymentEntry) error {
	return c.patchSpec(ctx, w, kube.Fields{"deployments": kept})
}

// patchSpec changes the service's spec as it was looked at.
func (c *Controller) patchSpec(ctx context.Context, w *world, change kube.Fields) error {
	svc, err := c.Store.Services.Patch(ctx, w.service, kube.Fields{"spec": change})
	if err == nil {
		w.service = svc
	}
	return err
}

// collectDeployments deletes Deployments that no entry names, once their
// ReplicaSets own no pod: an ended pod stays for its logs only when it was
// released first.
func (c *Controller) collectDeployments(ctx context.Context, w *world) error {
	for _, object := range c.Store.Deployments.By(kube.ByOwner, kube.OwnerKey(w.service.Namespace, w.service.Name)) {
		if slices.ContainsFunc(w.service.Spec.Deployments, func(entry v1alpha1.DeploymentEntry) bool {
			return kube.DeploymentName(w.service.Name, entry.Number) == object.Name
		}) || object.DeletionTimestamp != nil || ownsPods(w, object) {
			continue
		}
		if err := c.Store.Deployments.Delete(ctx, object); err != nil {
			return err
		}
	}
	return nil
}

func ownsPods(w *world, object *appsv1.Deployment) bool {
	for _, pod := range w.pods {
		if pod.Labels[v1alpha1.DeploymentLabel] == object.Labels[v1alpha1.DeploymentLabel] &&
			len(pod.OwnerReferences) > 0 && pod.DeletionTimestamp == nil {
			return true
		}
	}
	return false
}

// removeInactive deletes a service that has been INACTIVE for its time.
func (c *Controller) removeInactive(ctx context.Context, w *world) error {
	if w.service.Spec.DeletedAt == nil || !w.newest().drained() {
		return nil
	}
	wait := w.service.Spec.DeletedAt.Add(c.InactiveFor).Sub(w.now)
	if wait > 0 {
		w.lookAgain(wait)
		return nil
	}
	return c.Store.Services.Delete(ctx, w.service)
}

// lookAgain asks for a reconciliation after the wait, if none comes sooner.
func (w *world) lookAgain(wait time.Duration) {
	if w.recheck == 0 || wait < w.recheck {
		w.recheck = wait
	}
}
