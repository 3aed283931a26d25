package taskdef

import (
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// maxName bounds names apart from their pattern: a pattern with a large count is
// compiled into as many copies, which cost megabytes and every match time.
const maxName = 255

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// ValidName says whether ECS accepts s as the name of a family, container or
// volume (API reference, RegisterTaskDefinition: up to 255 letters, numbers,
// underscores and hyphens). Clusters and services have the same rule.
func ValidName(s string) bool { return len(s) <= maxName && namePattern.MatchString(s) }

func validateFamily(in *ecs.RegisterTaskDefinitionInput) error {
	family := aws.ToString(in.Family)
	if family == "" {
		return clientException("Family can not be blank.")
	}
	if !ValidName(family) {
		return clientException("Family contains invalid characters.")
	}
	return nil
}
