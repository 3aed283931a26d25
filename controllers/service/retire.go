package service

import (
	"context"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// retire removes the Deployments of deployments that have drained and drops
// their entries; and, in the end, a deleted service.
func (c *Controller) retire(ctx context.Context, w *world) error {
	if err := c.collectDeployments(ctx, w); err != nil {
		return err
	}
	kept := slices.Clone(w.service.Spec.Deployments)
	if !w.external() && kept[len(kept)-1].Number != w.newest().entry.Number {
		return nil // one was taken back a moment ago: who is the newest is to be seen anew
	}
	for _, d := range w.deployments {
		if !w.over(d) || !d.drained() {
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
	if w.service.Spec.DeletedAt == nil || slices.ContainsFunc(w.deployments, func(d *deployment) bool { return !d.drained() }) {
		return nil
	}
	return c.keepInactive(ctx, w)
}

// over says whether a deployment goes once it has drained: each that is not the
// newest, or that is a task set that was deleted.
func (w *world) over(d *deployment) bool {
	if w.external() {
		return translator.TaskSetStatus(w.service, d.entry) == translator.TaskSetDraining
	}
	return d != w.newest()
}

// drained is true when the deployment wants no tasks and has none that run, nor
// will its ReplicaSet make one that it was asked for before. Those that are chosen
// to go are not stopped before that is seen.
func (d *deployment) drained() bool {
	return d.side.Replicas == 0 && d.side.Active == 0 && !d.side.Shrinking &&
		!slices.ContainsFunc(d.tasks, func(t *task) bool { return t.state.Chosen() })
}

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

// keepInactive ends what a deleted service was in the middle of, and deletes the
// service when it has been INACTIVE for its time.
func (c *Controller) keepInactive(ctx context.Context, w *world) error {
	for _, d := range w.deployments {
		if err := c.finish(ctx, w, d); err != nil {
			return err
		}
	}
	wait := w.service.Spec.DeletedAt.Add(c.InactiveFor).Sub(w.now)
	if wait > 0 {
		w.LookAgain(wait)
		return nil
	}
	// Created again meanwhile, it is a service of that name that has just begun.
	guard := client.Preconditions{UID: &w.service.UID, ResourceVersion: &w.service.ResourceVersion}
	return c.Store.Services.Delete(ctx, w.service, guard)
}
