package scaling

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// API reference: the largest page of each list, which is also the default, and
// the most names that a request may hold.
const (
	maxTargetsPage    = 50
	maxPoliciesPage   = 10
	maxActivitiesPage = 50
	maxNames          = 50
)

// ValidateDescribeTargets refuses what DescribeScalableTargets refuses, and says
// how many targets a page has.
func ValidateDescribeTargets(in *aas.DescribeScalableTargetsInput) (page int, err error) {
	if err := validateFilter(in.ServiceNamespace, in.ScalableDimension, len(in.ResourceIds) > 0); err != nil {
		return 0, err
	}
	if err := tooMany("resourceIds", len(in.ResourceIds)); err != nil {
		return 0, err
	}
	return pageSize(in.MaxResults, maxTargetsPage)
}

// ValidateDescribePolicies is the same for DescribeScalingPolicies.
func ValidateDescribePolicies(in *aas.DescribeScalingPoliciesInput) (page int, err error) {
	if err := validateFilter(in.ServiceNamespace, in.ScalableDimension, aws.ToString(in.ResourceId) != ""); err != nil {
		return 0, err
	}
	if err := tooMany("policyNames", len(in.PolicyNames)); err != nil {
		return 0, err
	}
	return pageSize(in.MaxResults, maxPoliciesPage)
}

// ValidateDescribeActivities is the same for DescribeScalingActivities.
func ValidateDescribeActivities(in *aas.DescribeScalingActivitiesInput) (page int, err error) {
	if err := validateFilter(in.ServiceNamespace, in.ScalableDimension, aws.ToString(in.ResourceId) != ""); err != nil {
		return 0, err
	}
	return pageSize(in.MaxResults, maxActivitiesPage)
}

// validateFilter: the namespace is required, and a dimension needs a resource
// (API reference; the words for the latter are not known). Another namespace
// than ecs is no error: there is nothing in it.
func validateFilter(ns types.ServiceNamespace, dimension types.ScalableDimension, hasResource bool) error {
	if err := validateNamespace(ns); err != nil {
		return err
	}
	if dimension == "" {
		return nil
	}
	if err := validateDimension(dimension); err != nil {
		return err
	}
	if !hasResource {
		return validation("Resource ID must be specified when a scalable dimension is specified")
	}
	return nil
}

func tooMany(member string, n int) error {
	if n > maxNames {
		return validation("1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", member, maxNames)
	}
	return nil
}

func pageSize(asked *int32, largest int) (int, error) {
	if asked == nil {
		return largest, nil
	}
	if *asked < 1 || int(*asked) > largest {
		return 0, constraint(*asked, "maxResults", fmt.Sprintf("have value between 1 and %d", largest))
	}
	return int(*asked), nil
}
