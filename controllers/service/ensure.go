package service

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// ensure makes the ServiceDeployment and the Deployment of each entry that has
// none: a new one, or one that somebody deleted. A Deployment starts with the
// count that it may have now.
func (c *Controller) ensure(ctx context.Context, w *world) error {
	lower, upper := w.limits()
	counts := Counts(w.desired(), lower, upper, w.sides())
	for i, d := range w.deployments {
		if d.rollout == nil {
			if err := c.makeRollout(ctx, w, d); err != nil {
				return err
			}
		}
		if d.object == nil {
			if err := c.makeDeployment(ctx, w, d, counts[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func owner(svc *v1alpha1.ECSService) []metav1.OwnerReference {
	return []metav1.OwnerReference{*metav1.NewControllerRef(svc, v1alpha1.GroupVersion.WithKind("ECSService"))}
}

func ownedMeta(svc *v1alpha1.ECSService, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Namespace: svc.Namespace, Name: name, OwnerReferences: owner(svc),
		Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.ServiceLabel: svc.Name},
	}
}

func (c *Controller) makeRollout(ctx context.Context, w *world, d *deployment) error {
	spec := w.service.Spec
	rollout := &v1alpha1.ServiceDeployment{
		ObjectMeta: ownedMeta(w.service, kube.DeploymentName(w.service.Name, d.entry.Number)),
		Spec: v1alpha1.ServiceDeploymentSpec{
			Identity: spec.Identity, Cluster: spec.Cluster, Service: spec.Name, DeploymentEntry: d.entry,
		},
	}
	err := c.Store.Rollouts.Create(ctx, rollout)
	if apierrors.IsAlreadyExists(err) {
		live, found, liveErr := c.Store.Rollouts.Live(ctx, rollout.Namespace, rollout.Name)
		if liveErr != nil || !found {
			return fmt.Errorf("read service deployment %s made meanwhile: %w", rollout.Name, liveErr)
		}
		rollout, err = live, nil
	}
	d.rollout = rollout
	return err
}

func (c *Controller) makeDeployment(ctx context.Context, w *world, d *deployment, replicas int32) error {
	revision, found, err := c.Store.Revisions.Find(ctx, w.service.Namespace, d.entry.Revision)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("service revision %s is not there", d.entry.Revision)
	}
	object, err := translator.Deployment(d.rollout, revision, d.id, replicas)
	if err != nil {
		return err
	}
	object.OwnerReferences = owner(w.service)
	err = c.Store.Deployments.Create(ctx, object)
	if apierrors.IsAlreadyExists(err) {
		live, found, liveErr := c.Store.Deployments.Live(ctx, object.Namespace, object.Name)
		if liveErr != nil || !found {
			return fmt.Errorf("read deployment %s made meanwhile: %w", object.Name, liveErr)
		}
		object, err = live, nil
	}
	if err != nil {
		return err
	}
	d.object, d.side.Replicas = object, *object.Spec.Replicas
	return c.adopt(ctx, w, revision)
}

// adopt makes the service the revision's owner: it was written before the
// service that it is for.
func (c *Controller) adopt(ctx context.Context, w *world, revision *v1alpha1.ServiceRevision) error {
	if len(revision.OwnerReferences) > 0 {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"ownerReferences": owner(w.service)}})
	if err != nil {
		return fmt.Errorf("encode patch: %w", err)
	}
	return c.Store.Revisions.Patch(ctx, &v1alpha1.ServiceRevision{
		ObjectMeta: metav1.ObjectMeta{Namespace: revision.Namespace, Name: revision.Name},
	}, patch)
}
