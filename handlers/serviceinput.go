package handlers

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/taskdef"
)

// checkCreateService refuses what ECS refuses before it looks at anything, and
// by name what Gantry does not serve.
func checkCreateService(in *ecs.CreateServiceInput) error {
	name := aws.ToString(in.ServiceName)
	switch {
	case !taskdef.ValidName(name):
		return serviceNameInvalid(name)
	case len(aws.ToString(in.ClientToken)) > 36:
		return invalidParameter("idempotency token longer than 36.")
	case in.LaunchType != "" && len(in.CapacityProviderStrategy) > 0:
		return invalidParameter("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	}
	if err := checkSchedulingStrategy(in); err != nil {
		return err
	}
	if err := checkController(in.DeploymentController); err != nil {
		return err
	}
	if err := checkPropagateTags(in.PropagateTags); err != nil {
		return err
	}
	if err := taskdef.ValidateTags(in.Tags); err != nil {
		return err
	}
	return refuseCreateMembers(in)
}

func checkSchedulingStrategy(in *ecs.CreateServiceInput) error {
	switch in.SchedulingStrategy {
	case "", types.SchedulingStrategyReplica:
	case types.SchedulingStrategyDaemon:
		return unsupported("/schedulingStrategy", "Gantry does not serve the strategy DAEMON yet")
	default:
		return invalidParameter("Scheduling strategy should be one of [REPLICA,DAEMON]")
	}
	switch {
	case in.DesiredCount == nil:
		return invalidParameter("DesiredCount is missing")
	case *in.DesiredCount < 0:
		return invalidParameter("DesiredCount can not be lesser than 0")
	case *in.DesiredCount > maxTasksPerService:
		return invalidParameter("Task count can not be greater than %d", maxTasksPerService) // the text is chosen
	}
	return nil
}

// maxTasksPerService is ECS's quota (Developer Guide, service quotas).
const maxTasksPerService = 5000

func checkController(controller *types.DeploymentController) error {
	if controller == nil {
		return nil
	}
	switch controller.Type {
	case types.DeploymentControllerTypeEcs:
		return nil
	case types.DeploymentControllerTypeCodeDeploy, types.DeploymentControllerTypeExternal:
		return unsupported("/deploymentController/type", "Gantry does not serve the controller "+string(controller.Type)+" yet")
	}
	return oneOf("deployment controller type", "ECS", "CODE_DEPLOY", "EXTERNAL")
}

func checkPropagateTags(propagate types.PropagateTags) error {
	switch propagate {
	case "", types.PropagateTagsNone, types.PropagateTagsService, types.PropagateTagsTaskDefinition:
		return nil
	}
	return oneOf("propagateTags", "TASK_DEFINITION", "SERVICE", "NONE")
}

// member is a member of a request, and whether it was given.
type member struct {
	pointer string
	given   bool
}

func refuseMembers(members []member) error {
	for _, m := range members {
		if m.given {
			return unsupported(m.pointer, "Gantry does not serve this member yet")
		}
	}
	return nil
}

func refuseCreateMembers(in *ecs.CreateServiceInput) error {
	return refuseMembers([]member{
		{"/loadBalancers", len(in.LoadBalancers) > 0},
		{"/serviceRegistries", len(in.ServiceRegistries) > 0},
		{"/serviceConnectConfiguration", in.ServiceConnectConfiguration != nil && in.ServiceConnectConfiguration.Enabled},
		{"/volumeConfigurations", len(in.VolumeConfigurations) > 0},
		{"/vpcLatticeConfigurations", len(in.VpcLatticeConfigurations) > 0},
		{"/gatewayConnectors", len(in.GatewayConnectors) > 0},
		{"/monitoring", in.Monitoring != nil},
		{"/role", aws.ToString(in.Role) != ""},
		{"/availabilityZoneRebalancing", in.AvailabilityZoneRebalancing == types.AvailabilityZoneRebalancingEnabled},
	})
}

func refuseUpdateMembers(in *ecs.UpdateServiceInput) error {
	return refuseMembers([]member{
		{"/loadBalancers", len(in.LoadBalancers) > 0},
		{"/serviceRegistries", len(in.ServiceRegistries) > 0},
		{"/serviceConnectConfiguration", in.ServiceConnectConfiguration != nil && in.ServiceConnectConfiguration.Enabled},
		{"/volumeConfigurations", len(in.VolumeConfigurations) > 0},
		{"/vpcLatticeConfigurations", len(in.VpcLatticeConfigurations) > 0},
		{"/gatewayConnectors", len(in.GatewayConnectors) > 0},
		{"/monitoring", in.Monitoring != nil},
		{"/placementConstraints", len(in.PlacementConstraints) > 0},
		{"/placementStrategy", len(in.PlacementStrategy) > 0},
		{"/capacityProviderStrategy", len(in.CapacityProviderStrategy) > 0},
		{"/availabilityZoneRebalancing", in.AvailabilityZoneRebalancing == types.AvailabilityZoneRebalancingEnabled},
	})
}

// deploymentConfiguration completes what was given with ECS's defaults for
// ROLLING: 100 and 200 percent (API reference, DeploymentConfiguration).
func deploymentConfiguration(given, current *types.DeploymentConfiguration) (*types.DeploymentConfiguration, error) {
	config := &types.DeploymentConfiguration{
		Strategy: types.DeploymentStrategyRolling, BakeTimeInMinutes: aws.Int32(0),
		MinimumHealthyPercent: aws.Int32(100), MaximumPercent: aws.Int32(200),
		Alarms:                   &types.DeploymentAlarms{AlarmNames: []string{}},
		DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{},
	}
	if current != nil {
		*config = *current
	}
	if given == nil {
		return config, nil
	}
	if err := refuseDeploymentMembers(given); err != nil {
		return nil, err
	}
	if given.MinimumHealthyPercent != nil {
		config.MinimumHealthyPercent = given.MinimumHealthyPercent
	}
	if given.MaximumPercent != nil {
		config.MaximumPercent = given.MaximumPercent
	}
	return config, checkPercents(*config.MinimumHealthyPercent, *config.MaximumPercent)
}

func refuseDeploymentMembers(given *types.DeploymentConfiguration) error {
	switch given.Strategy {
	case "", types.DeploymentStrategyRolling:
	case types.DeploymentStrategyBlueGreen, types.DeploymentStrategyCanary, types.DeploymentStrategyLinear:
		return unsupported("/deploymentConfiguration/strategy", "Gantry does not serve the strategy "+string(given.Strategy)+" yet")
	default:
		return oneOf("deployment strategy", "ROLLING", "BLUE_GREEN", "LINEAR", "CANARY")
	}
	breaker, alarms := given.DeploymentCircuitBreaker, given.Alarms
	return refuseMembers([]member{
		{"/deploymentConfiguration/deploymentCircuitBreaker/enable", breaker != nil && breaker.Enable},
		{"/deploymentConfiguration/alarms/enable", alarms != nil && alarms.Enable},
		{"/deploymentConfiguration/bakeTimeInMinutes", aws.ToInt32(given.BakeTimeInMinutes) != 0},
		{"/deploymentConfiguration/lifecycleHooks", len(given.LifecycleHooks) > 0},
		{"/deploymentConfiguration/linearConfiguration", given.LinearConfiguration != nil},
		{"/deploymentConfiguration/canaryConfiguration", given.CanaryConfiguration != nil},
		{"/deploymentConfiguration/earlySuccessCriteria", given.EarlySuccessCriteria != nil},
	})
}

func checkPercents(minimum, maximum int32) error {
	switch {
	case minimum < 0:
		return invalidParameter("minimumHealthyPercent must be at least 0.") // the text is chosen
	case minimum > 100:
		return invalidParameter("minimumHealthyPercent must be at most 100.")
	case maximum < 100 || maximum > 200_000:
		return invalidParameter("maximumPercent must be at least 100.") // the text is chosen
	case minimum == 100 && maximum == 100:
		return invalidParameter("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.")
	}
	return nil
}
