package taskdef_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestFamily(t *testing.T) {
	family := func(s *string) mutation {
		return func(in *ecs.RegisterTaskDefinitionInput) { in.Family = s }
	}
	checkRefusals(t, []refusal{
		{"absent", family(nil), "ClientException: Family can not be blank."},
		{"empty", family(aws.String("")), "ClientException: Family can not be blank."},
		{"longest", family(aws.String(strings.Repeat("f", 255))), ""},
		{"too long", family(aws.String(strings.Repeat("f", 256))), "ClientException: Family contains invalid characters."},
		{"all characters", family(aws.String("aZ0_-")), ""},
		{"a dot", family(aws.String("app.web")), "ClientException: Family contains invalid characters."},
	})
}

func TestContainers(t *testing.T) {
	checkRefusals(t, []refusal{
		{"plain", func(*ecs.RegisterTaskDefinitionInput) {}, ""},
		{"none", func(in *ecs.RegisterTaskDefinitionInput) { in.ContainerDefinitions = nil }, "ClientException: Container list cannot be empty."},
		{"too many", func(in *ecs.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions = make([]types.ContainerDefinition, 11)
		}, "ClientException: Too many containers."},
		{"no name", web(func(c *types.ContainerDefinition) { c.Name = nil }), "ClientException: Container.name should not be null or empty."},
		{"bad name", web(func(c *types.ContainerDefinition) { c.Name = aws.String("a b") }), "ClientException: Container.name contains invalid characters."},
		{"no image", web(func(c *types.ContainerDefinition) { c.Image = aws.String("") }), "ClientException: Container.image should not be null or empty."},
		{"bad image", web(func(c *types.ContainerDefinition) { c.Image = aws.String("$REGISTRY/web") }), "ClientException: Container.image contains invalid characters."},
		{"digest", web(func(c *types.ContainerDefinition) {
			c.Image = aws.String("r.example.com:5000/a/b@sha256:" + strings.Repeat("0a", 32))
		}), ""},
		{"short digest", web(func(c *types.ContainerDefinition) { c.Image = aws.String("web@sha256:0a") }), "ClientException: Container.image contains invalid characters."},
		{"same name", web(func(c *types.ContainerDefinition) { c.Name = aws.String("helper") }), "ClientException: Container names must be unique within a Task Definition."},
		{"none essential", web(func(c *types.ContainerDefinition) { c.Essential = aws.Bool(false) }), "ClientException: Task definition doesn't have any essential container"},
		{"stop timeout", web(func(c *types.ContainerDefinition) { c.StopTimeout = aws.Int32(1) }), "ClientException: Granular stop timeout on container 'web' must be at least 2 seconds."},
		{"start timeout", web(func(c *types.ContainerDefinition) { c.StartTimeout = aws.Int32(-1) }), "ClientException: Granular start timeout on container 'web' must be at least 2 seconds."},
		{"restart period", web(func(c *types.ContainerDefinition) {
			c.RestartPolicy = &types.ContainerRestartPolicy{Enabled: aws.Bool(true), RestartAttemptPeriod: aws.Int32(59)}
		}), "ClientException: the 'restartAttemptPeriod' setting for container 'web' must be between 60 and 1800"},
		{
			"restart policy without enabled", web(func(c *types.ContainerDefinition) { c.RestartPolicy = &types.ContainerRestartPolicy{} }),
			"ClientException: ContainerRestartPolicy.enabled should not be null or empty.",
		},
		{"restart policy that is off", web(func(c *types.ContainerDefinition) {
			c.RestartPolicy = &types.ContainerRestartPolicy{Enabled: aws.Bool(false)}
		}), ""},
		{"exit codes", web(func(c *types.ContainerDefinition) {
			c.RestartPolicy = &types.ContainerRestartPolicy{Enabled: aws.Bool(true), IgnoredExitCodes: make([]int32, 51)}
		}), "InvalidParameterException: ignored exit codes can have at most 50 items."},
		{"distinctInstance", func(in *ecs.RegisterTaskDefinitionInput) {
			in.PlacementConstraints = []types.TaskDefinitionPlacementConstraint{{Type: "distinctInstance"}}
		}, "ClientException: constraint.type 'distinctInstance' is not supported."},
		{"too many constraints", func(in *ecs.RegisterTaskDefinitionInput) {
			in.PlacementConstraints = make([]types.TaskDefinitionPlacementConstraint, 11)
		}, "InvalidParameterException: placement constraints can have at most 10 items."},
		{"an expression that is none", func(in *ecs.RegisterTaskDefinitionInput) {
			in.PlacementConstraints = []types.TaskDefinitionPlacementConstraint{{Type: "memberOf", Expression: aws.String("attribute:a ==")}}
		}, "InvalidParameterException: memberOf expression 'attribute:a ==' is invalid"},
		{"accelerators", func(in *ecs.RegisterTaskDefinitionInput) {
			in.InferenceAccelerators = []types.InferenceAccelerator{{DeviceName: aws.String("d"), DeviceType: aws.String("eia1.medium")}}
		}, "ClientException: Unsupported field 'inferenceAccelerators'"},
	})
}

