package scaling

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

func validation(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	return &types.ValidationException{Message: &text}
}

func notFound(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	return &types.ObjectNotFoundException{Message: &text}
}

// constraint is the form in which the service names a member that breaks its model.
func constraint(value any, member, rule string) error {
	return validation("1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: Member must %s", value, member, rule)
}

func missing(member string) error {
	return validation("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", member)
}

// unsupportedResource is the answer to what is no ECS service's desired count.
func unsupportedResource() error {
	return validation("Unsupported service namespace, resource type or scalable dimension")
}

// ServiceMissing refuses to register a target whose ECS service is not there.
// Clients that have just created it match these words and try again.
func ServiceMissing(resourceID string) error {
	return validation("ECS service doesn't exist: %s", resourceID)
}

// TargetMissing is for calls about a scalable target that is not registered.
func TargetMissing(resourceID string) error {
	return notFound("No scalable target found for service namespace: %s, resource ID: %s, scalable dimension: %s",
		Namespace, resourceID, Dimension)
}

// TargetNotRegistered is for a policy without a scalable target.
func TargetNotRegistered(resourceID string) error {
	return notFound("No scalable target registered for service namespace: %s, resource ID: %s, scalable dimension: %s",
		Namespace, resourceID, Dimension)
}

// PolicyMissing is for calls about a policy that is not there. The words take
// the form of TargetMissing; AWS's own are not known.
func PolicyMissing(resourceID, policy string) error {
	return notFound("No scaling policy found for service namespace: %s, resource ID: %s, scalable dimension: %s, policy name: %s",
		Namespace, resourceID, Dimension, policy)
}

// InvalidNextToken is for a page token that this service did not give out.
func InvalidNextToken() error {
	text := "The next token supplied was invalid."
	return &types.InvalidNextTokenException{Message: &text}
}

// ConcurrentUpdate is for a call that others have overtaken time and again.
// AWS's words are not known.
func ConcurrentUpdate() error {
	text := "There is already a pending update to this scalable target. Try again."
	return &types.ConcurrentUpdateException{Message: &text}
}
