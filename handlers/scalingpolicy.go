package handlers

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/scaling"
)

// PutScalingPolicy makes a policy or replaces the one of that name.
func (h *Handlers) PutScalingPolicy(ctx context.Context, in *aas.PutScalingPolicyInput) (*aas.PutScalingPolicyOutput, error) {
	seat, err := h.targetSeat(ctx, aws.ToString(in.ResourceId))
	if err != nil {
		return nil, err
	}
	var policy types.ScalingPolicy
	err = h.changeTarget(ctx, seat, func(spec *v1alpha1.ScalableTargetSpec) error {
		put, err := h.putPolicy(spec, in, seat.target)
		policy = put
		return err
	})
	if err != nil {
		return nil, err
	}
	return &aas.PutScalingPolicyOutput{PolicyARN: policy.PolicyARN, Alarms: policy.Alarms}, nil
}

// putPolicy decides on one version of the target.
func (h *Handlers) putPolicy(spec *v1alpha1.ScalableTargetSpec, in *aas.PutScalingPolicyInput, t scaling.Target) (types.ScalingPolicy, error) {
	var existing *types.ScalingPolicy
	var others []types.ScalingPolicy
	for i := range spec.Policies {
		held, err := policyAnswer(spec, &spec.Policies[i])
		if err != nil {
			return types.ScalingPolicy{}, err
		}
		if spec.Policies[i].Name == aws.ToString(in.PolicyName) {
			existing = &held
		} else {
			others = append(others, held)
		}
	}
	if err := scaling.ValidatePutPolicy(in, existing, others); err != nil {
		return types.ScalingPolicy{}, err
	}
	if !registered(spec) {
		return types.ScalingPolicy{}, scaling.TargetNotRegistered(*in.ResourceId)
	}
	policy := scaling.NewPolicy(in, existing, t)
	configuration, err := awsjson.AutoScaling().Write(policy.TargetTrackingScalingPolicyConfiguration)
	if err != nil {
		return types.ScalingPolicy{}, fmt.Errorf("encode scaling policy %s: %w", *policy.PolicyName, err)
	}
	i := slices.IndexFunc(spec.Policies, func(p v1alpha1.ScalingPolicy) bool { return p.Name == *policy.PolicyName })
	if i < 0 {
		i = len(spec.Policies)
		spec.Policies = append(spec.Policies, v1alpha1.ScalingPolicy{
			Name: *policy.PolicyName, CreatedAt: metav1.NewMicroTime(h.now()),
		})
	}
	spec.Policies[i].Type = string(policy.PolicyType)
	spec.Policies[i].Configuration.Raw = configuration
	return policy, nil
}

// policyAnswer is the policy that was put with the stored members.
func policyAnswer(spec *v1alpha1.ScalableTargetSpec, held *v1alpha1.ScalingPolicy) (types.ScalingPolicy, error) {
	configuration := &types.TargetTrackingScalingPolicyConfiguration{}
	if _, err := awsjson.AutoScaling().Read(held.Configuration.Raw, configuration); err != nil {
		return types.ScalingPolicy{}, fmt.Errorf("decode scaling policy %s of %s: %w", held.Name, spec.ResourceID, err)
	}
	policy := scaling.NewPolicy(&aas.PutScalingPolicyInput{
		PolicyName: aws.String(held.Name), PolicyType: types.PolicyType(held.Type),
		TargetTrackingScalingPolicyConfiguration: configuration,
	}, nil, scalingTarget(spec))
	policy.CreationTime = aws.Time(held.CreatedAt.Time)
	return policy, nil
}

// DeleteScalingPolicy removes a policy.
func (h *Handlers) DeleteScalingPolicy(ctx context.Context, in *aas.DeleteScalingPolicyInput) (*aas.DeleteScalingPolicyOutput, error) {
	if err := scaling.ValidateDeletePolicy(in); err != nil {
		return nil, err
	}
	seat, err := h.targetSeat(ctx, *in.ResourceId)
	if err != nil {
		return nil, err
	}
	err = h.changeTarget(ctx, seat, func(spec *v1alpha1.ScalableTargetSpec) error {
		left := slices.DeleteFunc(slices.Clone(spec.Policies), func(p v1alpha1.ScalingPolicy) bool { return p.Name == *in.PolicyName })
		if len(left) == len(spec.Policies) {
			return scaling.PolicyMissing(*in.ResourceId, *in.PolicyName)
		}
		spec.Policies = left
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &aas.DeleteScalingPolicyOutput{}, nil
}

// DescribeScalingPolicies answers policies by resource id and name; names that
// are asked for and not there are left out.
func (h *Handlers) DescribeScalingPolicies(ctx context.Context, in *aas.DescribeScalingPoliciesInput) (*aas.DescribeScalingPoliciesOutput, error) {
	size, err := scaling.ValidateDescribePolicies(in)
	if err != nil {
		return nil, err
	}
	found := []types.ScalingPolicy{}
	if inECS(in.ServiceNamespace, in.ScalableDimension) {
		if found, err = h.policies(ctx, in); err != nil {
			return nil, err
		}
	}
	key := func(p types.ScalingPolicy) string { return *p.ResourceId + "\x00" + *p.PolicyName }
	found, next, err := pageBy("policies", found, key, false, size, in.NextToken)
	if err != nil {
		return nil, scaling.InvalidNextToken()
	}
	return &aas.DescribeScalingPoliciesOutput{ScalingPolicies: found, NextToken: next}, nil
}

func (h *Handlers) policies(ctx context.Context, in *aas.DescribeScalingPoliciesInput) ([]types.ScalingPolicy, error) {
	targets, err := h.registeredTargets(ctx, resourceFilter(in.ResourceId))
	if err != nil {
		return nil, err
	}
	found := []types.ScalingPolicy{}
	for _, target := range targets {
		for i := range target.Spec.Policies {
			held := &target.Spec.Policies[i]
			if len(in.PolicyNames) > 0 && !slices.Contains(in.PolicyNames, held.Name) {
				continue
			}
			policy, err := policyAnswer(&target.Spec, held)
			if err != nil {
				return nil, err
			}
			found = append(found, policy)
		}
	}
	return found, nil
}

func resourceFilter(resourceID *string) []string {
	if aws.ToString(resourceID) == "" {
		return nil
	}
	return []string{*resourceID}
}
