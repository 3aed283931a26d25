package scaling

import (
	"math"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// ecsMetrics are the predefined metrics of a service's desired count (API
// reference, PredefinedMetricSpecification).
var ecsMetrics = []types.MetricType{
	types.MetricTypeECSServiceAverageCPUUtilization,
	types.MetricTypeECSServiceAverageMemoryUtilization,
	types.MetricTypeALBRequestCountPerTarget,
}

// API reference, PredefinedMetricSpecification.ResourceLabel.
var loadBalancerLabel = regexp.MustCompile(`^app/[^/]+/[0-9a-f]+/targetgroup/[^/]+/[0-9a-f]+$`)

func validateTargetTracking(in *aas.PutScalingPolicyInput, others []types.ScalingPolicy) error {
	c := in.TargetTrackingScalingPolicyConfiguration
	predefined, customized := c.PredefinedMetricSpecification, c.CustomizedMetricSpecification
	switch {
	case c.TargetValue == nil:
		return missing("targetTrackingScalingPolicyConfiguration.targetValue")
	// Utilisation is a share of what is reserved; nothing can be kept at 0 or
	// below. AWS's words are not known.
	case *c.TargetValue <= 0 || math.IsNaN(*c.TargetValue) || math.IsInf(*c.TargetValue, 0):
		return validation("Target value must be greater than 0")
	case predefined == nil && customized == nil:
		return validation("PredefinedMetricSpecification or CustomizedMetricSpecification must be set for target tracking scaling.")
	case predefined != nil && customized != nil:
		return validation("Only one of PredefinedMetricSpecification or CustomizedMetricSpecification can be set for target tracking scaling.")
	case negative(c.ScaleInCooldown):
		return validation("Scale in cooldown cannot be less than 0")
	case negative(c.ScaleOutCooldown):
		return validation("Scale out cooldown cannot be less than 0")
	case customized != nil:
		return notServed("CustomizedMetricSpecification")
	}
	if err := validatePredefined(*predefined); err != nil {
		return err
	}
	return validateOnePolicyPerMetric(*in.PolicyName, predefined.PredefinedMetricType, others)
}

func negative(n *int32) bool { return n != nil && *n < 0 }

func validatePredefined(p types.PredefinedMetricSpecification) error {
	metric, label := p.PredefinedMetricType, aws.ToString(p.ResourceLabel)
	if metric == "" {
		return missing("targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification.predefinedMetricType")
	}
	if err := enum("targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification.predefinedMetricType", metric, metric.Values()); err != nil {
		return err
	}
	switch metric {
	case types.MetricTypeECSServiceAverageCPUUtilization, types.MetricTypeECSServiceAverageMemoryUtilization:
		if label != "" {
			return validation("Resource label should not be specified for predefined metric type %s", metric)
		}
		return nil
	case types.MetricTypeALBRequestCountPerTarget:
		if !loadBalancerLabel.MatchString(label) {
			return validation("Invalid resource label '%s' for predefined metric type %s", label, metric)
		}
		return notServed("Predefined metric type " + string(metric))
	default:
		return validation("Scalable dimension %s only supports the following predefined metric types: %s", Dimension, metricNames())
	}
}

func metricNames() string {
	names := make([]string, 0, len(ecsMetrics))
	for _, m := range ecsMetrics {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}

// validateOnePolicyPerMetric: two policies on one metric would fight (User
// Guide, target tracking; the words are those that users have met).
func validateOnePolicyPerMetric(name string, metric types.MetricType, others []types.ScalingPolicy) error {
	for _, o := range others {
		c := o.TargetTrackingScalingPolicyConfiguration
		if aws.ToString(o.PolicyName) == name || c == nil || c.PredefinedMetricSpecification == nil {
			continue
		}
		if c.PredefinedMetricSpecification.PredefinedMetricType == metric {
			return validation("Only one TargetTrackingScaling policy for a given metric specification is allowed.")
		}
	}
	return nil
}

// copyTargetTracking keeps the stored policy apart from the request. DisableScaleIn
// is answered as false where it was not given (API reference: its default).
func copyTargetTracking(c *types.TargetTrackingScalingPolicyConfiguration) *types.TargetTrackingScalingPolicyConfiguration {
	out := *c
	out.DisableScaleIn = aws.Bool(aws.ToBool(c.DisableScaleIn))
	if p := c.PredefinedMetricSpecification; p != nil {
		specification := *p
		out.PredefinedMetricSpecification = &specification
	}
	return &out
}
