package translator

import (
	"cmp"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
)

// TaskRequest is what a call or a service says of a task besides what the pod
// is rendered from.
type TaskRequest struct {
	Identity v1alpha1.Identity
	Group    string
	// StartedBy is absent where empty.
	StartedBy string
	Tags      []types.Tag
	// PlatformVersion is the resolved one, Fargate only.
	PlatformVersion string
	// CapacityProvider is the provider that was chosen, if one was.
	CapacityProvider string
	// Architecture is x86_64 or arm64.
	Architecture string
}

// StaticTask makes the part of ECS's Task that is known when the task is asked
// for and never changes (recorded RunTask answers; API reference, Task).
func StaticTask(in TaskInput, req TaskRequest) types.Task {
	def := in.TaskDefinition
	task := types.Task{
		ClusterArn:           aws.String(arn.Cluster(req.Identity, in.Cluster)),
		TaskDefinitionArn:    def.TaskDefinitionArn,
		Group:                aws.String(req.Group),
		LaunchType:           in.LaunchType,
		EnableExecuteCommand: in.EnableExecuteCommand,
		Overrides:            completeOverrides(def, in.Overrides),
		Attributes: []types.Attribute{{
			Name: aws.String("ecs.cpu-architecture"), Value: aws.String(architecture(def, req.Architecture)),
		}},
		Attachments: []types.Attachment{},
		Tags:        append([]types.Tag{}, req.Tags...),
	}
	if req.StartedBy != "" {
		task.StartedBy = aws.String(req.StartedBy)
	}
	if req.CapacityProvider != "" {
		task.CapacityProviderName = aws.String(req.CapacityProvider)
	}
	if in.LaunchType == types.LaunchTypeFargate {
		task.PlatformVersion = aws.String(req.PlatformVersion)
		task.PlatformFamily = aws.String("Linux")
		// Both, with and without a size of one's own (AWS CLI examples, run-task).
		size := fargateStorage(def, in.Overrides)
		task.EphemeralStorage = &types.EphemeralStorage{SizeInGiB: size}
		task.FargateEphemeralStorage = &types.TaskEphemeralStorage{SizeInGiB: size}
	}
	for i := range def.ContainerDefinitions {
		task.Containers = append(task.Containers, staticContainer(&def.ContainerDefinitions[i], in.Overrides))
	}
	task.Cpu, task.Memory = taskSizes(def, in.Overrides, task.Containers)
	if usesENI(def) {
		task.Attachments = append(task.Attachments, eniAttachment(in.NetworkConfiguration))
	}
	for _, v := range in.VolumeConfigurations {
		task.Attachments = append(task.Attachments, volumeAttachment(v))
	}
	return task
}

// architecture is the one that the task is bound to, else the nodes'.
func architecture(def *types.TaskDefinition, nodes string) string {
	if def.RuntimePlatform == nil {
		return nodes
	}
	switch def.RuntimePlatform.CpuArchitecture {
	case types.CPUArchitectureArm64:
		return "arm64"
	case types.CPUArchitectureX8664:
		return "x86_64"
	}
	return nodes
}

// completeOverrides lists every container by name, also those with nothing
// overridden: recorded answers do.
func completeOverrides(def *types.TaskDefinition, given *types.TaskOverride) *types.TaskOverride {
	complete := types.TaskOverride{}
	if given != nil {
		complete = *given
	}
	byName := map[string]types.ContainerOverride{}
	for _, override := range complete.ContainerOverrides {
		byName[aws.ToString(override.Name)] = override
	}
	complete.ContainerOverrides = make([]types.ContainerOverride, 0, len(def.ContainerDefinitions))
	for _, c := range def.ContainerDefinitions {
		override := byName[aws.ToString(c.Name)]
		override.Name = c.Name
		complete.ContainerOverrides = append(complete.ContainerOverrides, override)
	}
	if complete.InferenceAcceleratorOverrides == nil {
		complete.InferenceAcceleratorOverrides = []types.InferenceAcceleratorOverride{}
	}
	return &complete
}

