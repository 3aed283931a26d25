package taskdef

import (
	"cmp"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ValidateVolumes refuses enum members that the API does not know in what a launch says
// of its volumes, a list of either kind.
func ValidateVolumes[V types.TaskVolumeConfiguration | types.ServiceVolumeConfiguration](volumes []V) error {
	return walkShape(reflect.ValueOf(volumes), "")
}

// ValidateOverrides refuses overrides of sizes that leave a task as no
// registration could have it. That RunTask has the texts of
// RegisterTaskDefinition is inferred.
func ValidateOverrides(def *types.TaskDefinition, overrides *types.TaskOverride, launchType types.LaunchType) error {
	if overrides == nil {
		return nil
	}
	if err := walkShape(reflect.ValueOf(overrides).Elem(), ""); err != nil {
		return err
	}
	in := overridden(def, overrides)
	rules := []func(*ecs.RegisterTaskDefinitionInput) error{validateTaskSize, validateContainerMemory, validateSizesFit}
	if launchType == types.LaunchTypeFargate {
		in.RequiresCompatibilities = []types.Compatibility{types.CompatibilityFargate}
		rules = append(rules, fargateTask)
	}
	if overrides.EphemeralStorage != nil {
		rules = append(rules, validateEphemeralStorage)
	}
	for _, rule := range rules {
		if err := rule(in); err != nil {
			return err
		}
	}
	return nil
}

// overridden has the sizes of the task as the overrides leave it.
func overridden(def *types.TaskDefinition, overrides *types.TaskOverride) *ecs.RegisterTaskDefinitionInput {
	in := &ecs.RegisterTaskDefinitionInput{
		Cpu: def.Cpu, Memory: def.Memory, EphemeralStorage: def.EphemeralStorage, ExecutionRoleArn: def.ExecutionRoleArn,
		NetworkMode: def.NetworkMode, RuntimePlatform: def.RuntimePlatform, ContainerDefinitions: clone(def.ContainerDefinitions),
	}
	if overrides.Cpu != nil {
		in.Cpu = overrides.Cpu
	}
	if overrides.Memory != nil {
		in.Memory = overrides.Memory
	}
	if overrides.EphemeralStorage != nil {
		in.EphemeralStorage = overrides.EphemeralStorage
	}
	for _, o := range overrides.ContainerOverrides {
		for i := range in.ContainerDefinitions {
			c := &in.ContainerDefinitions[i]
			if aws.ToString(c.Name) != aws.ToString(o.Name) {
				continue
			}
			c.Cpu = aws.ToInt32(cmp.Or(o.Cpu, &c.Cpu))
			c.Memory, c.MemoryReservation = cmp.Or(o.Memory, c.Memory), cmp.Or(o.MemoryReservation, c.MemoryReservation)
		}
	}
	return in
}

// NormalOverrides has the task's sizes in the numbers in which a registration
// keeps them: 1 vCPU is 1024 (API reference, Task.cpu, Task.memory; inferred for
// overrides). What is no size stays.
func NormalOverrides(given *types.TaskOverride) *types.TaskOverride {
	if given == nil {
		return nil
	}
	normal := *given
	normal.Cpu = cmp.Or(normalSize(given.Cpu, parseTaskCPU), given.Cpu)
	normal.Memory = cmp.Or(normalSize(given.Memory, parseTaskMemory), given.Memory)
	return &normal
}
