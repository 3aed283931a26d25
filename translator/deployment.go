package translator

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// DeploymentNumber is the number of the ECS deployment that a pod is a task of.
func DeploymentNumber(pod *corev1.Pod) (int64, bool) {
	number, err := strconv.ParseInt(pod.Labels[v1alpha1.DeploymentLabel], 10, 64)
	return number, err == nil
}

// Shrinking is true while there may be more pods than the Deployment asks for:
// what it was last asked for is not seen yet, or not done.
func Shrinking(object *appsv1.Deployment) bool {
	return object.Status.ObservedGeneration < object.Generation || object.Status.Replicas > *object.Spec.Replicas
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
			Namespace: rollout.Namespace, Name: rollout.Name, Labels: DeploymentLabels(rollout),
		},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, RevisionHistoryLimit: &none,
			Selector: &metav1.LabelSelector{MatchLabels: selector},
			Strategy: DeploymentStrategy(), MinReadySeconds: DeploymentReadySeconds,
			Template: template,
		},
	}
	if len(names) > 0 {
		object.Annotations = map[string]string{v1alpha1.ConnectNamesAnnotation: strconv.Itoa(len(names))}
	}
	return object, nil
}

// DeploymentLabels are the labels of the Deployment of an ECS deployment.
func DeploymentLabels(rollout *v1alpha1.ServiceDeployment) map[string]string {
	return map[string]string{
		v1alpha1.ManagedByLabel:  v1alpha1.ManagedBy,
		v1alpha1.ServiceLabel:    rollout.Labels[v1alpha1.ServiceLabel],
		v1alpha1.DeploymentLabel: strconv.FormatInt(rollout.Spec.Number, 10),
	}
}

// DeploymentReadySeconds is how long a pod of an edited template must be ready until
// one of the revision's goes for it.
const DeploymentReadySeconds = 10

// DeploymentStrategy is that of every Deployment. The template never changes, so it
// acts only where somebody edits it: no task of the revision stops before one of
// the edited kind is available, and by then the template is put back.
func DeploymentStrategy() appsv1.DeploymentStrategy {
	surge, unavailable := intstr.FromInt32(1), intstr.FromInt32(0)
	return appsv1.DeploymentStrategy{
		Type:          appsv1.RollingUpdateDeploymentStrategyType,
		RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &surge, MaxUnavailable: &unavailable},
	}
}

// DeploymentNames are the names of Service Connect that a Deployment's template was
// given beside those of its revision; known is false where an edit does not let it tell.
func DeploymentNames(object *appsv1.Deployment, revision *v1alpha1.ServiceRevision) (names []corev1.HostAlias, known bool, err error) {
	template, err := revisionTemplate(revision)
	if err != nil {
		return nil, false, err
	}
	own, count := len(template.Spec.HostAliases), 0
	if text := object.Annotations[v1alpha1.ConnectNamesAnnotation]; text != "" {
		if count, err = strconv.Atoi(text); err != nil {
			return nil, false, fmt.Errorf("read how many names deployment %s was given: %w", object.Name, err)
		}
	}
	aliases := object.Spec.Template.Spec.HostAliases
	if len(aliases) != own+count {
		return nil, false, nil
	}
	return aliases[own:], true, nil
}

func revisionTemplate(revision *v1alpha1.ServiceRevision) (corev1.PodTemplateSpec, error) {
	template := corev1.PodTemplateSpec{}
	if err := json.Unmarshal(revision.Spec.Template.Raw, &template); err != nil {
		return template, fmt.Errorf("decode the template of revision %s: %w", revision.Name, err)
	}
	return template, nil
}
