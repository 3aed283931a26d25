package handlers

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// daemonKinds are the kinds of taggable resources of daemons.
func (h *Handlers) daemonKinds() map[string]func(ctx context.Context, resourceARN string) (taggable, error) {
	return map[string]func(context.Context, string) (taggable, error){
		"daemon": h.taggableDaemon, "daemon-task-definition": h.taggableDaemonDefinition,
	}
}

// tagsInSpec is for objects that keep their tags beside what they were given.
func tagsInSpec(tags []types.Tag) kube.Fields {
	return kube.Fields{"spec": kube.Fields{"tags": translator.TagList(tags)}}
}

// taggableDaemon: a daemon that is being deleted is no longer tagged, as a service.
func (h *Handlers) taggableDaemon(ctx context.Context, resourceARN string) (taggable, error) {
	_, d, err := h.daemonOf(ctx, resourceARN)
	var missing *types.DaemonNotFoundException
	switch {
	case errors.As(err, &missing):
		return taggable{}, resourceNotFound(resourceARN)
	case err != nil:
		return taggable{}, err
	case d.Spec.DeletedAt != nil:
		return taggable{}, inactive("daemon")
	}
	tags, err := decodeTags(d.Spec.Tags)
	if err != nil {
		return taggable{}, fmt.Errorf("decode tags of daemon %s: %w", d.Name, err)
	}
	return tagged(h.store.Daemons, d, tags, tagsInSpec), nil
}

func (h *Handlers) taggableDaemonDefinition(ctx context.Context, resourceARN string) (taggable, error) {
	object, err := h.daemonDefinition(ctx, resourceARN)
	if err != nil {
		return taggable{}, err
	}
	if object == nil || object.Spec.DeleteRequestedAt != nil {
		return taggable{}, resourceNotFound(resourceARN)
	}
	tags, err := decodeTags(object.Spec.Tags)
	if err != nil {
		return taggable{}, fmt.Errorf("decode tags of daemon task definition %s: %w", object.Name, err)
	}
	return tagged(h.store.DaemonDefinitions, object, tags, tagsInSpec), nil
}
