package handlers

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/arn"
)

// checkRegistries refuses what ECS refuses before it looks at the task definition.
func checkRegistries(list []types.ServiceRegistry) error {
	if len(list) > 1 {
		return invalidParameter("service registries can have at most 1 items.")
	}
	for _, registry := range list {
		if _, _, ok := arn.ParseRegistry(aws.ToString(registry.RegistryArn)); !ok {
			return invalidParameter("Invalid service registry ARN: %s", aws.ToString(registry.RegistryArn)) // the text is chosen
		}
		if registry.Port != nil && (registry.ContainerName != nil || registry.ContainerPort != nil) {
			// The rule is known (API reference, ServiceRegistry), the text is chosen.
			return invalidParameter("Specify either port, or containerName and containerPort, in serviceRegistries.")
		}
		if port := registry.Port; port != nil && (*port < 1 || *port > 65535) {
			return invalidParameter("The port of a service registry must be between 1 and 65535") // the text is chosen
		}
	}
	return nil
}

// checkRegistered looks for container and port in the task definition. Which
// records a Cloud Map service has, and so whether awsvpc tasks may have a port,
// is not known here.
func checkRegistered(list []types.ServiceRegistry, def *types.TaskDefinition) error {
	for _, registry := range list {
		given := registry.ContainerName != nil && registry.ContainerPort != nil
		if def.NetworkMode != types.NetworkModeAwsvpc && !given {
			return invalidParameter("When specifying 'host' or 'bridge' for networkMode, values for 'containerName' and 'containerPort' must be specified from the task definition.") // recalled
		}
		if (registry.ContainerName != nil || registry.ContainerPort != nil) && !given {
			return invalidParameter("Specify both containerName and containerPort in serviceRegistries.") // the text is chosen
		}
		if given {
			if err := checkPort(def, *registry.ContainerName, *registry.ContainerPort); err != nil {
				return err
			}
		}
	}
	return nil
}
