package taskdef

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Validate gives the error with which ECS refuses the registration, or nil.
func Validate(in *ecs.RegisterTaskDefinitionInput) error {
	for _, rule := range rules {
		if err := rule(in); err != nil {
			return err
		}
	}
	return nil
}

// rules are in the order in which their errors win.
var rules = []func(*ecs.RegisterTaskDefinitionInput) error{
	validateFamily,
	validateContainerList,
	validateShape,
	validatePlacement,
	validateUniqueContainers,
	validateEssential,
	validateContainerMemory,
	validateTaskSize,
	validateSizesFit,
	validateNetworkMode,
	validatePorts,
	validateVolumes,
	validateMounts,
	validateDependsOn,
	validateHealthChecks,
	validateTimeouts,
	validateRestartPolicies,
	validateResources,
	validateSecrets,
	validateLogging,
	validateEnvironmentFiles,
	validateAccelerators,
	validateProxy,
	validateEphemeralStorage,
	validateFargate,
	validateTags,
	validateLength,
}

// New is the task definition that a valid registration makes: the request
// itself, the defaults that ECS fills in, and the members that it computes. It
// leaves to the caller what a registration gets from outside: ARN, revision,
// status, time and principal.
//
// Clients compare the answer with what they sent, and register anew where it
// differs; so there are no other defaults than ECS's own, and the answer is
// itself legal input that changes no more.
func New(in *ecs.RegisterTaskDefinitionInput) *types.TaskDefinition {
	c := clone(*in)
	for i := range c.ContainerDefinitions {
		fillContainer(&c.ContainerDefinitions[i], c.NetworkMode)
	}
	for i := range c.Volumes {
		fillVolume(&c.Volumes[i])
	}
	return &types.TaskDefinition{
		Compatibilities:         compatibilities(&c),
		RequiresAttributes:      requiresAttributes(&c),
		ContainerDefinitions:    c.ContainerDefinitions,
		Cpu:                     normalSize(c.Cpu, parseTaskCPU),
		EnableFaultInjection:    c.EnableFaultInjection,
		EphemeralStorage:        c.EphemeralStorage,
		ExecutionRoleArn:        orAbsent(c.ExecutionRoleArn),
		Family:                  c.Family,
		InferenceAccelerators:   c.InferenceAccelerators,
		IpcMode:                 c.IpcMode,
		Memory:                  normalSize(c.Memory, parseTaskMemory),
		NetworkMode:             c.NetworkMode,
		PidMode:                 c.PidMode,
		PlacementConstraints:    orEmpty(c.PlacementConstraints),
		ProxyConfiguration:      c.ProxyConfiguration,
		RequiresCompatibilities: c.RequiresCompatibilities,
		RuntimePlatform:         c.RuntimePlatform,
		TaskRoleArn:             orAbsent(c.TaskRoleArn),
		Volumes:                 orEmpty(c.Volumes),
	}
}
