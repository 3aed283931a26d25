package translator

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ExpressContainer is the name of the container that gets the traffic (API
// reference, CreateExpressGatewayService.taskDefinitionArn).
const ExpressContainer = "Main"

// The defaults of an Express service (API reference, CreateExpressGatewayService
// and ExpressGatewayContainer). The Developer Guide's page has other sizes; what
// the API says of itself is taken. Counts: a first task, and ECS's 20 at most.
const (
	expressCPU        = "256"
	expressMemory     = "512"
	expressPort       = 80
	expressHealthPath = "/ping"
	expressTarget     = 60
	expressMinTasks   = 1
	expressMaxTasks   = 20
)

// CompleteExpress fills in the defaults of a configuration.
func CompleteExpress(c types.ExpressGatewayServiceConfiguration) types.ExpressGatewayServiceConfiguration {
	orString := func(s **string, fallback string) {
		if aws.ToString(*s) == "" {
			*s = aws.String(fallback)
		}
	}
	orNumber := func(n **int32, fallback int32) {
		if *n == nil {
			*n = aws.Int32(fallback)
		}
	}
	orString(&c.Cpu, expressCPU)
	orString(&c.Memory, expressMemory)
	orString(&c.HealthCheckPath, expressHealthPath)
	if c.CpuArchitecture == "" {
		c.CpuArchitecture = types.ExpressCpuArchitectureX8664
	}
	if c.PrimaryContainer != nil {
		container := *c.PrimaryContainer
		orNumber(&container.ContainerPort, expressPort)
		c.PrimaryContainer = &container
	}
	scaling := types.ExpressGatewayScalingTarget{}
	if c.ScalingTarget != nil {
		scaling = *c.ScalingTarget
	}
	if scaling.AutoScalingMetric == "" {
		scaling.AutoScalingMetric = types.ExpressGatewayServiceScalingMetricAverageCPUUtilization
	}
	orNumber(&scaling.AutoScalingTargetValue, expressTarget)
	orNumber(&scaling.MinTaskCount, expressMinTasks)
	orNumber(&scaling.MaxTaskCount, max(expressMaxTasks, *scaling.MinTaskCount))
	c.ScalingTarget = &scaling
	return c
}

// ExpressDefinition is the task definition of a complete configuration
// (Developer Guide, Express services: awsvpc, Linux, Fargate).
func ExpressDefinition(family, region string, c types.ExpressGatewayServiceConfiguration) *ecs.RegisterTaskDefinitionInput {
	main := c.PrimaryContainer
	container := types.ContainerDefinition{
		Name: aws.String(ExpressContainer), Image: main.Image, Essential: aws.Bool(true), Command: main.Command,
		Environment: main.Environment, Secrets: main.Secrets,
		PortMappings: []types.PortMapping{{Name: aws.String("main"), ContainerPort: main.ContainerPort, Protocol: types.TransportProtocolTcp}},
	}
	if credentials := main.RepositoryCredentials; credentials != nil {
		container.RepositoryCredentials = &types.RepositoryCredentials{CredentialsParameter: credentials.CredentialsParameter}
	}
	if logs := main.AwsLogsConfiguration; logs != nil {
		container.LogConfiguration = &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{
			"awslogs-group": aws.ToString(logs.LogGroup), "awslogs-region": region, "awslogs-stream-prefix": aws.ToString(logs.LogStreamPrefix),
		}}
	}
	return &ecs.RegisterTaskDefinitionInput{
		Family: aws.String(family), NetworkMode: types.NetworkModeAwsvpc, Cpu: c.Cpu, Memory: c.Memory,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		RuntimePlatform: &types.RuntimePlatform{
			CpuArchitecture: types.CPUArchitecture(c.CpuArchitecture), OperatingSystemFamily: types.OSFamilyLinux,
		},
		ExecutionRoleArn: c.ExecutionRoleArn, TaskRoleArn: c.TaskRoleArn,
		ContainerDefinitions: []types.ContainerDefinition{container},
	}
}
