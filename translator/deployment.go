package translator

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// DeploymentNumber is the number of the ECS deployment that a pod is a task of.
func DeploymentNumber(pod *corev1.Pod) (int64, bool) {
	number, err := strconv.ParseInt(pod.Labels[v1alpha1.DeploymentLabel], 10, 64)
	return number, err == nil
}

// Deployment makes the Kubernetes Deployment of an ECS deployment. Its template
// is copied from the revision, never rendered again; what it adds is the
// deployment's own: the label that its selector needs, startedBy, and where the
// names of Service Connect lead now, which ECS fixes with a deployment too.
func Deployment(rollout *v1alpha1.ServiceDeployment, revision *v1alpha1.ServiceRevision, deploymentID string, replicas int32, names []corev1.HostAlias) (*appsv1.Deployment, error) {
	template, err := revisionTemplate(revision)
	if err != nil {
		return nil, err
	}
	selector := map[string]string{
		v1alpha1.ServiceLabel:    template.Labels[v1alpha1.ServiceLabel],
		v1alpha1.DeploymentLabel: strconv.FormatInt(rollout.Spec.Number, 10),
	}
	maps.Copy(template.Labels, selector)
	template.Annotations[v1alpha1.StartedByAnnotation] = deploymentID
	template.Spec.HostAliases = append(template.Spec.HostAliases, names...)
	none := int32(0)
	object := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: rollout.Namespace, Name: rollout.Name,
			Labels: map[string]string{
				v1alpha1.ManagedByLabel:  v1alpha1.ManagedBy,
				v1alpha1.ServiceLabel:    rollout.Labels[v1alpha1.ServiceLabel],
				v1alpha1.DeploymentLabel: selector[v1alpha1.DeploymentLabel],
			},
		},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, RevisionHistoryLimit: &none,
			Selector: &metav1.LabelSelector{MatchLabels: selector},
			// The template never changes, so this strategy never acts.
			Strategy: appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType},
			Template: template,
		},
	}
	if len(names) > 0 {
		object.Annotations = map[string]string{v1alpha1.ConnectNamesAnnotation: strconv.Itoa(len(names))}
	}
	return object, nil
}

func revisionTemplate(revision *v1alpha1.ServiceRevision) (corev1.PodTemplateSpec, error) {
	template := corev1.PodTemplateSpec{}
	if err := json.Unmarshal(revision.Spec.Template.Raw, &template); err != nil {
		return template, fmt.Errorf("decode the template of revision %s: %w", revision.Name, err)
	}
	return template, nil
}
