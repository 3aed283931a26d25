package handlers

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/scaling"
)

// ListScalingTags is ListTagsForResource of Application Auto Scaling: ECS has an
// operation of the same name. Terraform calls it after each read of a target.
func (h *Handlers) ListScalingTags(ctx context.Context, in *aas.ListTagsForResourceInput) (*aas.ListTagsForResourceOutput, error) {
	target, err := h.taggedTarget(ctx, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	maps.Copy(tags, target.Spec.Tags)
	return &aas.ListTagsForResourceOutput{Tags: tags}, nil
}

// TagScalableTarget is TagResource of Application Auto Scaling.
func (h *Handlers) TagScalableTarget(ctx context.Context, in *aas.TagResourceInput) (*aas.TagResourceOutput, error) {
	if err := scaling.RequireTags(in.Tags != nil, "tags"); err != nil {
		return nil, err
	}
	err := h.changeTags(ctx, in.ResourceARN, func(held map[string]string) (map[string]string, error) {
		return scaling.MergeTags(held, in.Tags, aws.ToString(in.ResourceARN))
	})
	if err != nil {
		return nil, err
	}
	return &aas.TagResourceOutput{}, nil
}

// UntagScalableTarget is UntagResource of Application Auto Scaling; keys that
// are not there are none the less gone.
func (h *Handlers) UntagScalableTarget(ctx context.Context, in *aas.UntagResourceInput) (*aas.UntagResourceOutput, error) {
	if err := scaling.RequireTags(in.TagKeys != nil, "tagKeys"); err != nil {
		return nil, err
	}
	err := h.changeTags(ctx, in.ResourceARN, func(held map[string]string) (map[string]string, error) {
		left := maps.Clone(held)
		maps.DeleteFunc(left, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
		return left, nil
	})
	if err != nil {
		return nil, err
	}
	return &aas.UntagResourceOutput{}, nil
}

func (h *Handlers) changeTags(ctx context.Context, resourceARN *string, change func(map[string]string) (map[string]string, error)) error {
	target, err := h.taggedTarget(ctx, resourceARN)
	if err != nil {
		return err
	}
	seat, err := h.targetSeat(ctx, target.Spec.ResourceID)
	if err != nil {
		return err
	}
	return h.changeTarget(ctx, seat, func(spec *v1alpha1.ScalableTargetSpec) error {
		if !registered(spec) {
			return scaling.TargetUnknown(aws.ToString(resourceARN))
		}
		tags, err := change(spec.Tags)
		spec.Tags = tags
		return err
	})
}

// taggedTarget finds a registered target by its ARN, which another replica may
// have given out a moment ago.
func (h *Handlers) taggedTarget(ctx context.Context, resourceARN *string) (*v1alpha1.ScalableTarget, error) {
	if err := scaling.RequireTarget(resourceARN); err != nil {
		return nil, err
	}
	var found *v1alpha1.ScalableTarget
	there := h.store.Await(ctx, func() bool {
		for _, target := range h.store.Targets.By(kube.ByIdentity, kube.IdentityKey(identity(ctx))) {
			if registered(&target.Spec) && scalingTarget(&target.Spec).ARN() == *resourceARN {
				found = target
				return true
			}
		}
		return false
	})
	if !there {
		return nil, scaling.TargetUnknown(*resourceARN)
	}
	return found, nil
}
