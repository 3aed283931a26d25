package handlers

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/taskdef"
)

const maxDeletedDefinitions = 10

// DeleteTaskDefinitions makes INACTIVE revisions DELETE_IN_PROGRESS; tasks and
// services that use one go on (API reference). What cannot be deleted is a
// failure beside those that can.
func (h *Handlers) DeleteTaskDefinitions(ctx context.Context, in *ecs.DeleteTaskDefinitionsInput) (*ecs.DeleteTaskDefinitionsOutput, error) {
	switch n := len(in.TaskDefinitions); {
	case n == 0:
		return nil, cannotBeEmpty("Task Definitions")
	case n > maxDeletedDefinitions:
		return nil, atMost("task definitions", maxDeletedDefinitions)
	}
	for _, given := range in.TaskDefinitions {
		ref, err := taskdef.ParseReference(given)
		if err != nil {
			return nil, err
		}
		if ref.Revision == 0 {
			return nil, revisionMissing()
		}
	}
	out := &ecs.DeleteTaskDefinitionsOutput{TaskDefinitions: []types.TaskDefinition{}, Failures: []types.Failure{}}
	for _, given := range in.TaskDefinitions {
		def, err := h.definition(ctx, given)
		if err != nil {
			return nil, err
		}
		switch {
		case def == nil:
			out.Failures = append(out.Failures, failure(definitionARN(ctx, given), definitionMissing))
			continue
		case def.Status == types.TaskDefinitionStatusActive:
			out.Failures = append(out.Failures, failure(*def.TaskDefinitionArn, definitionStillActive))
			continue
		}
		if err := h.moveDefinition(ctx, def, deletionRequest); err != nil {
			return nil, err
		}
		out.TaskDefinitions = append(out.TaskDefinitions, *def.TaskDefinition)
	}
	return out, nil
}

// definitionARN is the full ARN of a revision that a request names.
func definitionARN(ctx context.Context, given string) string {
	ref, err := taskdef.ParseReference(given)
	if err != nil || strings.HasPrefix(given, "arn:") {
		return given
	}
	return arn.TaskDefinition(identity(ctx), ref.Family, int64(ref.Revision))
}
