package taskdef

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/clusterquery"
)

// Developer Guide, service quotas.
const maxPlacementConstraints = 10

// validatePlacement: distinctInstance belongs to a service or a RunTask call,
// a definition has memberOf alone. Whether ECS reads the expression when it is
// registered is not documented. It is one of the cluster query language (API
// reference, TaskDefinitionPlacementConstraint), no task could run under another,
// and InvalidParameterException is among the operation's errors.
func validatePlacement(in *ecs.RegisterTaskDefinitionInput) error {
	if len(in.PlacementConstraints) > maxPlacementConstraints {
		return invalidParameter("placement constraints can have at most %d items.", maxPlacementConstraints)
	}
	for _, c := range in.PlacementConstraints {
		if c.Type != types.TaskDefinitionPlacementConstraintTypeMemberOf {
			return clientException("constraint.type '%s' is not supported.", c.Type)
		}
		if err := ValidateExpression(c.Expression); err != nil {
			return err
		}
	}
	return nil
}

// ValidateExpression refuses what is not of the cluster query language, or too
// long, as the expression of memberOf. No source has ECS's text; this one follows
// that for the field of a placement strategy.
func ValidateExpression(expression *string) error {
	if _, err := clusterquery.Parse(aws.ToString(expression)); err != nil {
		return invalidParameter("memberOf expression '%s' is invalid", aws.ToString(expression))
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
