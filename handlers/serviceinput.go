package handlers

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
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
		return bothLaunchTypeAndStrategy()
	}
	if err := checkSchedulingStrategy(in); err != nil {
		return err
	}
	if err := taskdef.ValidateTags(in.Tags); err != nil {
		return err
	}
	if err := checkServiceMembers(in); err != nil {
		return err
	}
	return checkDeployer(in)
}

// checkServiceMembers is for the members that can be given to UpdateService too.
func checkServiceMembers(in *ecs.CreateServiceInput) error {
	if err := checkController(in.DeploymentController); err != nil {
		return err
	}
	if err := checkGrace(in.HealthCheckGracePeriodSeconds, in.AvailabilityZoneRebalancing); err != nil {
		return err
	}
	if err := checkStrategy(in.DeploymentConfiguration); err != nil {
		return err
	}
	if err := checkPropagateTags(in.PropagateTags); err != nil {
		return err
	}
	if err := taskdef.ValidateVolumes(in.VolumeConfigurations); err != nil {
		return err
	}
	if err := checkMonitoring(in.Monitoring); err != nil {
		return err
	}
	if err := checkPlacement(placement{constraints: in.PlacementConstraints, strategy: in.PlacementStrategy}); err != nil {
		return err
	}
	if err := checkRouting(in.LoadBalancers, in.ServiceRegistries, in.ServiceConnectConfiguration); err != nil {
		return err
	}
	if err := checkAdvanced(in.DeploymentConfiguration, in.LoadBalancers); err != nil {
		return err
	}
	return refusal(translator.Refusals(translator.ServiceFindings(in)))
}

func checkSchedulingStrategy(in *ecs.CreateServiceInput) error {
	switch in.SchedulingStrategy {
	case "", types.SchedulingStrategyReplica:
	case types.SchedulingStrategyDaemon:
		return checkDaemon(in)
	default:
		return invalidParameter("Scheduling strategy should be one of [REPLICA,DAEMON]")
	}
	switch {
	case in.DesiredCount == nil && controllerOf(in.DeploymentController) == types.DeploymentControllerTypeExternal:
		return nil // it needs nothing but its name
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
	case types.DeploymentControllerTypeEcs, types.DeploymentControllerTypeCodeDeploy, types.DeploymentControllerTypeExternal:
		return nil
	}
	return oneOf("deployment controller type", "ECS", "CODE_DEPLOY", "EXTERNAL")
}

// checkGrace refuses what no reading of the members allows; the text for the
// grace period is chosen.
func checkGrace(seconds *int32, rebalancing types.AvailabilityZoneRebalancing) error {
	if aws.ToInt32(seconds) < 0 {
		return invalidParameter("healthCheckGracePeriodSeconds must be between 0 and 2147483647")
	}
	switch rebalancing {
	case "", types.AvailabilityZoneRebalancingEnabled, types.AvailabilityZoneRebalancingDisabled:
		return nil
	}
	return oneOf("availabilityZoneRebalancing", "ENABLED", "DISABLED")
}

func checkStrategy(config *types.DeploymentConfiguration) error {
	if config == nil {
		return nil
	}
	switch config.Strategy {
	case "", types.DeploymentStrategyRolling, types.DeploymentStrategyBlueGreen, types.DeploymentStrategyCanary, types.DeploymentStrategyLinear:
		return checkHookTargets(config.LifecycleHooks)
	}
	return oneOf("deployment strategy", "ROLLING", "BLUE_GREEN", "LINEAR", "CANARY")
}

func checkPropagateTags(propagate types.PropagateTags) error {
	switch propagate {
	case "", types.PropagateTagsNone, types.PropagateTagsService, types.PropagateTagsTaskDefinition:
		return nil
	}
	return oneOf("propagateTags", "TASK_DEFINITION", "SERVICE", "NONE")
}

// checkMonitoring: the rules are the API reference's (MetricConfiguration), the
// texts are chosen.
func checkMonitoring(monitoring *types.MonitoringConfiguration) error {
	if monitoring == nil {
		return nil
	}
	for _, config := range monitoring.MetricConfigurations {
		if seconds := aws.ToInt32(config.ResolutionSeconds); seconds != 20 && seconds != 60 {
			return invalidParameter("resolutionSeconds should be one of [20,60]")
		}
		for _, name := range config.MetricNames {
			if name != "CPUUtilization" && name != "MemoryUtilization" {
				return oneOf("metricNames", "CPUUtilization", "MemoryUtilization")
			}
		}
	}
	return nil
}

