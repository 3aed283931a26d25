package scaling

import (
	"context"
	"strings"

	"go.uber.org/zap"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// Condition of a scalable target, and its reasons.
const (
	exactCondition    = "Exact"
	reasonAsAsked     = "AsAsked"
	reasonApproximate = "Approximate"
)

// record keeps the target's status: the registration that the service was moved
// into the range of, an activity for each scaling, how far each has come, and
// where the autoscaler differs from the policies.
func (c *Controller) record(ctx context.Context, w *world) error {
	status := w.target.Status.DeepCopy()
	if w.inRange {
		status.RangeAppliedFor = w.target.Spec.RegisteredAt
	}
	observe(w, status)
	counts, err := c.counts(ctx, w, status.Activities)
	if err != nil {
		return err
	}
	status.Activities = progress(status.Activities, counts, w.now)
	c.compare(w, status)
	return c.writeStatus(ctx, w, status)
}

// counts reads the service anew where an activity seems to be overtaken: the
// autoscaler's status may be seen before the count that it has set.
func (c *Controller) counts(ctx context.Context, w *world, activities []v1alpha1.ScalingActivity) (counts, error) {
	if w.service == nil {
		return counts{}, nil
	}
	seen := countsOf(w.service)
	if !overtaken(activities, seen.desired) {
		return seen, nil
	}
	live, found, err := c.store.Services.Live(ctx, w.service.Namespace, w.service.Name)
	if err != nil || !found {
		return counts{}, err
	}
	return countsOf(live), nil
}

// compare says in a condition where the autoscaler differs, and in the log when
// that changes.
func (c *Controller) compare(w *world, status *v1alpha1.ScalableTargetStatus) {
	if w.autoscaler == nil {
		meta.RemoveStatusCondition(&status.Conditions, exactCondition)
		return
	}
	condition := metav1.Condition{
		Type: exactCondition, Status: metav1.ConditionTrue, Reason: reasonAsAsked,
		Message:            "the autoscaler holds everything that the policies ask for",
		LastTransitionTime: metav1.NewTime(w.now), ObservedGeneration: w.target.Generation,
	}
	if len(w.differences) > 0 {
		condition.Status, condition.Reason = metav1.ConditionFalse, reasonApproximate
		condition.Message = strings.Join(w.differences, "; ")
	}
	if meta.SetStatusCondition(&status.Conditions, condition) && len(w.differences) > 0 {
		c.log.Info("autoscaler differs from the scaling policies",
			zap.String("resource", w.target.Spec.ResourceID), zap.Strings("differences", w.differences))
	}
}

func (c *Controller) writeStatus(ctx context.Context, w *world, status *v1alpha1.ScalableTargetStatus) error {
	if equality.Semantic.DeepEqual(w.target.Status, *status) {
		return nil
	}
	wanted := w.target.DeepCopy()
	wanted.Status = *status
	target, err := c.store.Targets.PatchTo(ctx, w.target, wanted, kube.StatusPart)
	if err != nil {
		return err
	}
	w.target = target
	return nil
}
