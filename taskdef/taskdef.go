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
	return &types.TaskDefinition{
		ContainerDefinitions:    c.ContainerDefinitions,
		Cpu:                     c.Cpu,
		EnableFaultInjection:    c.EnableFaultInjection,
		EphemeralStorage:        c.EphemeralStorage,
		ExecutionRoleArn:        c.ExecutionRoleArn,
		Family:                  c.Family,
		InferenceAccelerators:   c.InferenceAccelerators,
		IpcMode:                 c.IpcMode,
		Memory:                  c.Memory,
		NetworkMode:             c.NetworkMode,
		PidMode:                 c.PidMode,
		PlacementConstraints:    c.PlacementConstraints,
		ProxyConfiguration:      c.ProxyConfiguration,
		RequiresCompatibilities: c.RequiresCompatibilities,
		RuntimePlatform:         c.RuntimePlatform,
		TaskRoleArn:             c.TaskRoleArn,
		Volumes:                 c.Volumes,
	}
}