// givenToUpdateService are the members that an update shares with the creation.
func givenToUpdateService(in *ecs.UpdateServiceInput) *ecs.CreateServiceInput {
	return &ecs.CreateServiceInput{
		AvailabilityZoneRebalancing: in.AvailabilityZoneRebalancing, CapacityProviderStrategy: in.CapacityProviderStrategy,
		DeploymentConfiguration: in.DeploymentConfiguration,
		DeploymentController:    in.DeploymentController, GatewayConnectors: in.GatewayConnectors,
		HealthCheckGracePeriodSeconds: in.HealthCheckGracePeriodSeconds, LoadBalancers: in.LoadBalancers, Monitoring: in.Monitoring,
		PlacementConstraints: in.PlacementConstraints, PlacementStrategy: in.PlacementStrategy, PropagateTags: in.PropagateTags,
		ServiceConnectConfiguration: in.ServiceConnectConfiguration, ServiceRegistries: in.ServiceRegistries,
		VolumeConfigurations: in.VolumeConfigurations, VpcLatticeConfigurations: in.VpcLatticeConfigurations,
	}
}

// deploymentConfiguration completes what was given with what there is now, or
// with ECS's defaults.
func deploymentConfiguration(given, current *types.DeploymentConfiguration) (*types.DeploymentConfiguration, error) {
	config := &types.DeploymentConfiguration{}
	*config = *current
	if given == nil {
		return config, nil
	}
	if given.MinimumHealthyPercent != nil {
		config.MinimumHealthyPercent = given.MinimumHealthyPercent
	}
	if given.MaximumPercent != nil {
		config.MaximumPercent = given.MaximumPercent
	}
	if err := applyStrategy(config, given); err != nil {
		return nil, err
	}
	if given.Alarms != nil {
		alarms := *given.Alarms
		alarms.AlarmNames = emptyIfNil(alarms.AlarmNames)
		config.Alarms = &alarms
	}
	if given.DeploymentCircuitBreaker != nil {
		config.DeploymentCircuitBreaker = given.DeploymentCircuitBreaker
	}
	if err := checkBreaker(config.DeploymentCircuitBreaker); err != nil {
		return nil, err
	}
	if err := checkPercents(*config.MinimumHealthyPercent, *config.MaximumPercent); err != nil {
		return nil, err
	}
	return config, checkEarlySuccess(config)
}

// checkEarlySuccess: the rules are the API reference's (DeploymentEarlySuccessCriteria),
// the texts are chosen.
func checkEarlySuccess(config *types.DeploymentConfiguration) error {
	early := config.EarlySuccessCriteria
	if early == nil {
		return nil
	}
	switch early.SourceServiceRevisionCleanup {
	case "", types.ServiceRevisionCleanupBlocking, types.ServiceRevisionCleanupDeferred:
	default:
		return oneOf("sourceServiceRevisionCleanup", "BLOCKING", "DEFERRED")
	}
	switch percent := early.HealthyPercent; {
	case percent != nil && (*percent < 0 || *percent > 100):
		return invalidParameter("healthyPercent must be between 0 and 100")
	case !early.Enable:
		return nil
	case config.Strategy != types.DeploymentStrategyRolling:
		return invalidParameter("earlySuccessCriteria is only valid with the ROLLING deployment strategy")
	case percent == nil || early.SourceServiceRevisionCleanup == "":
		return invalidParameter("healthyPercent and sourceServiceRevisionCleanup are required where earlySuccessCriteria is enabled")
	case *percent < *config.MinimumHealthyPercent:
		return invalidParameter("healthyPercent must be at least minimumHealthyPercent")
	}
	return nil
}

// checkBreaker refuses a threshold that no count can reach; the texts are chosen.
func checkBreaker(breaker *types.DeploymentCircuitBreaker) error {
	threshold := breaker.ThresholdConfiguration
	if threshold == nil {
		return nil
	}
	switch threshold.Type {
	case types.ThresholdTypeCount, types.ThresholdTypeBoundedPercent, types.ThresholdTypeUnboundedPercent:
	default:
		return oneOf("threshold type", "COUNT", "BOUNDED_PERCENT", "UNBOUNDED_PERCENT")
	}
	if threshold.Value < 1 {
		return invalidParameter("The value of the deployment circuit breaker's threshold must be at least 1.")
	}
	return nil
}

func checkPercents(minimum, maximum int32) error {
	switch {
	case minimum < 0:
		return invalidParameter("minimumHealthyPercent must be at least 0.") // the text is chosen
	case minimum > 100:
		return invalidParameter("minimumHealthyPercent must be at most 100.")
	case maximum < 100:
		return invalidParameter("maximumPercent must be at least 100.") // the text is chosen
	case minimum == 100 && maximum == 100:
		return invalidParameter("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.")
	}
	return nil
}
