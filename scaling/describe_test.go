package scaling_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/google/go-cmp/cmp"

	"github.com/gantry-ecs/gantry/scaling"
)

func TestDescribe(t *testing.T) {
	targets := func(in aas.DescribeScalableTargetsInput) func() (int, error) {
		return func() (int, error) { return scaling.ValidateDescribeTargets(&in) }
	}
	policies := func(in aas.DescribeScalingPoliciesInput) func() (int, error) {
		return func() (int, error) { return scaling.ValidateDescribePolicies(&in) }
	}
	activities := func(in aas.DescribeScalingActivitiesInput) func() (int, error) {
		return func() (int, error) { return scaling.ValidateDescribeActivities(&in) }
	}
	const detected = "ValidationException: 1 validation error detected: Value "
	tests := []struct {
		name string
		call func() (int, error)
		page int
		want string
	}{
		{"targets", targets(aas.DescribeScalableTargetsInput{ServiceNamespace: "ecs"}), 50, ""},
		{"targets, page", targets(aas.DescribeScalableTargetsInput{ServiceNamespace: "ecs", MaxResults: aws.Int32(7)}), 7, ""},
		{"targets of another service", targets(aas.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceDynamodb}), 50, ""},
		{
			"targets, page too large", targets(aas.DescribeScalableTargetsInput{ServiceNamespace: "ecs", MaxResults: aws.Int32(51)}), 0,
			detected + "'51' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and 50",
		},
		{
			"targets without namespace", targets(aas.DescribeScalableTargetsInput{}), 0,
			detected + "null at 'serviceNamespace' failed to satisfy constraint: Member must not be null",
		},
		{
			"targets by dimension alone", targets(aas.DescribeScalableTargetsInput{ServiceNamespace: "ecs", ScalableDimension: scaling.Dimension}), 0,
			"ValidationException: Resource ID must be specified when a scalable dimension is specified",
		},
		{
			"too many targets", targets(aas.DescribeScalableTargetsInput{ServiceNamespace: "ecs", ResourceIds: make([]string, 51)}), 0,
			detected + "at 'resourceIds' failed to satisfy constraint: Member must have length less than or equal to 50",
		},
		{"policies", policies(aas.DescribeScalingPoliciesInput{ServiceNamespace: "ecs", ResourceId: aws.String("service/a/b"), ScalableDimension: scaling.Dimension}), 10, ""},
		{
			"policies, page too large", policies(aas.DescribeScalingPoliciesInput{ServiceNamespace: "ecs", MaxResults: aws.Int32(11)}), 0,
			detected + "'11' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and 10",
		},
		{"activities", activities(aas.DescribeScalingActivitiesInput{ServiceNamespace: "ecs"}), 50, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			page, err := tt.call()
			if diff := cmp.Diff(tt.want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if page != tt.page {
				t.Errorf("page of %d, want %d", page, tt.page)
			}
		})
	}
}

func TestActivityTexts(t *testing.T) {
	got := []string{
		scaling.Description(1),
		scaling.AlarmCause("high", "cpu75"),
		scaling.StatusMessage(types.ScalingActivityStatusCodeSuccessful, 1, ""),
		scaling.StatusMessage(types.ScalingActivityStatusCodeInProgress, 1, ""),
		scaling.StatusMessage(types.ScalingActivityStatusCodeFailed, 1, "no such service"),
	}
	want := []string{
		"Setting desired count to 1.",
		"monitor alarm high in state ALARM triggered policy cpu75",
		"Successfully set desired count to 1. Change successfully fulfilled by ecs.",
		"Successfully set desired count to 1. Waiting for change to be fulfilled by ecs.",
		"Failed to set desired count to 1. Reason: no such service",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}
