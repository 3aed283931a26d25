package handlers

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// taggableTaskSet finds a task set, whose tags stand with the service's entries. One
// that drains is no longer tagged, as a service.
func (h *Handlers) taggableTaskSet(ctx context.Context, cluster *v1alpha1.Cluster, service, resourceARN string) (taggable, error) {
	svc, err := h.findService(ctx, cluster, service)
	if err != nil {
		return taggable{}, err
	}
	if svc == nil {
		return taggable{}, resourceNotFound(resourceARN)
	}
	id, err := taskSetID(svc, resourceARN)
	if err != nil {
		return taggable{}, err
	}
	i := taskSetIndex(svc, id)
	if i < 0 {
		return taggable{}, resourceNotFound(resourceARN)
	}
	entry := svc.Spec.Deployments[i]
	if translator.TaskSetStatus(svc, entry) == translator.TaskSetDraining {
		return taggable{}, inactive("task set")
	}
	members, err := translator.TaskSetMembers(entry)
	if err != nil {
		return taggable{}, err
	}
	resource := tagged(h.store.Services, svc, members.Tags, nil)
	resource.write = func(ctx context.Context, tags []types.Tag) error {
		entries := slices.Clone(svc.Spec.Deployments)
		entries[i] = *entry.DeepCopy()
		if err := setMember(&entries[i], "tags", []byte(translator.FormatTags(tags))); err != nil {
			return err
		}
		_, err := h.store.Services.Patch(ctx, svc, kube.Fields{"spec": kube.Fields{"deployments": entries}})
		return err
	}
	return resource, nil
}
