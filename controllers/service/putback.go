package service

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// putBack makes a Deployment again what it was made as, where somebody has edited
// it: its labels, its owner, its strategy and its template, which is the revision's
// and never rendered anew. The count is the count function's business.
//
// An edited template has begun a ReplicaSet of its own. With the old template back
// the old ReplicaSet is the Deployment's newest again, with the tasks that it has.
func (c *Controller) putBack(ctx context.Context, w *world, d *deployment) error {
	if d.templateHash == "" { // a moment ago it was made, and nobody has edited it
		hash, err := templateHash(d.object)
		d.templateHash = hash
		return err
	}
	hash, err := templateHash(d.object)
	if err != nil {
		return err
	}
	if hash == d.templateHash && w.asMade(d) {
		return nil
	}
	wanted := d.object.DeepCopy()
	wanted.OwnerReferences = owner(w.service)
	if wanted.Labels == nil {
		wanted.Labels = map[string]string{}
	}
	maps.Copy(wanted.Labels, translator.DeploymentLabels(d.rollout))
	wanted.Spec.Strategy, wanted.Spec.MinReadySeconds, wanted.Spec.Paused = translator.DeploymentStrategy(), translator.DeploymentReadySeconds, false
	if hash != d.templateHash {
		if wanted.Spec.Template, err = c.templateOf(ctx, w, d); err != nil {
			return err
		}
	}
	if !equality.Semantic.DeepEqual(wanted, d.object) {
		log.FromContext(ctx).Info("a Deployment was edited, and is put back", "deployment", wanted.Name, "namespace", wanted.Namespace)
		object, err := c.Store.Deployments.PatchTo(ctx, d.object, wanted, kube.MainPart)
		if err != nil {
			return err
		}
		d.has(object)
	}
	d.templateHash, err = templateHash(d.object)
	return err
}

// asMade says whether all but the template is as the Deployment was made.
func (w *world) asMade(d *deployment) bool {
	for key, value := range translator.DeploymentLabels(d.rollout) {
		if d.object.Labels[key] != value {
			return false
		}
	}
	spec := &d.object.Spec
	return spec.MinReadySeconds == translator.DeploymentReadySeconds && !spec.Paused &&
		equality.Semantic.DeepEqual(spec.Strategy, translator.DeploymentStrategy()) &&
		equality.Semantic.DeepEqual(d.object.OwnerReferences, owner(w.service))
}

func templateHash(object *appsv1.Deployment) (string, error) {
	data, err := json.Marshal(object.Spec.Template)
	if err != nil {
		return "", fmt.Errorf("encode the template of deployment %s: %w", object.Name, err)
	}
	return kube.Hash(string(data))[:40], nil
}

// templateOf is the template that the deployment was made with, as the API server
// has it: with defaults, and with what admission changes. It is asked for them by a
// creation that is tried and not made.
func (c *Controller) templateOf(ctx context.Context, w *world, d *deployment) (corev1.PodTemplateSpec, error) {
	none := corev1.PodTemplateSpec{}
	revision, err := c.revisionOf(ctx, w, d)
	if err != nil {
		return none, err
	}
	names, known, err := translator.DeploymentNames(d.object, revision)
	if err != nil {
		return none, err
	}
	if !known {
		if names, err = c.connectNames(w, d, revision); err != nil {
			return none, err
		}
	}
	object, err := translator.Deployment(d.rollout, revision, d.id, 0, names)
	if err != nil {
		return none, err
	}
	object.Name, object.GenerateName = "", object.Name+"-"
	if err := c.Store.Client.Create(ctx, object, client.DryRunAll); err != nil {
		return none, fmt.Errorf("try to make deployment %s: %w", d.object.Name, err)
	}
	return object.Spec.Template, nil
}

// relabel puts the service's label back on tasks that somebody took it off: their
// ReplicaSet has let go of them, and takes them back.
func (c *Controller) relabel(ctx context.Context, w *world) error {
	for _, d := range w.deployments {
		for _, t := range d.tasks {
			if t.pod.Labels[v1alpha1.ServiceLabel] != "" || !t.state.Stays() || d.object == nil {
				continue
			}
			if err := c.patchTask(ctx, t, kube.Fields{"labels": kube.Fields{v1alpha1.ServiceLabel: w.service.Name}}); err != nil {
				return err
			}
		}
	}
	return nil
}
