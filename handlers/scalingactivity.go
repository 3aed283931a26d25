package handlers

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/scaling"
)

// DescribeScalingActivities answers what was scaled, newest first; a target that
// was deregistered or whose service is gone keeps its activities.
func (h *Handlers) DescribeScalingActivities(ctx context.Context, in *aas.DescribeScalingActivitiesInput) (*aas.DescribeScalingActivitiesOutput, error) {
	size, err := scaling.ValidateDescribeActivities(in)
	if err != nil {
		return nil, err
	}
	found := []types.ScalingActivity{}
	if inECS(in.ServiceNamespace, in.ScalableDimension) {
		if found, err = h.activities(ctx, in.ResourceId); err != nil {
			return nil, err
		}
	}
	found, next, err := pageBy("activities", found, activityOrder, true, size, in.NextToken)
	if err != nil {
		return nil, scaling.InvalidNextToken()
	}
	return &aas.DescribeScalingActivitiesOutput{ScalingActivities: found, NextToken: next}, nil
}

// activityOrder sorts by time; the fixed width keeps digits in their places.
func activityOrder(a types.ScalingActivity) string {
	return a.StartTime.UTC().Format("2006-01-02T15:04:05.000000000") + *a.ActivityId
}

func (h *Handlers) activities(ctx context.Context, resourceID *string) ([]types.ScalingActivity, error) {
	targets := h.store.Targets.By(kube.ByIdentity, kube.IdentityKey(identity(ctx)))
	if id := aws.ToString(resourceID); id != "" {
		target, err := h.findTarget(ctx, id)
		if err != nil {
			return nil, err
		}
		targets = nil
		if target != nil {
			targets = append(targets, target)
		}
	}
	oldest := h.now().Add(-scaling.ActivityAge)
	found := []types.ScalingActivity{}
	for _, target := range targets {
		for i := range target.Status.Activities {
			if activity := &target.Status.Activities[i]; activity.StartTime.After(oldest) {
				found = append(found, activityAnswer(target.Spec.ResourceID, activity))
			}
		}
	}
	return found, nil
}

func activityAnswer(resourceID string, held *v1alpha1.ScalingActivity) types.ScalingActivity {
	var end *time.Time
	if held.EndTime != nil {
		end = aws.Time(held.EndTime.Time)
	}
	return types.ScalingActivity{
		ActivityId: aws.String(held.ID), ServiceNamespace: scaling.Namespace, ResourceId: aws.String(resourceID),
		ScalableDimension: scaling.Dimension, Description: aws.String(held.Description), Cause: aws.String(held.Cause),
		StartTime: aws.Time(held.StartTime.Time), EndTime: end,
		StatusCode: types.ScalingActivityStatusCode(held.StatusCode), StatusMessage: aws.String(held.StatusMessage),
	}
}
