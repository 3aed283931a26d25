package handlers

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// expressPolicy is the name of the policy; ECS's is not known.
const expressPolicy = "ecs-express-scaling"

func expressResource(cluster, service string) string { return "service/" + cluster + "/" + service }

// expressScaled says whether the service's target and its policy are registered.
func (h *Handlers) expressScaled(ctx context.Context, svc *v1alpha1.ECSService) (bool, error) {
	target, err := h.findTarget(ctx, expressResource(svc.Spec.Cluster, svc.Spec.Name))
	if err != nil || target == nil || !registered(&target.Spec) {
		return false, err
	}
	return slices.ContainsFunc(target.Spec.Policies, func(p v1alpha1.ScalingPolicy) bool { return p.Name == expressPolicy }), nil
}

// scaleExpress registers the service and its policy as a caller of Application
// Auto Scaling would.
func (h *Handlers) scaleExpress(ctx context.Context, cluster *v1alpha1.Cluster, name string, target *types.ExpressGatewayScalingTarget) error {
	resource := aws.String(expressResource(cluster.Spec.Name, name))
	if _, err := h.RegisterScalableTarget(ctx, &aas.RegisterScalableTargetInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount,
		ResourceId: resource, MinCapacity: target.MinTaskCount, MaxCapacity: target.MaxTaskCount,
	}); err != nil {
		return err
	}
	metric := scalingtypes.MetricTypeECSServiceAverageCPUUtilization
	if target.AutoScalingMetric == types.ExpressGatewayServiceScalingMetricAverageMemoryUtilization {
		metric = scalingtypes.MetricTypeECSServiceAverageMemoryUtilization
	}
	_, err := h.PutScalingPolicy(ctx, &aas.PutScalingPolicyInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount,
		ResourceId: resource, PolicyName: aws.String(expressPolicy), PolicyType: scalingtypes.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &scalingtypes.TargetTrackingScalingPolicyConfiguration{
			TargetValue:                   aws.Float64(float64(*target.AutoScalingTargetValue)),
			PredefinedMetricSpecification: &scalingtypes.PredefinedMetricSpecification{PredefinedMetricType: metric},
		},
	})
	return err
}

// unscaleExpress ends the registration; one that is not there has ended.
func (h *Handlers) unscaleExpress(ctx context.Context, svc *v1alpha1.ECSService) error {
	_, err := h.DeregisterScalableTarget(ctx, &aas.DeregisterScalableTargetInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount,
		ResourceId: aws.String(expressResource(svc.Spec.Cluster, svc.Spec.Name)),
	})
	if _, missing := errors.AsType[*scalingtypes.ObjectNotFoundException](err); missing {
		return nil
	}
	return err
}
