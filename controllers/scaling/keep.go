package scaling

import (
	"context"
	"fmt"
	"maps"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// keepAutoscaler makes the autoscaler what the policies ask for, or removes it
// where none is left, the target was deregistered or the service deleted.
func (c *Controller) keepAutoscaler(ctx context.Context, w *world) error {
	var spec *autoscalingv2.HorizontalPodAutoscalerSpec
	if w.active() {
		spec, w.differences = autoscalerSpec(w.target, w.limits(), w.policies)
	}
	switch {
	case spec == nil && w.autoscaler == nil:
		return nil
	case spec == nil:
		autoscaler := w.autoscaler
		w.autoscaler = nil
		return c.removeAutoscaler(ctx, autoscaler)
	case w.autoscaler == nil:
		return c.makeAutoscaler(ctx, w, spec)
	}
	return c.changeAutoscaler(ctx, w, spec)
}

func (c *Controller) makeAutoscaler(ctx context.Context, w *world, spec *autoscalingv2.HorizontalPodAutoscalerSpec) error {
	autoscaler := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.target.Namespace, Name: w.target.Name},
	}
	claim(autoscaler, w.service, spec)
	made, err := c.store.Autoscalers.CreateOwned(ctx, autoscaler)
	if apierrors.IsAlreadyExists(err) {
		live, found, liveErr := c.store.Autoscalers.Live(ctx, w.target.Namespace, w.target.Name)
		if liveErr != nil || !found {
			return fmt.Errorf("read autoscaler %s made meanwhile: %w", w.target.Name, liveErr)
		}
		if live.Labels[v1alpha1.ManagedByLabel] != v1alpha1.ManagedBy {
			return fmt.Errorf("the autoscaler %s/%s exists and is not Gantry's: %w", live.Namespace, live.Name, err)
		}
		w.autoscaler = live
		return c.changeAutoscaler(ctx, w, spec)
	}
	if err != nil {
		return err
	}
	w.autoscaler = made
	return nil
}

func (c *Controller) changeAutoscaler(ctx context.Context, w *world, spec *autoscalingv2.HorizontalPodAutoscalerSpec) error {
	current := w.autoscaler
	wanted := current.DeepCopy()
	claim(wanted, w.service, withoutUnknown(spec, &current.Spec))
	if equality.Semantic.DeepEqual(current, wanted) {
		return nil
	}
	changed, err := c.store.Autoscalers.PatchTo(ctx, current, wanted, kube.MainPart)
	if err != nil {
		return err
	}
	w.autoscaler = changed
	return nil
}

// claim sets what Gantry owns of an autoscaler.
func claim(autoscaler *autoscalingv2.HorizontalPodAutoscaler, svc *v1alpha1.ECSService, spec *autoscalingv2.HorizontalPodAutoscalerSpec) {
	labels := map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.ServiceLabel: svc.Name}
	maps.Copy(labelsOf(autoscaler), labels)
	autoscaler.OwnerReferences = []metav1.OwnerReference{
		*metav1.NewControllerRef(svc, v1alpha1.GroupVersion.WithKind("ECSService")),
	}
	autoscaler.Spec = *spec
}

func labelsOf(obj client.Object) map[string]string {
	if obj.GetLabels() == nil {
		obj.SetLabels(map[string]string{})
	}
	return obj.GetLabels()
}

// withoutUnknown leaves the tolerances out where the API server has dropped
// them: those older than Kubernetes 1.35 have one for the whole cluster, and
// asking them again and again would change nothing.
func withoutUnknown(spec, current *autoscalingv2.HorizontalPodAutoscalerSpec) *autoscalingv2.HorizontalPodAutoscalerSpec {
	behavior := current.Behavior
	if behavior == nil || behavior.ScaleUp == nil || behavior.ScaleDown == nil ||
		behavior.ScaleUp.Tolerance != nil || behavior.ScaleDown.Tolerance != nil {
		return spec
	}
	known := spec.DeepCopy()
	known.Behavior.ScaleUp.Tolerance, known.Behavior.ScaleDown.Tolerance = nil, nil
	return known
}

func (c *Controller) removeAutoscaler(ctx context.Context, autoscaler *autoscalingv2.HorizontalPodAutoscaler) error {
	if autoscaler.DeletionTimestamp != nil {
		return nil
	}
	return c.store.Autoscalers.Delete(ctx, autoscaler, client.Preconditions{UID: &autoscaler.UID})
}
