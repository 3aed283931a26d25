package taskdef_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestFargate(t *testing.T) {
	container := func(change func(c *types.ContainerDefinition)) mutation { return onFargate(web(change)) }
	linux := func(l types.LinuxParameters) mutation {
		return container(func(c *types.ContainerDefinition) { c.LinuxParameters = &l })
	}
	vol := func(v types.Volume) mutation { return onFargate(volume(v)) }
	unsupported := func(field string) string {
		return "ClientException: Fargate compatible task definitions do not support " + field
	}
	const noRole = "ClientException: Fargate requires task definition to have execution role ARN to support "
	awslogs := map[string]string{"awslogs-group": "g", "awslogs-region": "r", "awslogs-stream-prefix": "p"}
	checkRefusals(t, []refusal{
		{"plain", onFargate(func(*ecs.RegisterTaskDefinitionInput) {}), ""},
		{"bridge", onFargate(func(in *ecs.RegisterTaskDefinitionInput) { in.NetworkMode = "bridge" }), "ClientException: Fargate only supports network mode ‘awsvpc’."},
		{"no cpu", onFargate(func(in *ecs.RegisterTaskDefinitionInput) { in.Cpu = nil }), "ClientException: Fargate requires that 'cpu' be defined at the task level."},
		{"no memory", onFargate(func(in *ecs.RegisterTaskDefinitionInput) { in.Memory, in.ContainerDefinitions[0].Memory = nil, nil }), "ClientException: Fargate requires that 'memory' be defined at the task level."},
		{"privileged", container(func(c *types.ContainerDefinition) { c.Privileged = aws.Bool(true) }), "ClientException: Fargate requires that the 'privileged' setting be 'false'"},
		{"constraints", onFargate(func(in *ecs.RegisterTaskDefinitionInput) {
			in.PlacementConstraints = []types.TaskDefinitionPlacementConstraint{{Type: types.TaskDefinitionPlacementConstraintTypeMemberOf, Expression: aws.String("attribute:a exists")}}
		}), unsupported("constraints")},
		{"docker volume", vol(types.Volume{DockerVolumeConfiguration: &types.DockerVolumeConfiguration{}}), unsupported("dockerVolumeConfiguration")},
		{"host path", vol(types.Volume{Host: &types.HostVolumeProperties{SourcePath: aws.String("/x")}}), unsupported("sourcePath")},
		{"empty host volume", vol(types.Volume{Host: &types.HostVolumeProperties{}}), ""},
		{"security options", container(func(c *types.ContainerDefinition) { c.DockerSecurityOptions = []string{"x"} }), unsupported("dockerSecurityOptions")},
		{"devices", linux(types.LinuxParameters{Devices: []types.Device{{HostPath: aws.String("/dev/x")}}}), unsupported("devices")},
		{"ipc mode", onFargate(func(in *ecs.RegisterTaskDefinitionInput) { in.IpcMode = types.IpcModeTask }), "ClientException: Tasks using the Fargate launch type do not support ipcMode."},
		{"shared memory", linux(types.LinuxParameters{SharedMemorySize: aws.Int32(1)}), unsupported("sharedMemorySize")},
		{"swap", linux(types.LinuxParameters{MaxSwap: aws.Int32(1)}), unsupported("maxSwap")},
		{
			"pid mode host", onFargate(func(in *ecs.RegisterTaskDefinitionInput) { in.PidMode = types.PidModeHost }),
			"ClientException: Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is 'task'.",
		},
		{"pid mode task", onFargate(func(in *ecs.RegisterTaskDefinitionInput) { in.PidMode = types.PidModeTask }), ""},
		{"ptrace", linux(types.LinuxParameters{Capabilities: &types.KernelCapabilities{Add: []string{"SYS_PTRACE"}}}), ""},
		{"capability", linux(types.LinuxParameters{Capabilities: &types.KernelCapabilities{Add: []string{"NET_ADMIN"}}}), "ClientException: NET_ADMIN is not allowed on Fargate."},
		{"log driver", onFargate(logsTo("gelf", nil)), "ClientException: gelf is not a valid log driver. Must be one of [awslogs, splunk, awsfirelens]"},
		{
			"stream prefix", onFargate(withRole(logsTo("awslogs", map[string]string{"awslogs-group": "g", "awslogs-region": "r"}))),
			"ClientException: Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs.",
		},
		{"awslogs without a role", onFargate(logsTo("awslogs", awslogs)), noRole + "log driver awslogs."},
		{"awslogs", onFargate(withRole(logsTo("awslogs", awslogs))), ""},
		{"ECR without a role", container(func(c *types.ContainerDefinition) {
			c.Image = aws.String("123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1")
		}), noRole + "ECR images."},
		{"public ECR", container(func(c *types.ContainerDefinition) { c.Image = aws.String("public.ecr.aws/a/web:1") }), ""},
		{"GPU", container(func(c *types.ContainerDefinition) {
			c.ResourceRequirements = []types.ResourceRequirement{{Type: types.ResourceTypeGpu, Value: aws.String("1")}}
		}), unsupported("GPU")},
		{
			"stop timeout", container(func(c *types.ContainerDefinition) { c.StopTimeout = aws.Int32(121) }),
			"ClientException: Tasks using the Fargate launch type must have a container stop timeout of less than 120 seconds.",
		},
		{"longest stop timeout", container(func(c *types.ContainerDefinition) { c.StopTimeout = aws.Int32(120) }), ""},
	})
}

func TestFargateSizes(t *testing.T) {
	size := func(os types.OSFamily, cpu, memory string) mutation {
		return onFargate(func(in *ecs.RegisterTaskDefinitionInput) {
			in.Cpu, in.Memory = aws.String(cpu), aws.String(memory)
			in.RuntimePlatform = &types.RuntimePlatform{OperatingSystemFamily: os}
		})
	}
	none := func(cpu, memory string) string {
		return "ClientException: No Fargate configuration exists for given values: " + cpu + " CPU, " + memory + " memory. See the Amazon ECS documentation for the valid values."
	}
	const windows = types.OSFamilyWindowsServer2022Core
	checkRefusals(t, []refusal{
		{"256 with 1024", size("LINUX", "256", "1024"), ""},
		{"256 with 1536", size("LINUX", "256", "1536"), none("256", "1536")},
		{"512 with 4096", size("LINUX", "512", "4096"), ""},
		{"512 with 512", size("LINUX", "512", "512"), none("512", "512")},
		{"1024 with 1024", size("LINUX", "1024", "1024"), none("1024", "1024")},
		{"4096 with 30720", size("LINUX", "4 vCPU", "30 GB"), ""},
		{"8192 with 20480", size("LINUX", "8192", "20480"), ""},
		{"8192 with 17408", size("LINUX", "8192", "17408"), none("8192", "17408")},
		{"16384 with 122880", size("LINUX", "16384", "122880"), ""},
		{"300 with 512", size("LINUX", "300", "512"), none("300", "512")},
		{"Windows 512 with 1024", size(windows, "512", "1024"), none("512", "1024")},
		{"Windows 1024 with 2048", size(windows, "1024", "2048"), ""},
		{"Windows 8192 with 16384", size(windows, "8192", "16384"), none("8192", "16384")},
	})
}