func TestEnums(t *testing.T) {
	checkRefusals(t, []refusal{
		{
			"network mode", func(in *ecs.RegisterTaskDefinitionInput) { in.NetworkMode = "vpc" },
			"InvalidParameterException: network mode should be one of [bridge,host,awsvpc,none]",
		},
		{"compatibility", func(in *ecs.RegisterTaskDefinitionInput) {
			in.RequiresCompatibilities = []types.Compatibility{"fargate"}
		}, "InvalidParameterException: requires compatibilities should be one of [EC2,FARGATE,EXTERNAL,MANAGED_INSTANCES]"},
		{"protocol", web(func(c *types.ContainerDefinition) {
			c.PortMappings = []types.PortMapping{{ContainerPort: aws.Int32(80), Protocol: "sctp"}}
		}), "InvalidParameterException: protocol should be one of [tcp,udp]"},
		{"condition", web(func(c *types.ContainerDefinition) {
			c.DependsOn = []types.ContainerDependency{{ContainerName: aws.String("helper"), Condition: "READY"}}
		}), "InvalidParameterException: condition should be one of [START,COMPLETE,SUCCESS,HEALTHY]"},
	})
}

func TestRequiredMembers(t *testing.T) {
	checkRefusals(t, []refusal{
		{
			"secret", web(func(c *types.ContainerDefinition) { c.Secrets = []types.Secret{{Name: aws.String("A")}} }),
			"ClientException: Secret.valueFrom should not be null or empty.",
		},
		{
			"health check", web(func(c *types.ContainerDefinition) { c.HealthCheck = &types.HealthCheck{Command: []string{}} }),
			"ClientException: HealthCheck.command should not be null or empty.",
		},
		{"tmpfs", web(func(c *types.ContainerDefinition) {
			c.LinuxParameters = &types.LinuxParameters{Tmpfs: []types.Tmpfs{{ContainerPath: aws.String("/t")}}}
		}), "ClientException: Tmpfs.size should not be null or empty."},
	})
}

func TestResources(t *testing.T) {
	gpu := func(requirements ...types.ResourceRequirement) mutation {
		return web(func(c *types.ContainerDefinition) { c.ResourceRequirements = requirements })
	}
	mps := &types.SharingStrategyMemberNvidiaMps{Value: types.NvidiaMpsAllocation{Memory: aws.Int32(1024)}}
	checkRefusals(t, []refusal{
		{"a number", gpu(types.ResourceRequirement{Type: "GPU", Value: aws.String("2")}), ""},
		{"all", gpu(types.ResourceRequirement{Type: "GPU", Value: aws.String("ALL")}), ""},
		{"shared", gpu(types.ResourceRequirement{Type: "GPU", SharingStrategy: mps}), ""},
		{"neither", gpu(types.ResourceRequirement{Type: "GPU"}), "ClientException: ResourceRequirement.value should not be null or empty."},
		{
			"both", gpu(types.ResourceRequirement{Type: "GPU", Value: aws.String("1"), SharingStrategy: mps}),
			"ClientException: Invalid setting for container 'web'. Only one of 'value' or 'sharingStrategy' can be specified.",
		},
		{
			"no number", gpu(types.ResourceRequirement{Type: "GPU", Value: aws.String("one")}),
			"ClientException: Invalid setting for container 'web'. The 'value' of a GPU resource must be a positive number or ALL.",
		},
		{
			"some Neuron devices", gpu(types.ResourceRequirement{Type: "NeuronDevice", Value: aws.String("1")}),
			"ClientException: Invalid setting for container 'web'. The 'value' of a NeuronDevice resource must be ALL.",
		},
		{
			"a shared Neuron device", gpu(types.ResourceRequirement{Type: "NeuronDevice", SharingStrategy: mps}),
			"ClientException: Invalid setting for container 'web'. 'sharingStrategy' is only supported for resources of type GPU.",
		},
		{
			"shared and not", gpu(types.ResourceRequirement{Type: "GPU", Value: aws.String("1")}, types.ResourceRequirement{Type: "GPU", SharingStrategy: mps}),
			"ClientException: All containers of a task that require a GPU must use the same sharing strategy",
		},
		{"unknown type", gpu(types.ResourceRequirement{Type: "TPU", Value: aws.String("1")}), "InvalidParameterException: type should be one of [GPU,InferenceAccelerator,NeuronDevice]"},
	})
}
