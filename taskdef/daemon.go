package taskdef

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ValidateDaemon gives the error with which ECS refuses the registration of a
// daemon's task definition, or nil. Which rules a daemon's has is not
// documented: they are those for the members that it shares with an ordinary one,
// without the demand for memory (API reference, DaemonContainerDefinition).
func ValidateDaemon(in *ecs.RegisterDaemonTaskDefinitionInput) error {
	ordinary := &ecs.RegisterTaskDefinitionInput{
		Family: in.Family, Cpu: in.Cpu, Memory: in.Memory, Tags: in.Tags, ExecutionRoleArn: in.ExecutionRoleArn,
		ContainerDefinitions: daemonContainers(in.ContainerDefinitions), Volumes: daemonVolumes(in.Volumes),
	}
	shape := func(*ecs.RegisterTaskDefinitionInput) error { return walkShape(reflect.ValueOf(in).Elem(), "") }
	volumes := func(*ecs.RegisterTaskDefinitionInput) error { return validateDaemonVolumes(in.Volumes) }
	for _, rule := range []func(*ecs.RegisterTaskDefinitionInput) error{
		validateFamily, validateContainerList, shape, validateUniqueContainers, validateEssential,
		validateTaskSize, validateSizesFit, validateVolumes, volumes, validateMounts, validateDependsOn,
		validateHealthChecks, validateTimeouts, validateRestartPolicies, validateSecrets, validateLogging,
		validateEnvironmentFiles, validateTags, validateLength,
	} {
		if err := rule(ordinary); err != nil {
			return err
		}
	}
	return nil
}

// validateDaemonVolumes: one kind a volume, and json-file alone (API reference,
// DaemonVolume and LogDriverVolumeConfiguration). ECS's words are not known.
func validateDaemonVolumes(volumes []types.DaemonVolume) error {
	for _, v := range volumes {
		logs := v.LogDriverVolumeConfiguration
		switch {
		case logs == nil:
		case v.Host != nil:
			return clientException("Invalid setting for volume '%s'. Only one volume configuration can be specified.", *v.Name)
		case logs.Driver != types.LogDriverJsonFile:
			return clientException("Invalid setting for volume '%s'. 'driver' must be json-file.", *v.Name)
		}
	}
	return nil
}

// NewDaemon is New for a daemon's task definition. The lists that ECS answers
// as [] are those of the API reference's example, DescribeDaemonTaskDefinition.
func NewDaemon(in *ecs.RegisterDaemonTaskDefinitionInput) *types.DaemonTaskDefinition {
	c := clone(*in)
	for i := range c.ContainerDefinitions {
		container := &c.ContainerDefinitions[i]
		container.Essential = aws.Bool(container.Essential == nil || *container.Essential)
		container.Environment = orEmpty(container.Environment)
		container.MountPoints = orEmpty(container.MountPoints)
		container.Secrets = orEmpty(container.Secrets)
		fillHealthCheck(container.HealthCheck)
	}
	for i := range c.Volumes {
		if v := &c.Volumes[i]; v.Host == nil && v.LogDriverVolumeConfiguration == nil {
			v.Host = &types.HostVolumeProperties{}
		}
	}
	return &types.DaemonTaskDefinition{
		ContainerDefinitions: c.ContainerDefinitions,
		Cpu:                  normalSize(c.Cpu, parseTaskCPU),
		ExecutionRoleArn:     orAbsent(c.ExecutionRoleArn),
		Family:               c.Family,
		IpcMode:              c.IpcMode,
		Memory:               normalSize(c.Memory, parseTaskMemory),
		PidMode:              c.PidMode,
		TaskRoleArn:          orAbsent(c.TaskRoleArn),
		Volumes:              orEmpty(c.Volumes),
	}
}

// Ordinary is the task definition whose tasks are those of a daemon's: the same
// members, and the host's namespaces where the daemon shares them (API reference,
// DaemonTaskDefinition.pidMode and .ipcMode). A log driver's volume has no
// counterpart in it.
func Ordinary(def *types.DaemonTaskDefinition) *types.TaskDefinition {
	ordinary := &types.TaskDefinition{
		TaskDefinitionArn: def.DaemonTaskDefinitionArn, Family: def.Family, Revision: def.Revision,
		Cpu: def.Cpu, Memory: def.Memory, ExecutionRoleArn: def.ExecutionRoleArn, TaskRoleArn: def.TaskRoleArn,
		ContainerDefinitions: daemonContainers(def.ContainerDefinitions), Volumes: daemonVolumes(def.Volumes),
	}
	if def.PidMode == types.DaemonPidModeShared {
		ordinary.PidMode = types.PidModeHost
	}
	if def.IpcMode == types.DaemonIpcModeShared {
		ordinary.IpcMode = types.IpcModeHost
	}
	return ordinary
}

func daemonVolumes(given []types.DaemonVolume) []types.Volume {
	volumes := make([]types.Volume, 0, len(given))
	for _, v := range given {
		volumes = append(volumes, types.Volume{Name: v.Name, Host: v.Host})
	}
	return volumes
}

func daemonContainers(given []types.DaemonContainerDefinition) []types.ContainerDefinition {
	containers := make([]types.ContainerDefinition, 0, len(given))
	for i := range given {
		containers = append(containers, daemonContainer(&given[i]))
	}
	return containers
}

func daemonContainer(c *types.DaemonContainerDefinition) types.ContainerDefinition {
	ordinary := types.ContainerDefinition{
		Name: c.Name, Image: c.Image, Command: c.Command, EntryPoint: c.EntryPoint,
		Cpu: c.Cpu, Memory: c.Memory, MemoryReservation: c.MemoryReservation,
		DependsOn: c.DependsOn, Environment: c.Environment, EnvironmentFiles: c.EnvironmentFiles,
		Essential: c.Essential, FirelensConfiguration: c.FirelensConfiguration, HealthCheck: c.HealthCheck,
		Interactive: c.Interactive, LogConfiguration: c.LogConfiguration, MountPoints: c.MountPoints,
		Privileged: c.Privileged, PseudoTerminal: c.PseudoTerminal, ReadonlyRootFilesystem: c.ReadonlyRootFilesystem,
		RepositoryCredentials: c.RepositoryCredentials, RestartPolicy: c.RestartPolicy, Secrets: c.Secrets,
		StartTimeout: c.StartTimeout, StopTimeout: c.StopTimeout, SystemControls: c.SystemControls,
		Ulimits: c.Ulimits, User: c.User, WorkingDirectory: c.WorkingDirectory,
	}
	if l := c.LinuxParameters; l != nil {
		ordinary.LinuxParameters = &types.LinuxParameters{
			Capabilities: l.Capabilities, Devices: l.Devices, InitProcessEnabled: l.InitProcessEnabled, Tmpfs: l.Tmpfs,
		}
	}
	return ordinary
}
