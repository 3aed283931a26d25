package handlers

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// ListDaemonTaskDefinitions answers summaries by family and revision.
func (h *Handlers) ListDaemonTaskDefinitions(ctx context.Context, in *ecs.ListDaemonTaskDefinitionsInput) (*ecs.ListDaemonTaskDefinitionsOutput, error) {
	if err := checkDaemonDefinitionList(in); err != nil {
		return nil, err
	}
	size, err := pageSize(in.MaxResults, maxPage)
	if err != nil {
		return nil, err
	}
	var objects []*v1alpha1.DaemonTaskDefinition
	last := map[string]int64{}
	for _, object := range h.store.DaemonDefinitions.By(kube.ByIdentity, kube.IdentityKey(identity(ctx))) {
		if h.listsDaemonDefinition(in, object) {
			objects = append(objects, object)
			last[object.Spec.Family] = max(last[object.Spec.Family], object.Spec.Revision)
		}
	}
	if in.Revision == types.DaemonTaskDefinitionRevisionFilterLastRegistered {
		objects = slices.DeleteFunc(objects, func(d *v1alpha1.DaemonTaskDefinition) bool { return d.Spec.Revision < last[d.Spec.Family] })
	}
	key := func(d *v1alpha1.DaemonTaskDefinition) string { return inFamilyOrder(d.Spec.Family, d.Spec.Revision) }
	objects, next, err := pageBy("daemon definitions", objects, key, in.Sort == types.SortOrderDesc, size, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ecs.ListDaemonTaskDefinitionsOutput{DaemonTaskDefinitions: []types.DaemonTaskDefinitionSummary{}, NextToken: next}
	for _, object := range objects {
		def, err := decodeDaemonDefinition(object)
		if err != nil {
			return nil, err
		}
		summary := types.DaemonTaskDefinitionSummary{
			Arn: def.DaemonTaskDefinitionArn, RegisteredAt: def.RegisteredAt, RegisteredBy: def.RegisteredBy,
			Status: h.daemonDefinitionStatus(object),
		}
		if at := object.Spec.DeleteRequestedAt; at != nil {
			summary.DeleteRequestedAt = aws.Time(at.Time)
		}
		out.DaemonTaskDefinitions = append(out.DaemonTaskDefinitions, summary)
	}
	return out, nil
}

func checkDaemonDefinitionList(in *ecs.ListDaemonTaskDefinitionsInput) error {
	switch in.Status {
	case "", types.DaemonTaskDefinitionStatusFilterActive, types.DaemonTaskDefinitionStatusFilterDeleteInProgress,
		types.DaemonTaskDefinitionStatusFilterAll:
	default:
		return oneOf("status", "ACTIVE", "DELETE_IN_PROGRESS", "ALL")
	}
	switch in.Revision {
	case "", types.DaemonTaskDefinitionRevisionFilterLastRegistered:
	default:
		return oneOf("revision", "LAST_REGISTERED")
	}
	switch in.Sort {
	case "", types.SortOrderAsc, types.SortOrderDesc:
	default:
		return oneOf("sort", "ASC", "DESC")
	}
	return nil
}

// listsDaemonDefinition: family is an exact name, familyPrefix a true prefix
// (API reference); ACTIVE is the default status.
func (h *Handlers) listsDaemonDefinition(in *ecs.ListDaemonTaskDefinitionsInput, object *v1alpha1.DaemonTaskDefinition) bool {
	if in.Family != nil && object.Spec.Family != *in.Family || !strings.HasPrefix(object.Spec.Family, aws.ToString(in.FamilyPrefix)) {
		return false
	}
	switch in.Status {
	case types.DaemonTaskDefinitionStatusFilterAll:
		return true
	case types.DaemonTaskDefinitionStatusFilterDeleteInProgress:
		return h.daemonDefinitionStatus(object) == types.DaemonTaskDefinitionStatusDeleteInProgress
	default:
		return object.Spec.DeleteRequestedAt == nil
	}
}
