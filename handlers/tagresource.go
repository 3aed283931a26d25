package handlers

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/util/retry"

	"github.com/gantry-ecs/gantry/taskdef"
)

const maxTags = 50

// TagResource adds tags, and replaces those whose keys are there (API reference,
// TagResource).
func (h *Handlers) TagResource(ctx context.Context, in *ecs.TagResourceInput) (*ecs.TagResourceOutput, error) {
	if err := taskdef.ValidateTags(in.Tags); err != nil {
		return nil, err
	}
	err := h.changeResourceTags(ctx, aws.ToString(in.ResourceArn), func(held []types.Tag) ([]types.Tag, error) {
		merged := mergeTags(held, in.Tags, nil)
		if len(slices.DeleteFunc(slices.Clone(merged), managedTag)) > maxTags { // ECS's own do not count
			return nil, tooManyTags()
		}
		return merged, nil
	})
	return &ecs.TagResourceOutput{}, err
}

// UntagResource takes tags off; a key that is not there is no error.
func (h *Handlers) UntagResource(ctx context.Context, in *ecs.UntagResourceInput) (*ecs.UntagResourceOutput, error) {
	if err := taskdef.ValidateTagKeys(in.TagKeys); err != nil {
		return nil, err
	}
	err := h.changeResourceTags(ctx, aws.ToString(in.ResourceArn), func(held []types.Tag) ([]types.Tag, error) {
		return slices.DeleteFunc(slices.Clone(held), func(tag types.Tag) bool {
			return slices.Contains(in.TagKeys, aws.ToString(tag.Key))
		}), nil
	})
	return &ecs.UntagResourceOutput{}, err
}

// ListTagsForResource answers the tags of a resource.
func (h *Handlers) ListTagsForResource(ctx context.Context, in *ecs.ListTagsForResourceInput) (*ecs.ListTagsForResourceOutput, error) {
	resource, err := h.taggable(ctx, aws.ToString(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	return &ecs.ListTagsForResourceOutput{Tags: emptyIfNil(resource.tags)}, nil
}

// changeResourceTags writes what change makes of the tags; where the resource has
// changed meanwhile, it is looked at again.
func (h *Handlers) changeResourceTags(ctx context.Context, resourceARN string, change func([]types.Tag) ([]types.Tag, error)) error {
	err := retry.RetryOnConflict(conflictRetry, func() error {
		resource, err := h.taggable(ctx, resourceARN)
		if err != nil {
			return err
		}
		tags, err := change(resource.tags)
		if err != nil {
			return err
		}
		err = resource.write(ctx, tags)
		if apierrors.IsConflict(err) {
			if lookErr := resource.look(ctx); lookErr != nil {
				return lookErr
			}
		}
		return err
	})
	return fromKubernetes(err)
}

func managedTag(tag types.Tag) bool { return strings.HasPrefix(aws.ToString(tag.Key), "aws:") }
