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

// validateNoCycle takes away, again and again, the containers that depend on
// nothing that is left. What remains at the end waits for itself. ECS refuses
// it too; its words are not known.
func validateNoCycle(in *ecs.RegisterTaskDefinitionInput) error {
	left := map[string][]types.ContainerDependency{}
	for _, c := range in.ContainerDefinitions {
		left[*c.Name] = c.DependsOn
	}
	for range in.ContainerDefinitions {
		for name, dependencies := range left {
			if !anyLeft(left, dependencies) {
				delete(left, name)
			}
		}
	}
	for _, c := range in.ContainerDefinitions {
		if _, waits := left[*c.Name]; waits {
			return clientException("Invalid 'dependsOn' setting. Container '%s' has a circular dependency", *c.Name)
		}
	}
	return nil
}

func anyLeft(left map[string][]types.ContainerDependency, dependencies []types.ContainerDependency) bool {
	for _, d := range dependencies {
		if _, ok := left[*d.ContainerName]; ok {
			return true
		}
	}
	return false
}
