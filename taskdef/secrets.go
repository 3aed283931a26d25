package taskdef

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// API reference, ContainerDefinition.environmentFiles.
const maxEnvironmentFiles = 10

func validateSecrets(in *ecs.RegisterTaskDefinitionInput) error {
	for _, c := range in.ContainerDefinitions {
		if len(c.Secrets) > 0 && aws.ToString(in.ExecutionRoleArn) == "" {
			return clientException("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.")
		}
		if c.RepositoryCredentials != nil && aws.ToString(in.ExecutionRoleArn) == "" {
			return clientException("Private repository authentication requires that the task definition specify a value for executionRoleArn.")
		}
		used := make(map[string]bool, len(c.Environment)+len(c.Secrets))
		for _, e := range c.Environment {
			used[aws.ToString(e.Name)] = true
		}
		for _, s := range c.Secrets {
			if used[*s.Name] {
				return clientException("The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '%s'.", *s.Name)
			}
			used[*s.Name] = true
		}
	}
	return nil
}

func validateEnvironmentFiles(in *ecs.RegisterTaskDefinitionInput) error {
	for _, c := range in.ContainerDefinitions {
		if len(c.EnvironmentFiles) > maxEnvironmentFiles {
			return clientException("The maximum number of environment files was exceeded. Specify ten or less and try again")
		}
		for _, f := range c.EnvironmentFiles {
			if err := validateEnvironmentFile(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// validateEnvironmentFile wants the ARN of an object in S3. That its name must
// end in .env is in the Developer Guide (specifying environment variables); the
// words for that are not known.
func validateEnvironmentFile(f types.EnvironmentFile) error {
	parts := strings.SplitN(*f.Value, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "s3" || !strings.Contains(parts[5], "/") {
		return clientException("Invalid arn syntax.")
	}
	if !strings.HasSuffix(parts[5], ".env") {
		return clientException("Environment files must have the .env file extension")
	}
	return nil
}
