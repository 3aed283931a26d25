package service

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

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

// relabel puts back on the tasks that are not being stopped what somebody took off
// them: a ReplicaSet that has let go of one takes it back. Where it tells whose a task
// is, the service is looked at anew before anything is counted.
func (c *Controller) relabel(ctx context.Context, w *world) error {
	found := false
	for _, d := range w.deployments {
		if d.object == nil {
			continue
		}
		for _, t := range d.tasks {
			if _, err := c.complete(ctx, d, t); err != nil {
				return err
			}
		}
		for _, t := range c.strays(w, d) {
			changed, err := c.complete(ctx, d, t)
			if err != nil {
				return err
			}
			found = found || changed
		}
	}
	if found {
		return fmt.Errorf("tasks have got back what they are known by: %w", errAwaited)
	}
	return nil
}

// complete puts back what one task lacks, and says whether that has changed its pod: a
// webhook may take off at once what it lets nobody have.
func (c *Controller) complete(ctx context.Context, d *deployment, t *task) (changed bool, err error) {
	metadata := lost(t, d.object)
	if len(metadata) == 0 {
		return false, nil
	}
	before := t.pod.ResourceVersion
	err = c.patchTask(ctx, t, metadata)
	return t.pod.ResourceVersion != before, err
}

// lost are the labels and annotations that the task's pod got from its template and
// its ReplicaSet and has no more. A stop takes labels off itself.
func lost(t *task, object *appsv1.Deployment) kube.Fields {
	if !t.state.InReplicaSet() {
		return nil
	}
	template := &object.Spec.Template
	labels, annotations := lacking(t.pod.Labels, template.Labels), lacking(t.pod.Annotations, template.Annotations)
	if hash := setHash(t.pod, object); hash != "" && t.pod.Labels[appsv1.DefaultDeploymentUniqueLabelKey] == "" {
		labels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	}
	metadata := kube.Fields{}
	if len(labels) > 0 {
		metadata["labels"] = labels
	}
	if len(annotations) > 0 {
		metadata["annotations"] = annotations
	}
	return metadata
}

func lacking(have, wanted map[string]string) kube.Fields {
	fields := kube.Fields{}
	for key, value := range wanted {
		if value != "" && have[key] == "" {
			fields[key] = value
		}
	}
	return fields
}

// setHash is the hash by which the pod's ReplicaSet, which is named
// <Deployment>-<hash>, tells its pods from those of another template; empty where no
// ReplicaSet of the Deployment has made the pod. Its pods' names are generated from
// that name, and they keep it when it has let go of them.
func setHash(pod *corev1.Pod, object *appsv1.Deployment) string {
	hash, made := strings.CutPrefix(strings.TrimSuffix(pod.GenerateName, "-"), object.Name+"-")
	if !made || strings.Contains(hash, "-") { // of a Deployment whose name begins so
		return ""
	}
	return hash
}

// strays are the tasks of a deployment that the world does not show, since somebody
// took off what tells whose they are. The service's label they still have.
func (c *Controller) strays(w *world, d *deployment) []*task {
	var strays []*task
	for _, pod := range c.Store.Pods.By(kube.ByOwner, kube.OwnerKey(w.service.Namespace, w.service.Name)) {
		if !told(pod) && w.strayOf(d, pod) {
			strays = append(strays, &task{pod: pod, state: translator.Observe(pod)})
		}
	}
	return strays
}

// told says whether a pod has all that the world finds a deployment's tasks by.
func told(pod *corev1.Pod) bool {
	return translator.NamesCluster(pod) && pod.Annotations[v1alpha1.ServiceAnnotation] != "" &&
		pod.Annotations[v1alpha1.StartedByAnnotation] != "" && pod.Labels[v1alpha1.DeploymentLabel] != ""
}

// strayOf says whether what is left on a pod makes it a task of the deployment. An
// earlier service of the name had the same numbers, and pods that are older.
func (w *world) strayOf(d *deployment, pod *corev1.Pod) bool {
	if startedBy := pod.Annotations[v1alpha1.StartedByAnnotation]; startedBy != "" {
		return startedBy == d.id
	}
	if pod.CreationTimestamp.Before(&w.service.CreationTimestamp) {
		return false
	}
	if number, numbered := translator.DeploymentNumber(pod); numbered {
		return number == d.entry.Number
	}
	return setHash(pod, d.object) != ""
}
