package scaling

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// policy is a target tracking policy as the autoscaler sees it.
type policy struct {
	name          string
	resource      corev1.ResourceName
	configuration *types.TargetTrackingScalingPolicyConfiguration
}

func (p policy) scalesIn() bool { return !aws.ToBool(p.configuration.DisableScaleIn) }

// policiesOf reads the target's policies, in the order in which they were put.
// One of another kind would be a newer version's.
func policiesOf(target *v1alpha1.ScalableTarget) ([]policy, error) {
	var policies []policy
	for _, held := range target.Spec.Policies {
		if types.PolicyType(held.Type) != types.PolicyTypeTargetTrackingScaling {
			continue
		}
		configuration := &types.TargetTrackingScalingPolicyConfiguration{}
		if _, err := awsjson.AutoScaling().Read(held.Configuration.Raw, configuration); err != nil {
			return nil, fmt.Errorf("decode scaling policy %s of %s: %w", held.Name, target.Spec.ResourceID, err)
		}
		resource, known := resourceOf(configuration.PredefinedMetricSpecification)
		if !known || configuration.TargetValue == nil {
			continue
		}
		policies = append(policies, policy{name: held.Name, resource: resource, configuration: configuration})
	}
	return policies, nil
}

func resourceOf(metric *types.PredefinedMetricSpecification) (resource corev1.ResourceName, known bool) {
	if metric == nil {
		return "", false
	}
	switch metric.PredefinedMetricType {
	case types.MetricTypeECSServiceAverageCPUUtilization:
		return corev1.ResourceCPU, true
	case types.MetricTypeECSServiceAverageMemoryUtilization:
		return corev1.ResourceMemory, true
	default:
		return "", false
	}
}
