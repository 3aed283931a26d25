package taskdef

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// allDevices is the value that asks for every device of an instance.
const allDevices = "ALL"

// validateResources has the rules of the API reference, ResourceRequirement;
// ECS's words for them are not known.
func validateResources(in *ecs.RegisterTaskDefinitionInput) error {
	var shared, exclusive bool
	for _, c := range in.ContainerDefinitions {
		for _, r := range c.ResourceRequirements {
			if err := validateResource(c, r); err != nil {
				return err
			}
			gpu := r.Type == types.ResourceTypeGpu
			shared = shared || gpu && r.SharingStrategy != nil
			exclusive = exclusive || gpu && r.SharingStrategy == nil
		}
	}
	if shared && exclusive {
		return clientException("All containers of a task that require a GPU must use the same sharing strategy")
	}
	return nil
}

func validateResource(c types.ContainerDefinition, r types.ResourceRequirement) error {
	value := aws.ToString(r.Value)
	switch {
	case r.SharingStrategy != nil && r.Type != types.ResourceTypeGpu:
		return containerSetting(c, "'sharingStrategy' is only supported for resources of type GPU.")
	case r.SharingStrategy != nil && value != "":
		return containerSetting(c, "Only one of 'value' or 'sharingStrategy' can be specified.")
	case r.SharingStrategy != nil:
		return nil
	case value == "":
		return nullOrEmpty("ResourceRequirement", "value")
	case r.Type == types.ResourceTypeGpu && value != allDevices:
		if n, err := strconv.Atoi(value); err != nil || n < 1 {
			return containerSetting(c, "The 'value' of a GPU resource must be a positive number or ALL.")
		}
	case r.Type == types.ResourceTypeNeuronDevice && value != allDevices:
		return containerSetting(c, "The 'value' of a NeuronDevice resource must be ALL.")
	}
	return nil
}
