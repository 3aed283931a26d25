package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Fields are the members that a merge patch sets, as JSON has them: an object in
// them is merged, nil takes a member off. The object's metadata are Fields too.
type Fields = map[string]any

// The parts of an object that can be patched: what the API server keeps apart as
// subresources, and the rest.
const (
	MainPart   = ""
	StatusPart = "status"
)

// Patch writes fields of an object and returns it as the API server answered.
// held is the object as it was looked at: where it has changed meanwhile, the
// answer is a conflict. One that has a name and no version is patched as it is.
func (c *Collection[T]) Patch(ctx context.Context, held T, fields Fields) (T, error) {
	return c.PatchPart(ctx, held, MainPart, fields)
}

// PatchStatus is Patch for the status subresource.
func (c *Collection[T]) PatchStatus(ctx context.Context, held T, fields Fields) (T, error) {
	return c.PatchPart(ctx, held, StatusPart, fields)
}

// PatchPart is Patch for any part.
func (c *Collection[T]) PatchPart(ctx context.Context, held T, part string, fields Fields) (T, error) {
	data, err := json.Marshal(guarded(fields, held.GetResourceVersion()))
	if err != nil {
		var none T
		return none, fmt.Errorf("encode patch of %T %s: %w", held, held.GetName(), err)
	}
	return c.patch(ctx, held, part, data)
}

// PatchTo writes those fields of a part in which wanted differs from held,
// guarded as Patch is.
func (c *Collection[T]) PatchTo(ctx context.Context, held, wanted T, part string) (T, error) {
	data, err := client.MergeFromWithOptions(held, client.MergeFromWithOptimisticLock{}).Data(wanted)
	if err != nil {
		var none T
		return none, fmt.Errorf("encode patch of %T %s: %w", held, held.GetName(), err)
	}
	return c.patch(ctx, held, part, data)
}

func (c *Collection[T]) patch(ctx context.Context, held T, part string, data []byte) (T, error) {
	obj := c.make()
	obj.SetNamespace(held.GetNamespace())
	obj.SetName(held.GetName())
	merge := client.RawPatch(types.MergePatchType, data)
	var err error
	if part == MainPart {
		err = c.client.Patch(ctx, obj, merge)
	} else {
		err = c.client.SubResource(part).Patch(ctx, obj, merge)
	}
	if err != nil {
		var none T
		return none, fmt.Errorf("patch %T %s %s: %w", obj, obj.GetName(), part, err)
	}
	c.written(obj)
	return obj, nil
}

// guarded adds the version that the decision was made at.
func guarded(fields Fields, version string) Fields {
	if version == "" {
		return fields
	}
	metadata := Fields{"resourceVersion": version}
	if given, ok := fields["metadata"]; ok {
		maps.Copy(metadata, given.(Fields))
	}
	patch := maps.Clone(fields)
	patch["metadata"] = metadata
	return patch
}