func staticContainer(def *types.ContainerDefinition, overrides *types.TaskOverride) types.Container {
	cpu, memory, reservation := def.Cpu, def.Memory, def.MemoryReservation
	if overrides != nil {
		for _, o := range overrides.ContainerOverrides {
			if aws.ToString(o.Name) != aws.ToString(def.Name) {
				continue
			}
			if o.Cpu != nil {
				cpu = *o.Cpu
			}
			if o.Memory != nil {
				memory = o.Memory
			}
			if o.MemoryReservation != nil {
				reservation = o.MemoryReservation
			}
		}
	}
	return types.Container{
		Name: def.Name, Image: def.Image,
		Cpu:               aws.String(strconv.Itoa(int(cpu))),
		Memory:            decimal(memory),
		MemoryReservation: decimal(reservation),
		NetworkBindings:   rangeBindings(def),
	}
}

// rangeBindings are those of the container's port ranges: on the host they are the same
// (API reference, NetworkBinding.hostPortRange).
func rangeBindings(def *types.ContainerDefinition) []types.NetworkBinding {
	var ranges []types.NetworkBinding
	for _, m := range def.PortMappings {
		if m.ContainerPortRange != nil {
			transport := cmp.Or(m.Protocol, types.TransportProtocolTcp)
			ranges = append(ranges, types.NetworkBinding{ContainerPortRange: m.ContainerPortRange, HostPortRange: m.ContainerPortRange, Protocol: transport})
		}
	}
	return ranges
}

func decimal(value *int32) *string {
	if value == nil {
		return nil
	}
	return aws.String(strconv.Itoa(int(*value)))
}

// taskSizes are the task's own, or the sums of its containers' (recorded: a task
// with one container of 10 units has cpu "10").
func taskSizes(def *types.TaskDefinition, overrides *types.TaskOverride, containers []types.Container) (cpu, memory *string) {
	cpu, memory = def.Cpu, def.Memory
	if overrides != nil && overrides.Cpu != nil {
		cpu = overrides.Cpu
	}
	if overrides != nil && overrides.Memory != nil {
		memory = overrides.Memory
	}
	var cpuSum, memorySum int
	for _, c := range containers {
		units, _ := strconv.Atoi(aws.ToString(c.Cpu))
		cpuSum += units
		size := c.Memory
		if size == nil {
			size = c.MemoryReservation
		}
		mib, _ := strconv.Atoi(aws.ToString(size))
		memorySum += mib
	}
	if cpu == nil {
		cpu = aws.String(strconv.Itoa(cpuSum))
	}
	if memory == nil {
		memory = aws.String(strconv.Itoa(memorySum))
	}
	return cpu, memory
}

// fargateStorage is 20 GiB unless asked for otherwise (Developer Guide, Fargate
// task ephemeral storage).
func fargateStorage(def *types.TaskDefinition, overrides *types.TaskOverride) int32 {
	if overrides != nil && overrides.EphemeralStorage != nil {
		return overrides.EphemeralStorage.SizeInGiB
	}
	if def.EphemeralStorage != nil {
		return def.EphemeralStorage.SizeInGiB
	}
	return 20
}

func usesENI(def *types.TaskDefinition) bool { return def.NetworkMode == types.NetworkModeAwsvpc }

// eniAttachment has what is known before the pod has an address: the subnet. A
// task on ECS gets one of the subnets asked for; Gantry names the first.
func eniAttachment(network *types.NetworkConfiguration) types.Attachment {
	attachment := types.Attachment{Type: aws.String(eniType), Details: []types.KeyValuePair{}}
	if network != nil && network.AwsvpcConfiguration != nil && len(network.AwsvpcConfiguration.Subnets) > 0 {
		attachment.Details = append(attachment.Details, types.KeyValuePair{
			Name: aws.String("subnetId"), Value: aws.String(network.AwsvpcConfiguration.Subnets[0]),
		})
	}
	return attachment
}
