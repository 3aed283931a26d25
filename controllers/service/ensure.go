package service

import (
	"context"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// ensure makes the ServiceDeployment and the Deployment of each entry that has
// none: a new one, or one that somebody deleted. A Deployment starts with the
// count that it may have now, and what somebody edits is put back.
func (c *Controller) ensure(ctx context.Context, w *world) error {
	lower, upper := w.limits()
	counts := Counts(lower, upper, w.sides())
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
		} else if err := c.restoreRevision(ctx, w, d); err != nil {
			return err
		}
		if err := c.putBack(ctx, w, d); err != nil {
			return err
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
	configuration, err := awsjson.Marshal(w.settings.DeploymentConfiguration)
	if err != nil {
		return fmt.Errorf("encode the deployment configuration: %w", err)
	}
	var sources []v1alpha1.DeploymentEntry
	for _, other := range w.deployments {
		if other.entry.Number < d.entry.Number {
			sources = append(sources, other.entry)
		}
	}
	rollout := &v1alpha1.ServiceDeployment{
		ObjectMeta: ownedMeta(w.service, kube.DeploymentName(w.service.Name, d.entry.Number)),
		Spec: v1alpha1.ServiceDeploymentSpec{
			Identity: spec.Identity, Cluster: spec.Cluster, Service: spec.Name, DeploymentEntry: d.entry,
			Sources: sources, Configuration: runtime.RawExtension{Raw: configuration},
		},
	}
	err = c.Store.Rollouts.Create(ctx, rollout)
	if apierrors.IsAlreadyExists(err) {
		rollout, err = taken(ctx, w, c.Store.Rollouts, rollout)
	}
	d.rollout = rollout
	return err
}

func (c *Controller) makeDeployment(ctx context.Context, w *world, d *deployment, replicas int32) error {
	revision, err := c.revisionOf(ctx, w, d)
	if err != nil {
		return err
	}
	names, err := c.connectNames(w, d, revision)
	if err != nil {
		return err
	}
	object, err := translator.Deployment(d.rollout, revision, d.id, replicas, names)
	if err != nil {
		return err
	}
	object.OwnerReferences = owner(w.service)
	if object, err = c.createDeployment(ctx, w, d, object); err != nil {
		return err
	}
	d.has(object)
	return c.adopt(ctx, w, revision)
}

// revisionOf is the revision that a deployment runs.
func (c *Controller) revisionOf(ctx context.Context, w *world, d *deployment) (*v1alpha1.ServiceRevision, error) {
	revision, found, err := c.Store.Revisions.Find(ctx, w.service.Namespace, d.entry.Revision)
	if err == nil && !found {
		err = fmt.Errorf("service revision %s is not there", d.entry.Revision)
	}
	return revision, err
}

// createDeployment creates the Deployment, or takes the one that has its name. One
// that has tasks is made again. As long as the one before is still being deleted,
// nobody knows whether its ReplicaSet will be let go: looked at before, and with the
// end of the deletion between, the ReplicaSet would count as lost, and all that it
// has beyond the count would be stopped.
func (c *Controller) createDeployment(ctx context.Context, w *world, d *deployment, object *appsv1.Deployment) (*appsv1.Deployment, error) {
	if *object.Spec.Replicas > 0 && w.unknownRoom(d) {
		return nil, fmt.Errorf("make Deployment %s again: the others of the service are to let tasks go: %w", object.Name, errAwaited)
	}
	if len(d.tasks) > 0 {
		if _, there, err := c.Store.Deployments.Live(ctx, object.Namespace, object.Name); err != nil {
			return nil, err
		} else if there {
			return taken(ctx, w, c.Store.Deployments, object)
		}
		count, err := c.taskCount(ctx, d, *object.Spec.Replicas)
		if err != nil {
			return nil, err
		}
		object.Spec.Replicas = &count
	}
	err := c.Store.Deployments.Create(ctx, object)
	if apierrors.IsAlreadyExists(err) {
		return taken(ctx, w, c.Store.Deployments, object)
	}
	return object, err
}

// unknownRoom says whether a Deployment that is made again has to wait: where the
// others were deleted with it, tasks that were chosen to go may be there still, and
// it has no tasks that tell what it was asked for before.
func (w *world) unknownRoom(d *deployment) bool {
	return d.templateHash != "" && len(d.tasks) == 0 && slices.ContainsFunc(w.deployments, func(other *deployment) bool {
		return other != d && (other.side.Shrinking || slices.ContainsFunc(other.tasks, func(t *task) bool { return t.state.Chosen() }))
	})
}

// taskCount is with how many tasks a Deployment begins that is made again. It may
// find a ReplicaSet that the one before has let go of, and takes it over with the
// count that it has: with a lower one it would stop tasks, with a higher one start
// some that the limits have no room for.
func (c *Controller) taskCount(ctx context.Context, d *deployment, count int32) (int32, error) {
	for _, t := range d.tasks {
		if !t.state.InReplicaSet() {
			continue
		}
		set, err := c.Store.LetGo(ctx, t.pod)
		if err != nil || set == nil {
			return count, err
		}
		return *set.Spec.Replicas, nil
	}
	return count, nil
}

// taken is the object that has the name already: this service's, that the watch
// has not shown yet, or shows no more because somebody took its labels off. One
// that another service of the name has left behind is removed, and the name is
// free in a moment; a user's own stays, and has the name.
func taken[T client.Object](ctx context.Context, w *world, in *kube.Collection[T], wanted T) (T, error) {
	live, found, err := in.Live(ctx, wanted.GetNamespace(), wanted.GetName())
	switch {
	case err != nil:
		return live, err
	case !found:
		return live, fmt.Errorf("%T %s exists and does not: it was removed meanwhile", wanted, wanted.GetName())
	case kube.OfService(w.service, live):
		return live, nil
	case live.GetLabels()[v1alpha1.ManagedByLabel] != v1alpha1.ManagedBy:
		return live, fmt.Errorf("%T %s exists and is not Gantry's", wanted, wanted.GetName())
	}
	if err := in.Delete(ctx, live, client.PropagationPolicy(metav1.DeletePropagationBackground)); err != nil {
		return live, err
	}
	return live, fmt.Errorf("%T %s of another service is being removed", wanted, wanted.GetName())
}

// restoreRevision makes a revision again that somebody deleted, out of the
// Deployment that was made from it.
func (c *Controller) restoreRevision(ctx context.Context, w *world, d *deployment) error {
	if _, found, err := c.Store.Revisions.Find(ctx, w.service.Namespace, d.entry.Revision); err != nil || found {
		return err
	}
	inputs, template, err := translator.RevisionFromDeployment(w.service, d.entry, d.object)
	if err != nil {
		return err
	}
	spec := w.service.Spec
	return c.Store.Revisions.Create(ctx, &v1alpha1.ServiceRevision{
		ObjectMeta: ownedMeta(w.service, d.entry.Revision),
		Spec: v1alpha1.ServiceRevisionSpec{
			Identity: spec.Identity, Cluster: spec.Cluster, Service: spec.Name,
			Inputs: runtime.RawExtension{Raw: inputs}, Template: runtime.RawExtension{Raw: template},
		},
	})
}

// adopt makes the service the revision's owner: it was written before the
// service that it is for.
func (c *Controller) adopt(ctx context.Context, w *world, revision *v1alpha1.ServiceRevision) error {
	if len(revision.OwnerReferences) > 0 {
		return nil
	}
	_, err := c.Store.Revisions.Patch(ctx, revision, kube.Fields{"metadata": kube.Fields{"ownerReferences": owner(w.service)}})
	return err
}
