package service

import (
	"context"
	"maps"

	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// budget keeps the service's PodDisruptionBudget: a drain leaves the lower limit
// running. It is a number, since a percentage would count the pods of both
// deployments of a rollout. Kubernetes counts a pod as soon as it is ready: while
// tasks have to leave their instances, those that do not count as healthy yet are
// added, so that a drain takes none before its replacement is.
func (c *Controller) budget(ctx context.Context, w *world) error {
	minimum := intstr.FromInt32(w.keptInDrain() + w.unproven())
	current, exists := c.Store.Budgets.Get(w.service.Namespace, w.service.Name)
	selector := map[string]string{v1alpha1.ServiceLabel: w.service.Name}
	switch {
	case exists && (current.Spec.Selector == nil || !maps.Equal(current.Spec.Selector.MatchLabels, selector) || len(current.Spec.Selector.MatchExpressions) > 0):
		return c.Store.Budgets.Delete(ctx, current) // somebody changed whom it is for: it is made again
	case exists && current.Spec.MinAvailable != nil && *current.Spec.MinAvailable == minimum:
		return nil
	case exists:
		_, err := c.Store.Budgets.Patch(ctx, current, kube.Fields{"spec": kube.Fields{"minAvailable": minimum}})
		return err
	}
	always := policyv1.AlwaysAllow
	_, err := c.Store.Budgets.CreateOwned(ctx, &policyv1.PodDisruptionBudget{
		ObjectMeta: ownedMeta(w.service, w.service.Name),
		Spec: policyv1.PodDisruptionBudgetSpec{
			MinAvailable: &minimum, UnhealthyPodEvictionPolicy: &always,
			Selector: &metav1.LabelSelector{MatchLabels: selector},
		},
	})
	if apierrors.IsAlreadyExists(err) {
		log.FromContext(ctx).Info("a PodDisruptionBudget that is not the ECS service's has its name: a drain may take more tasks than the lower limit allows",
			"budget", w.service.Name, "namespace", w.service.Namespace)
		w.LookAgain(takenDelay)
		return nil
	}
	return err
}

// keptInDrain is how many tasks a drain leaves running: the lower limit of what
// there is to be. For task sets that is all the limit is for (API reference,
// DeploymentConfiguration.minimumHealthyPercent).
func (w *world) keptInDrain() int32 {
	lower, _ := translator.Limits(w.total(), w.service.Spec.MinimumHealthyPercent, w.service.Spec.MaximumPercent)
	return lower
}
