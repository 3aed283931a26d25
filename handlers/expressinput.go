package handlers

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

// checkCreateExpress: the rules are the API reference's, the texts are chosen.
func checkCreateExpress(in *ecs.CreateExpressGatewayServiceInput) error {
	switch {
	case aws.ToString(in.InfrastructureRoleArn) == "":
		return cannotBeEmpty("infrastructureRoleArn")
	case in.ServiceName != nil && !taskdef.ValidName(*in.ServiceName):
		return serviceNameInvalid(*in.ServiceName)
	case in.TaskDefinitionArn == nil && (in.PrimaryContainer == nil || aws.ToString(in.PrimaryContainer.Image) == ""):
		return invalidParameter("primaryContainer.image is required where taskDefinitionArn is not given")
	case in.TaskDefinitionArn == nil && aws.ToString(in.ExecutionRoleArn) == "":
		return invalidParameter("executionRoleArn is required where taskDefinitionArn is not given")
	}
	config := types.ExpressGatewayServiceConfiguration{
		PrimaryContainer: in.PrimaryContainer, ExecutionRoleArn: in.ExecutionRoleArn, TaskRoleArn: in.TaskRoleArn,
		Cpu: in.Cpu, Memory: in.Memory, CpuArchitecture: in.CpuArchitecture,
	}
	if err := checkOwnDefinition(in.TaskDefinitionArn, config); err != nil {
		return err
	}
	if err := taskdef.ValidateTags(in.Tags); err != nil {
		return err
	}
	if err := checkExpress(in.HealthCheckPath, in.CpuArchitecture, in.ScalingTarget); err != nil {
		return err
	}
	return refusal(translator.Refusals(translator.ExpressFindings(in)))
}

func checkUpdateExpress(in *ecs.UpdateExpressGatewayServiceInput) error {
	if in.PrimaryContainer != nil && aws.ToString(in.PrimaryContainer.Image) == "" {
		return invalidParameter("primaryContainer.image is required")
	}
	if err := checkOwnDefinition(in.TaskDefinitionArn, givenToUpdate(in)); err != nil {
		return err
	}
	if err := checkExpress(in.HealthCheckPath, in.CpuArchitecture, in.ScalingTarget); err != nil {
		return err
	}
	return refusal(translator.Refusals(translator.UpdateExpressFindings(in)))
}

// checkOwnDefinition: a definition of the caller's own excludes what one is made of.
func checkOwnDefinition(definition *string, given types.ExpressGatewayServiceConfiguration) error {
	if definition == nil || !makesDefinition(given) {
		return nil
	}
	return invalidParameter("taskDefinitionArn cannot be specified together with primaryContainer, executionRoleArn, taskRoleArn, cpu, memory or cpuArchitecture")
}

// givenToUpdate are the members of an update that go into the task definition.
func givenToUpdate(in *ecs.UpdateExpressGatewayServiceInput) types.ExpressGatewayServiceConfiguration {
	return types.ExpressGatewayServiceConfiguration{
		PrimaryContainer: in.PrimaryContainer, ExecutionRoleArn: in.ExecutionRoleArn, TaskRoleArn: in.TaskRoleArn,
		Cpu: in.Cpu, Memory: in.Memory, CpuArchitecture: in.CpuArchitecture,
	}
}

// makesDefinition says whether a member is given that goes into the task definition.
func makesDefinition(given types.ExpressGatewayServiceConfiguration) bool {
	return given.PrimaryContainer != nil || given.ExecutionRoleArn != nil || given.TaskRoleArn != nil ||
		given.Cpu != nil || given.Memory != nil || given.CpuArchitecture != ""
}

func checkExpress(path *string, architecture types.ExpressCpuArchitecture, target *types.ExpressGatewayScalingTarget) error {
	switch architecture {
	case "", types.ExpressCpuArchitectureX8664, types.ExpressCpuArchitectureArm64:
	default:
		return oneOf("cpuArchitecture", "X86_64", "ARM64")
	}
	if path != nil && !strings.HasPrefix(*path, "/") {
		return invalidParameter("healthCheckPath must start with a forward slash")
	}
	if target == nil {
		return nil
	}
	switch target.AutoScalingMetric {
	case "", types.ExpressGatewayServiceScalingMetricAverageCPUUtilization, types.ExpressGatewayServiceScalingMetricAverageMemoryUtilization,
		types.ExpressGatewayServiceScalingMetricRequestCountPerTarget: // the last is refused by name below
	default:
		return oneOf("autoScalingMetric", "AVERAGE_CPU", "AVERAGE_MEMORY", "REQUEST_COUNT_PER_TARGET")
	}
	return nil
}

// checkExpressScaling is for a complete target, so that nothing is written where
// the service could not be scaled; the texts are chosen.
func checkExpressScaling(target *types.ExpressGatewayScalingTarget) error {
	switch {
	case *target.MinTaskCount < 0 || *target.MinTaskCount > *target.MaxTaskCount:
		return invalidParameter("minTaskCount must be between 0 and maxTaskCount")
	case *target.AutoScalingTargetValue < 1:
		return invalidParameter("autoScalingTargetValue must be at least 1")
	}
	return nil
}

// configureFrom takes the configuration from the caller's own task definition:
// one container is named Main and has one TCP port (API reference,
// CreateExpressGatewayService.taskDefinitionArn; the text is chosen).
func configureFrom(config *types.ExpressGatewayServiceConfiguration, def *types.TaskDefinition) error {
	for _, c := range def.ContainerDefinitions {
		if aws.ToString(c.Name) != translator.ExpressContainer || len(c.PortMappings) != 1 || c.PortMappings[0].ContainerPort == nil {
			continue
		}
		config.TaskDefinitionArn, config.Cpu, config.Memory = def.TaskDefinitionArn, def.Cpu, def.Memory
		config.ExecutionRoleArn, config.TaskRoleArn, config.CpuArchitecture = def.ExecutionRoleArn, def.TaskRoleArn, ""
		if def.RuntimePlatform != nil {
			config.CpuArchitecture = types.ExpressCpuArchitecture(def.RuntimePlatform.CpuArchitecture)
		}
		config.PrimaryContainer = &types.ExpressGatewayContainer{
			Image: c.Image, Command: c.Command, ContainerPort: c.PortMappings[0].ContainerPort, Environment: c.Environment, Secrets: c.Secrets,
		}
		return nil
	}
	return invalidParameter("The task definition must have a container named Main with a single TCP port mapping")
}
