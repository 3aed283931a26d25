package handlers

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

func daemonFamilyKey(id v1alpha1.Identity, family string) string {
	return kube.IdentityKey(id) + "/" + family
}

func (h *Handlers) lastDaemonRevision(id v1alpha1.Identity, family string) int64 {
	var last int64
	for _, object := range h.store.DaemonDefinitions.By(kube.ByFamily, daemonFamilyKey(id, family)) {
		last = max(last, object.Spec.Revision)
	}
	return last
}

// daemonDefinition finds what a request names: a revision in any status, or the
// latest ACTIVE one of a family. It is nil where there is none.
func (h *Handlers) daemonDefinition(ctx context.Context, given string) (*v1alpha1.DaemonTaskDefinition, error) {
	ref, err := taskdef.ParseDaemonReference(given)
	if err != nil {
		return nil, err
	}
	return byReference(ctx, ref, h.daemonDefinitionRevision, h.latestDaemonDefinition)
}

// latestDaemonDefinition also asks for the numbers after the last one known
// here, which another replica may have made a moment ago.
func (h *Handlers) latestDaemonDefinition(ctx context.Context, id v1alpha1.Identity, family string) (*v1alpha1.DaemonTaskDefinition, error) {
	for number := h.lastDaemonRevision(id, family) + 1; ; number++ {
		object, err := h.daemonDefinitionRevision(ctx, id, family, number)
		if err != nil {
			return nil, err
		}
		if object == nil {
			break
		}
	}
	var latest *v1alpha1.DaemonTaskDefinition
	for _, object := range h.store.DaemonDefinitions.By(kube.ByFamily, daemonFamilyKey(id, family)) {
		if object.Spec.DeleteRequestedAt == nil && (latest == nil || object.Spec.Revision > latest.Spec.Revision) {
			latest = object
		}
	}
	return latest, nil
}

func (h *Handlers) daemonDefinitionRevision(ctx context.Context, id v1alpha1.Identity, family string, number int64) (*v1alpha1.DaemonTaskDefinition, error) {
	object, found, err := h.store.DaemonDefinitions.Find(ctx, h.store.Namespace, kube.TaskDefinitionName(id, family, number))
	if err != nil || !found {
		return nil, err
	}
	if object.Spec.Identity != id || object.Spec.Family != family {
		return nil, fmt.Errorf("daemon task definition %s:%d has the object name of %s", family, number, object.Spec.Family)
	}
	return object, nil
}

func decodeDaemonDefinition(object *v1alpha1.DaemonTaskDefinition) (*types.DaemonTaskDefinition, error) {
	def := &types.DaemonTaskDefinition{}
	if err := awsjson.Unmarshal(object.Spec.Definition.Raw, def); err != nil {
		return nil, fmt.Errorf("decode daemon task definition %s: %w", object.Name, err)
	}
	return def, nil
}

// daemonDefinitionStatus: a revision whose deletion was asked for is
// DELETE_IN_PROGRESS while a daemon runs it or may go back to it.
func (h *Handlers) daemonDefinitionStatus(object *v1alpha1.DaemonTaskDefinition) types.DaemonTaskDefinitionStatus {
	if object.Spec.DeleteRequestedAt == nil {
		return types.DaemonTaskDefinitionStatusActive
	}
	spec := object.Spec
	given := arn.DaemonTaskDefinition(spec.Identity, spec.Family, spec.Revision)
	for _, d := range h.store.Daemons.All() {
		for _, entry := range d.Spec.Deployments {
			if run, err := translator.TaskDefinitionOfDaemon(entry); err == nil && run == given && d.Spec.DeletedAt == nil {
				return types.DaemonTaskDefinitionStatusDeleteInProgress
			}
		}
	}
	return types.DaemonTaskDefinitionStatusDeleted
}
