package taskdef

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Developer Guide, service quotas.
const maxPlacementConstraints = 10

// validatePlacement: distinctInstance belongs to a service or a RunTask call,
// a definition has memberOf alone.
func validatePlacement(in *ecs.RegisterTaskDefinitionInput) error {
	if len(in.PlacementConstraints) > maxPlacementConstraints {
		return invalidParameter("placement constraints can have at most %d items.", maxPlacementConstraints)
	}
	for _, c := range in.PlacementConstraints {
		if c.Type != types.TaskDefinitionPlacementConstraintTypeMemberOf {
			return clientException("constraint.type '%s' is not supported.", c.Type)
		}
	}
	return nil
}

// validateAccelerators: Elastic Inference has ended.
func validateAccelerators(in *ecs.RegisterTaskDefinitionInput) error {
	if len(in.InferenceAccelerators) > 0 {
		return clientException("Unsupported field 'inferenceAccelerators'")
	}
	return nil
}
