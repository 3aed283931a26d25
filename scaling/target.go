package scaling

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// ValidateRegister refuses what RegisterScalableTarget refuses. Existing is the
// target as it is registered, or nil.
func ValidateRegister(in *aas.RegisterScalableTargetInput, existing *types.ScalableTarget) error {
	if err := validateResource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension); err != nil {
		return err
	}
	if negative(in.MinCapacity) {
		return constraint(*in.MinCapacity, "minCapacity", "have value greater than or equal to 0")
	}
	if negative(in.MaxCapacity) {
		return constraint(*in.MaxCapacity, "maxCapacity", "have value greater than or equal to 0")
	}
	low, high := in.MinCapacity, in.MaxCapacity
	if existing != nil {
		low, high = given(low, existing.MinCapacity), given(high, existing.MaxCapacity)
	}
	// The two are required the first time. Which of two errors AWS then has is
	// not known: this one takes the request for the update of a missing target.
	if low == nil || high == nil {
		return TargetMissing(*in.ResourceId)
	}
	if *high < *low {
		return validation("Maximum capacity cannot be less than minimum capacity")
	}
	return nil
}

// Register is the target after a valid RegisterScalableTarget: members not given
// stay as they are, and suspended states are false until they are set.
func Register(in *aas.RegisterScalableTargetInput, existing *types.ScalableTarget, t Target) types.ScalableTarget {
	var old types.ScalableTarget
	if existing != nil {
		old = *existing
	}
	return types.ScalableTarget{
		ServiceNamespace:  Namespace,
		ResourceId:        aws.String(t.ResourceID()),
		ScalableDimension: Dimension,
		MinCapacity:       given(in.MinCapacity, old.MinCapacity),
		MaxCapacity:       given(in.MaxCapacity, old.MaxCapacity),
		RoleARN:           aws.String(t.RoleARN()),
		ScalableTargetARN: aws.String(t.ARN()),
		SuspendedState:    suspended(in.SuspendedState, old.SuspendedState),
		CreationTime:      old.CreationTime,
	}
}

func suspended(in, old *types.SuspendedState) *types.SuspendedState {
	if in == nil {
		in = &types.SuspendedState{}
	}
	if old == nil {
		old = &types.SuspendedState{}
	}
	return &types.SuspendedState{
		DynamicScalingInSuspended:  flag(in.DynamicScalingInSuspended, old.DynamicScalingInSuspended),
		DynamicScalingOutSuspended: flag(in.DynamicScalingOutSuspended, old.DynamicScalingOutSuspended),
		ScheduledScalingSuspended:  flag(in.ScheduledScalingSuspended, old.ScheduledScalingSuspended),
	}
}

// flag is a copy of the new value, else of the old one, else false.
func flag(in, old *bool) *bool { return aws.Bool(aws.ToBool(given(in, old))) }

func given[T any](in, old *T) *T {
	if in != nil {
		return in
	}
	return old
}

// ValidateDeregister refuses what DeregisterScalableTarget refuses.
func ValidateDeregister(in *aas.DeregisterScalableTargetInput) error {
	return validateResource(in.ServiceNamespace, in.ResourceId, in.ScalableDimension)
}

// InRange is the count that the target's range allows, and the cause that the
// activity names when it is another than desired: registering a target moves the
// service into its range at once.
func InRange(target types.ScalableTarget, desired int32) (count int32, cause string) {
	if high := aws.ToInt32(target.MaxCapacity); desired > high {
		return high, maximumSet(high)
	}
	if low := aws.ToInt32(target.MinCapacity); desired < low {
		return low, minimumSet(low)
	}
	return desired, ""
}
