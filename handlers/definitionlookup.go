package handlers

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

// definition is a task definition as it stands now, and its tags.
type definition struct {
	*types.TaskDefinition
	Tags []types.Tag
	// object is what it was read from.
	object *v1alpha1.TaskDefinition
}

// definition finds what a request names. It is nil where there is none.
func (h *Handlers) definition(ctx context.Context, given string) (*definition, error) {
	ref, err := taskdef.ParseReference(given)
	if err != nil {
		return nil, err
	}
	return byReference(ctx, ref, h.revision, h.latest)
}

// byReference finds what a reference names: a revision in any status, or the latest
// ACTIVE one of a family. Another account's definition is not there for this caller.
func byReference[T any](
	ctx context.Context, ref taskdef.Reference,
	revision func(ctx context.Context, id v1alpha1.Identity, family string, number int64) (*T, error),
	latest func(ctx context.Context, id v1alpha1.Identity, family string) (*T, error),
) (*T, error) {
	id := identity(ctx)
	switch {
	case ref.Account != "" && (ref.Account != id.Account || ref.Region != id.Region):
		return nil, nil //nolint:nilnil // nothing found is no error here
	case ref.Revision != 0:
		return revision(ctx, id, ref.Family, int64(ref.Revision))
	}
	return latest(ctx, id, ref.Family)
}

// latest is the newest ACTIVE revision. A revision that another replica made a
// moment ago is found by asking for the numbers after the last one known here.
func (h *Handlers) latest(ctx context.Context, id v1alpha1.Identity, family string) (*definition, error) {
	var newest *definition
	for number := h.lastRevision(id, family) + 1; ; number++ {
		def, err := h.anyRevision(ctx, id, family, number)
		if err != nil {
			return nil, err
		}
		if def == nil {
			break
		}
		if def.Status == types.TaskDefinitionStatusActive {
			newest = def
		}
	}
	if newest != nil {
		return newest, nil
	}
	var best int64
	for _, meta := range h.revisions(id, family) {
		if meta.Labels[v1alpha1.StatusLabel] == string(types.TaskDefinitionStatusActive) {
			best = max(best, kube.DefinitionRevision(meta))
		}
	}
	if best == 0 {
		return nil, nil //nolint:nilnil // nothing found is no error here
	}
	return h.revision(ctx, id, family, best)
}

func (h *Handlers) revision(ctx context.Context, id v1alpha1.Identity, family string, number int64) (*definition, error) {
	def, err := h.anyRevision(ctx, id, family, number)
	if def != nil && def.Status == v1alpha1.StatusDeleted {
		return nil, err
	}
	return def, err
}

// anyRevision finds a revision that is only kept for its number, too.
func (h *Handlers) anyRevision(ctx context.Context, id v1alpha1.Identity, family string, number int64) (*definition, error) {
	object, found, err := h.store.Definition(ctx, kube.TaskDefinitionName(id, family, number))
	if err != nil || !found {
		return nil, err
	}
	if object.Spec.Identity != id || object.Spec.Family != family {
		return nil, fmt.Errorf("task definition %s:%d has the object name of %s", family, number, object.Spec.Family)
	}
	return h.decodedDefinition(object)
}

// Decoded definitions are kept as long as the store keeps bodies.
const (
	keptDefinitions = 500
	definitionTTL   = 10 * time.Minute
)

// decodedDefinition decodes the body of a revision, which never changes, once.
// What it gives out shares that body: nobody may change what is in it.
func (h *Handlers) decodedDefinition(object *v1alpha1.TaskDefinition) (*definition, error) {
	def := definition{}
	if kept, ok := h.definitions.Get(object.UID); ok {
		def = kept.(definition)
	} else {
		def.TaskDefinition = &types.TaskDefinition{}
		if err := awsjson.Unmarshal(object.Spec.Definition.Raw, def.TaskDefinition); err != nil {
			return nil, fmt.Errorf("decode task definition %s: %w", object.Name, err)
		}
		var err error
		if def.Tags, err = decodeTags(object.Spec.Tags); err != nil {
			return nil, fmt.Errorf("decode tags of task definition %s: %w", object.Name, err)
		}
		h.definitions.Add(object.UID, def, definitionTTL)
	}
	current := *def.TaskDefinition
	current.Status = types.TaskDefinitionStatus(object.Labels[v1alpha1.StatusLabel])
	if at, ok := translator.ParseTime(object.Annotations[v1alpha1.DeregisteredAtAnnotation]); ok {
		current.DeregisteredAt = &at
	}
	if at, ok := translator.ParseTime(object.Annotations[v1alpha1.DeleteRequestedAtAnnotation]); ok {
		current.DeleteRequestedAt = &at
	}
	def.TaskDefinition, def.object = &current, object
	if text, changed := object.Annotations[v1alpha1.TagsAnnotation]; changed {
		tags, err := translator.ParseTags(text)
		if err != nil {
			return nil, fmt.Errorf("task definition %s: %w", object.Name, err)
		}
		def.Tags = tags
	}
	return &def, nil
}

// versionOf tells every version of every object apart.
func versionOf(obj metav1.Object) string {
	return string(obj.GetUID()) + "/" + obj.GetResourceVersion()
}

func encodeTags(tags []types.Tag) ([]runtime.RawExtension, error) {
	var raw []runtime.RawExtension
	for i := range tags {
		data, err := awsjson.Marshal(&tags[i])
		if err != nil {
			return nil, fmt.Errorf("encode tag: %w", err)
		}
		raw = append(raw, runtime.RawExtension{Raw: data})
	}
	return raw, nil
}

func decodeTags(raw []runtime.RawExtension) ([]types.Tag, error) {
	var tags []types.Tag
	for i := range raw {
		tag := types.Tag{}
		if err := awsjson.Unmarshal(raw[i].Raw, &tag); err != nil {
			return nil, err
		}
		tags = append(tags, tag)
	}
	return tags, nil
}
