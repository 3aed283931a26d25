package taskdef

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// clientException is the type of nearly every refusal of RegisterTaskDefinition.
func clientException(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	return &types.ClientException{Message: &text}
}

// invalidParameter is the type of refusals that ECS makes before it looks at
// the resource: identifiers, enum members, tags.
func invalidParameter(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	return &types.InvalidParameterException{Message: &text}
}
