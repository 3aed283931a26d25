package scaling

import (
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// DefaultCooldown is what both cooldowns of a target tracking policy are for an
// ECS service where they are not given (User Guide, define cooldown periods).
// It is not written into the policy: AWS answers the members that were given.
const DefaultCooldown = 300 * time.Second

// API reference, PutScalingPolicy.PolicyName: 1 to 256 printable characters.
const maxPolicyName = 256

var policyNamePattern = regexp.MustCompile(`^[\pL\pM\pN\pP\pS\pZ]+$`)

// ValidatePutPolicy refuses what PutScalingPolicy refuses, and by name what this
// server does not do. Existing is the policy of that name, or nil; others are
// the target's other policies.
func ValidatePutPolicy(in *aas.PutScalingPolicyInput, existing *types.ScalingPolicy, others []types.ScalingPolicy) error {
	if err := validatePolicyName(in.PolicyName); err != nil {
		return err
	}
	if err := validateResource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension); err != nil {
		return err
	}
	policyType := policyTypeOf(in, existing)
	if err := enum("policyType", policyType, policyType.Values()); err != nil {
		return err
	}
	if err := validateConfigurations(in, policyType); err != nil {
		return err
	}
	if policyType != types.PolicyTypeTargetTrackingScaling {
		return notServed("Policy type " + string(policyType))
	}
	return validateTargetTracking(in, others)
}

func validatePolicyName(name *string) error {
	if name == nil {
		return missing("policyName")
	}
	if utf8.RuneCountInString(*name) > maxPolicyName || !policyNamePattern.MatchString(*name) {
		return constraint(*name, "policyName", `satisfy regular expression pattern: \p{Print}+`)
	}
	return nil
}

// policyTypeOf: the type may be left out; then it is that of the policy as it
// is, and step scaling for a new one.
func policyTypeOf(in *aas.PutScalingPolicyInput, existing *types.ScalingPolicy) types.PolicyType {
	if in.PolicyType != "" {
		return in.PolicyType
	}
	if existing != nil {
		return existing.PolicyType
	}
	return types.PolicyTypeStepScaling
}

func validateConfigurations(in *aas.PutScalingPolicyInput, policyType types.PolicyType) error {
	given := map[types.PolicyType]bool{
		types.PolicyTypeStepScaling:           in.StepScalingPolicyConfiguration != nil,
		types.PolicyTypeTargetTrackingScaling: in.TargetTrackingScalingPolicyConfiguration != nil,
		types.PolicyTypePredictiveScaling:     in.PredictiveScalingPolicyConfiguration != nil,
	}
	for t, is := range given {
		if is && t != policyType {
			return validation("You must only provide a single scaling policy configuration, which must match the scaling policy type specified.")
		}
	}
	if !given[policyType] {
		return validation("%s policy configuration must be specified", policyType)
	}
	return nil
}

// notServed refuses by name what AWS has and this server has not yet.
func notServed(what string) error {
	return validation("%s is not supported by this server; supported is TargetTrackingScaling with the predefined metrics %s and %s",
		what, types.MetricTypeECSServiceAverageCPUUtilization, types.MetricTypeECSServiceAverageMemoryUtilization)
}

// NewPolicy is the policy that a valid PutScalingPolicy makes.
func NewPolicy(in *aas.PutScalingPolicyInput, existing *types.ScalingPolicy, t Target) types.ScalingPolicy {
	configuration := copyTargetTracking(in.TargetTrackingScalingPolicyConfiguration)
	policy := types.ScalingPolicy{
		PolicyName:        aws.String(*in.PolicyName),
		PolicyARN:         aws.String(t.PolicyARN(*in.PolicyName)),
		PolicyType:        policyTypeOf(in, existing),
		ServiceNamespace:  Namespace,
		ResourceId:        aws.String(t.ResourceID()),
		ScalableDimension: Dimension,
		Alarms:            t.Alarms(*in.PolicyName, aws.ToBool(configuration.DisableScaleIn)),

		TargetTrackingScalingPolicyConfiguration: configuration,
	}
	if existing != nil {
		policy.CreationTime = existing.CreationTime
	}
	return policy
}

// ValidateDeletePolicy refuses what DeleteScalingPolicy refuses.
func ValidateDeletePolicy(in *aas.DeleteScalingPolicyInput) error {
	if err := validatePolicyName(in.PolicyName); err != nil {
		return err
	}
	return validateResource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension)
}

// ScaleOutCooldown is how long after scaling out a smaller need is not believed
// to be a larger one.
func ScaleOutCooldown(c *types.TargetTrackingScalingPolicyConfiguration) time.Duration {
	return cooldown(c.ScaleOutCooldown)
}

// ScaleInCooldown is how long after scaling in the next scaling in waits.
func ScaleInCooldown(c *types.TargetTrackingScalingPolicyConfiguration) time.Duration {
	return cooldown(c.ScaleInCooldown)
}

func cooldown(seconds *int32) time.Duration {
	if seconds == nil {
		return DefaultCooldown
	}
	return time.Duration(*seconds) * time.Second
}
