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

// DaemonSet makes the DaemonSet of a daemon, for the revision of one of its
// deployments. OnDelete: the controller stops the tasks of older revisions in its
// own batches, since a rolling update would not know when one failed, nor why a
// task stops.
func DaemonSet(daemon *v1alpha1.Daemon, entry v1alpha1.DaemonDeploymentEntry, deploymentID string) (*appsv1.DaemonSet, error) {
	template := corev1.PodTemplateSpec{}
	if entry.Template == nil {
		return nil, fmt.Errorf("deployment %d of daemon %s has no template", entry.Number, daemon.Name)
	}
	if err := json.Unmarshal(entry.Template.Raw, &template); err != nil {
		return nil, fmt.Errorf("decode the template of deployment %d of daemon %s: %w", entry.Number, daemon.Name, err)
	}
	selector := map[string]string{v1alpha1.DaemonLabel: daemon.Name}
	maps.Copy(template.Labels, selector)
	template.Labels[v1alpha1.DeploymentLabel] = strconv.FormatInt(entry.Number, 10)
	template.Annotations[v1alpha1.StartedByAnnotation] = deploymentID
	return &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: daemon.Namespace, Name: daemon.Name,
			Labels: map[string]string{
				v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.DaemonLabel: daemon.Name,
				v1alpha1.DeploymentLabel: template.Labels[v1alpha1.DeploymentLabel],
			},
		},
		Spec: appsv1.DaemonSetSpec{
			Selector:             &metav1.LabelSelector{MatchLabels: selector},
			UpdateStrategy:       appsv1.DaemonSetUpdateStrategy{Type: appsv1.OnDeleteDaemonSetStrategyType},
			RevisionHistoryLimit: new(int32),
			Template:             template,
		},
	}, nil
}
