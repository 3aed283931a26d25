package scaling

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	rules "github.com/gantry-ecs/gantry/scaling"
)

// moveIntoRange moves the service's desired count into the range, once for each
// registration: a count that UpdateService sets later stays, as on ECS, until
// something is scaled. The activity is written before the count, so that it is
// there whenever the count is.
func (c *Controller) moveIntoRange(ctx context.Context, w *world) error {
	if !w.active() || w.target.Status.RangeAppliedFor.Equal(w.target.Spec.RegisteredAt) {
		return nil
	}
	count, cause := rules.InRange(bounds(w.target), w.service.Spec.DesiredCount)
	if cause != "" {
		if err := c.announce(ctx, w, count, cause); err != nil {
			return err
		}
		if err := c.setDesired(ctx, w, count); err != nil {
			return err
		}
	}
	w.inRange = true
	return nil
}

func bounds(target *v1alpha1.ScalableTarget) types.ScalableTarget {
	return types.ScalableTarget{
		MinCapacity: aws.Int32(target.Spec.MinCapacity), MaxCapacity: aws.Int32(target.Spec.MaxCapacity),
	}
}

// announce writes a pending activity, unless a try before this one has.
func (c *Controller) announce(ctx context.Context, w *world, count int32, cause string) error {
	if held := w.target.Status.Activities; len(held) > 0 &&
		held[0].StatusCode == string(types.ScalingActivityStatusCodePending) && held[0].DesiredCount == count {
		return nil
	}
	status := w.target.Status.DeepCopy()
	status.Activities = withActivity(status.Activities, v1alpha1.ScalingActivity{
		ID:          w.identity().ActivityID("range " + string(w.service.UID) + " " + w.service.ResourceVersion),
		Description: rules.Description(count), Cause: cause, StartTime: metav1.NewMicroTime(w.now),
		StatusCode:    string(types.ScalingActivityStatusCodePending),
		StatusMessage: rules.StatusMessage(types.ScalingActivityStatusCodePending, count, ""), DesiredCount: count,
	})
	return c.writeStatus(ctx, w, status)
}

func (c *Controller) setDesired(ctx context.Context, w *world, count int32) error {
	svc, err := c.store.Services.Patch(ctx, w.service, kube.Fields{"spec": kube.Fields{"desiredCount": count}})
	if err != nil {
		return err
	}
	w.service = svc
	return nil
}
