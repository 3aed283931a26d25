package taskdef

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// fargateSize is the memory, in MiB, that one CPU size of Fargate may have.
type fargateSize struct {
	min, max, step int
	windows        bool
}

// fargateSizes are from the Developer Guide, task-cpu-memory-error.
var fargateSizes = map[int]fargateSize{
	256:   {512, 2048, 512, false},
	512:   {1024, 4096, 1024, false},
	1024:  {2048, 8192, 1024, true},
	2048:  {4096, 16384, 1024, true},
	4096:  {8192, 30720, 1024, true},
	8192:  {16384, 61440, 4096, false},
	16384: {32768, 122880, 8192, false},
}

func validFargateSize(cpu, memory int, windows bool) bool {
	s, ok := fargateSizes[cpu]
	if !ok || windows && !s.windows {
		return false
	}
	if cpu == 256 && memory == 1536 {
		return false
	}
	return memory >= s.min && memory <= s.max && (memory-s.min)%s.step == 0
}

func forFargate(in *ecs.RegisterTaskDefinitionInput) bool {
	return slices.Contains(in.RequiresCompatibilities, types.CompatibilityFargate)
}

func onWindows(p *types.RuntimePlatform) bool {
	return p != nil && strings.HasPrefix(string(p.OperatingSystemFamily), "WINDOWS")
}

// validateFargate is what a registration must keep to that requires FARGATE.
func validateFargate(in *ecs.RegisterTaskDefinitionInput) error {
	if !forFargate(in) {
		return nil
	}
	if in.NetworkMode != types.NetworkModeAwsvpc {
		return clientException("Fargate only supports network mode ‘awsvpc’.")
	}
	return fargateRefusal(in)
}

// fargateRefusal is the reason for which Fargate cannot run an awsvpc task.
func fargateRefusal(in *ecs.RegisterTaskDefinitionInput) error {
	for _, rule := range []func(*ecs.RegisterTaskDefinitionInput) error{
		fargateTask, fargateVolumes, fargateContainers, fargateExecutionRole,
	} {
		if err := rule(in); err != nil {
			return err
		}
	}
	return nil
}

func fargateTask(in *ecs.RegisterTaskDefinitionInput) error {
	cpu, hasCPU := parseTaskCPU(aws.ToString(in.Cpu))
	memory, hasMemory := parseTaskMemory(aws.ToString(in.Memory))
	switch {
	case !hasCPU:
		return clientException("Fargate requires that 'cpu' be defined at the task level.")
	case !hasMemory:
		return clientException("Fargate requires that 'memory' be defined at the task level.")
	case !validFargateSize(cpu, memory, onWindows(in.RuntimePlatform)):
		return clientException("No Fargate configuration exists for given values: %d CPU, %d memory. See the Amazon ECS documentation for the valid values.", cpu, memory)
	case len(in.PlacementConstraints) > 0:
		return clientException("Fargate compatible task definitions do not support constraints")
	case in.IpcMode != "":
		return clientException("Tasks using the Fargate launch type do not support ipcMode.")
	case in.PidMode == types.PidModeHost:
		return clientException("Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is 'task'.")
	}
	return nil
}

func fargateUnsupported(field string) error {
	return clientException("Fargate compatible task definitions do not support %s", field)
}

func fargateVolumes(in *ecs.RegisterTaskDefinitionInput) error {
	for _, v := range in.Volumes {
		if v.DockerVolumeConfiguration != nil {
			return fargateUnsupported("dockerVolumeConfiguration")
		}
		if v.Host != nil && aws.ToString(v.Host.SourcePath) != "" {
			return fargateUnsupported("sourcePath")
		}
	}
	return nil
}

func fargateContainers(in *ecs.RegisterTaskDefinitionInput) error {
	for _, c := range in.ContainerDefinitions {
		switch {
		case aws.ToBool(c.Privileged):
			return clientException("Fargate requires that the 'privileged' setting be 'false'")
		case len(c.DockerSecurityOptions) > 0:
			return fargateUnsupported("dockerSecurityOptions")
		// Refused by ECS too, in words that are not known.
		case slices.ContainsFunc(c.ResourceRequirements, func(r types.ResourceRequirement) bool { return r.Type == types.ResourceTypeGpu }):
			return fargateUnsupported("GPU")
		case c.StopTimeout != nil && *c.StopTimeout > 120:
			return clientException("Tasks using the Fargate launch type must have a container stop timeout of less than 120 seconds.")
		// The same limit (API reference, ContainerDefinition.startTimeout), words by analogy.
		case c.StartTimeout != nil && *c.StartTimeout > 120:
			return clientException("Tasks using the Fargate launch type must have a container start timeout of less than 120 seconds.")
		}
		if err := fargateLinuxParameters(c.LinuxParameters); err != nil {
			return err
		}
		if err := fargateLogging(c); err != nil {
			return err
		}
	}
	return nil
}

func fargateLinuxParameters(l *types.LinuxParameters) error {
	switch {
	case l == nil:
		return nil
	case len(l.Devices) > 0:
		return fargateUnsupported("devices")
	case l.SharedMemorySize != nil:
		return fargateUnsupported("sharedMemorySize")
	case l.MaxSwap != nil:
		return fargateUnsupported("maxSwap")
	case l.Capabilities == nil:
		return nil
	}
	for _, capability := range l.Capabilities.Add {
		if capability != "SYS_PTRACE" {
			return clientException("%s is not allowed on Fargate.", capability)
		}
	}
	return nil
}

func fargateLogging(c types.ContainerDefinition) error {
	// Developer Guide, using_firelens: a router on Fargate reads its
	// configuration from a file in the image; the words are not known.
	if f := c.FirelensConfiguration; f != nil && f.Options["config-file-type"] == "s3" {
		return fargateUnsupported("config-file-type s3")
	}
	l := c.LogConfiguration
	if l == nil {
		return nil
	}
	switch l.LogDriver {
	case types.LogDriverSplunk, types.LogDriverAwsfirelens:
	case types.LogDriverAwslogs:
		if l.Options["awslogs-stream-prefix"] == "" {
			return clientException("Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs.")
		}
	default:
		return clientException("%s is not a valid log driver. Must be one of [awslogs, splunk, awsfirelens]", l.LogDriver)
	}
	return nil
}

func fargateExecutionRole(in *ecs.RegisterTaskDefinitionInput) error {
	if aws.ToString(in.ExecutionRoleArn) != "" {
		return nil
	}
	for _, c := range in.ContainerDefinitions {
		if c.LogConfiguration != nil && c.LogConfiguration.LogDriver == types.LogDriverAwslogs {
			return clientException("Fargate requires task definition to have execution role ARN to support log driver awslogs.")
		}
		if fromECR(aws.ToString(c.Image)) {
			return clientException("Fargate requires task definition to have execution role ARN to support ECR images.")
		}
	}
	return nil
}
