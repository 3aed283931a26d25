package taskdef

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func validateDependsOn(in *ecs.RegisterTaskDefinitionInput) error {
	for _, c := range in.ContainerDefinitions {
		for _, d := range c.DependsOn {
			if err := validateDependency(in, d); err != nil {
				return err
			}
		}
	}
	return validateNoCycle(in)
}

func validateDependency(in *ecs.RegisterTaskDefinitionInput, d types.ContainerDependency) error {
	target, ok := containerNamed(in, *d.ContainerName)
	if !ok {
		// The plus sign is ECS's own slip.
		return clientException("Cannot depend on container + '%s' because it does not exist", *d.ContainerName)
	}
	switch d.Condition {
	case types.ContainerConditionComplete, types.ContainerConditionSuccess:
		if essential(target) {
			return clientException("A dependency container with SUCCESS or COMPLETE condition cannot be an essential container")
		}
	case types.ContainerConditionHealthy:
		if target.HealthCheck == nil {
			return clientException("A dependency container with HEALTHY condition must have health check configured")
		}
	case types.ContainerConditionStart:
	}
	return nil
}

// validateNoCycle refuses containers that wait for themselves, as ECS does; its
// words are not known.
func validateNoCycle(in *ecs.RegisterTaskDefinitionInput) error {
	name, circular := inCircle(in, func(c types.ContainerDefinition) []string {
		names := make([]string, len(c.DependsOn))
		for i, d := range c.DependsOn {
			names[i] = *d.ContainerName
		}
		return names
	})
	if circular {
		return clientException("Invalid 'dependsOn' setting. Container '%s' has a circular dependency", name)
	}
	return nil
}
