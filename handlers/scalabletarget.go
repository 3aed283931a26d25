package handlers

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/scaling"
)

// RegisterScalableTarget registers a service or changes its registration. The
// controller moves the service's desired count into the range.
func (h *Handlers) RegisterScalableTarget(ctx context.Context, in *aas.RegisterScalableTargetInput) (*aas.RegisterScalableTargetOutput, error) {
	seat, err := h.targetSeat(ctx, aws.ToString(in.ResourceId))
	if err != nil {
		return nil, err
	}
	err = h.changeTarget(ctx, seat, func(spec *v1alpha1.ScalableTargetSpec) error {
		return h.registerSpec(ctx, seat, spec, in)
	})
	if err != nil {
		return nil, err
	}
	return &aas.RegisterScalableTargetOutput{ScalableTargetARN: aws.String(seat.target.ARN())}, nil
}

// registerSpec decides on one version of the target.
func (h *Handlers) registerSpec(ctx context.Context, seat targetSeat, spec *v1alpha1.ScalableTargetSpec, in *aas.RegisterScalableTargetInput) error {
	var existing *types.ScalableTarget
	if registered(spec) {
		answer := targetAnswer(spec)
		existing = &answer
	}
	if err := scaling.ValidateRegister(in, existing); err != nil {
		return err
	}
	// API reference, RegisterScalableTarget.Tags: tags of an update are added.
	tags, err := scaling.MergeTags(spec.Tags, in.Tags, aws.ToString(in.ResourceId))
	if err != nil {
		return err
	}
	if err := h.scalableService(ctx, seat); err != nil {
		return err
	}
	wanted := scaling.Register(in, existing, seat.target)
	now := metav1.NewMicroTime(h.now())
	if existing == nil {
		*spec = v1alpha1.ScalableTargetSpec{
			Identity:   v1alpha1.Identity{Account: seat.target.Account, Region: seat.target.Region},
			ResourceID: seat.target.ResourceID(), Cluster: seat.target.Cluster, Service: seat.target.Service, CreatedAt: now,
		}
	}
	if existing == nil || in.MinCapacity != nil || in.MaxCapacity != nil {
		spec.RegisteredAt = &now
	}
	spec.MinCapacity, spec.MaxCapacity = *wanted.MinCapacity, *wanted.MaxCapacity
	spec.Suspended = v1alpha1.Suspended{
		DynamicScalingIn:  *wanted.SuspendedState.DynamicScalingInSuspended,
		DynamicScalingOut: *wanted.SuspendedState.DynamicScalingOutSuspended,
		ScheduledScaling:  *wanted.SuspendedState.ScheduledScalingSuspended,
	}
	spec.Tags = tags
	return nil
}

// scalableService refuses a target whose service is not there or was deleted.
func (h *Handlers) scalableService(ctx context.Context, seat targetSeat) error {
	if seat.cluster == nil || seat.cluster.Spec.DeletedAt != nil {
		return scaling.ServiceMissing(seat.target.ResourceID())
	}
	svc, err := h.findService(ctx, seat.cluster, seat.target.Service)
	if err != nil {
		return err
	}
	if svc == nil || svc.Spec.DeletedAt != nil {
		return scaling.ServiceMissing(seat.target.ResourceID())
	}
	return nil
}

// DeregisterScalableTarget ends the registration, and with it the policies.
func (h *Handlers) DeregisterScalableTarget(ctx context.Context, in *aas.DeregisterScalableTargetInput) (*aas.DeregisterScalableTargetOutput, error) {
	if err := scaling.ValidateDeregister(in); err != nil {
		return nil, err
	}
	seat, err := h.targetSeat(ctx, *in.ResourceId)
	if err != nil {
		return nil, err
	}
	err = h.changeTarget(ctx, seat, func(spec *v1alpha1.ScalableTargetSpec) error {
		if !registered(spec) {
			return scaling.TargetMissing(*in.ResourceId)
		}
		now := metav1.NewMicroTime(h.now())
		spec.DeregisteredAt, spec.Policies, spec.Tags = &now, nil, nil
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &aas.DeregisterScalableTargetOutput{}, nil
}

// DescribeScalableTargets answers the registered targets by resource id; those
// that are asked for and not there are left out.
func (h *Handlers) DescribeScalableTargets(ctx context.Context, in *aas.DescribeScalableTargetsInput) (*aas.DescribeScalableTargetsOutput, error) {
	size, err := scaling.ValidateDescribeTargets(in)
	if err != nil {
		return nil, err
	}
	found := []*v1alpha1.ScalableTarget{}
	if inECS(in.ServiceNamespace, in.ScalableDimension) {
		if found, err = h.registeredTargets(ctx, in.ResourceIds); err != nil {
			return nil, err
		}
	}
	found, next, err := pageBy("targets", found, func(t *v1alpha1.ScalableTarget) string { return t.Spec.ResourceID }, false, size, in.NextToken)
	if err != nil {
		return nil, scaling.InvalidNextToken()
	}
	answers := make([]types.ScalableTarget, len(found))
	for i, target := range found {
		answers[i] = targetAnswer(&target.Spec)
	}
	return &aas.DescribeScalableTargetsOutput{ScalableTargets: answers, NextToken: next}, nil
}

// registeredTargets are the caller's registered targets: those of the given
// resource ids, or all where none is given.
func (h *Handlers) registeredTargets(ctx context.Context, resourceIDs []string) ([]*v1alpha1.ScalableTarget, error) {
	found := []*v1alpha1.ScalableTarget{}
	if len(resourceIDs) == 0 {
		for _, target := range h.store.Targets.By(kube.ByIdentity, kube.IdentityKey(identity(ctx))) {
			if registered(&target.Spec) {
				found = append(found, target)
			}
		}
		return found, nil
	}
	ids := slices.Clone(resourceIDs)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		target, err := h.findTarget(ctx, id)
		if err != nil {
			return nil, err
		}
		if target != nil && registered(&target.Spec) {
			found = append(found, target)
		}
	}
	return found, nil
}

// inECS says whether a filter lets anything of ECS through.
func inECS(namespace types.ServiceNamespace, dimension types.ScalableDimension) bool {
	return namespace == scaling.Namespace && (dimension == "" || dimension == scaling.Dimension)
}

// registered is false for a target that was deregistered, and for none.
func registered(spec *v1alpha1.ScalableTargetSpec) bool {
	return spec.RegisteredAt != nil && spec.DeregisteredAt == nil
}

func scalingTarget(spec *v1alpha1.ScalableTargetSpec) scaling.Target {
	return scaling.Target{Account: spec.Account, Region: spec.Region, Cluster: spec.Cluster, Service: spec.Service}
}

func targetAnswer(spec *v1alpha1.ScalableTargetSpec) types.ScalableTarget {
	t := scalingTarget(spec)
	return types.ScalableTarget{
		ServiceNamespace: scaling.Namespace, ResourceId: aws.String(spec.ResourceID), ScalableDimension: scaling.Dimension,
		MinCapacity: aws.Int32(spec.MinCapacity), MaxCapacity: aws.Int32(spec.MaxCapacity),
		RoleARN: aws.String(t.RoleARN()), ScalableTargetARN: aws.String(t.ARN()), CreationTime: aws.Time(spec.CreatedAt.Time),
		SuspendedState: &types.SuspendedState{
			DynamicScalingInSuspended:  aws.Bool(spec.Suspended.DynamicScalingIn),
			DynamicScalingOutSuspended: aws.Bool(spec.Suspended.DynamicScalingOut),
			ScheduledScalingSuspended:  aws.Bool(spec.Suspended.ScheduledScaling),
		},
	}
}
