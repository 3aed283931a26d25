package handlers

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// defaultsOf are ECS's defaults of a deployment: 100 and 200 percent, of a DAEMON
// service 0 and 100, since no instance has room for two (API reference,
// DeploymentConfiguration).
func defaultsOf(strategy types.SchedulingStrategy) *types.DeploymentConfiguration {
	minimum, maximum := int32(100), int32(200)
	if strategy == types.SchedulingStrategyDaemon {
		minimum, maximum = 0, 100
	}
	return &types.DeploymentConfiguration{
		Strategy: types.DeploymentStrategyRolling, BakeTimeInMinutes: aws.Int32(0),
		MinimumHealthyPercent: &minimum, MaximumPercent: &maximum,
		Alarms:                   &types.DeploymentAlarms{AlarmNames: []string{}},
		DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{},
	}
}

// checkDaemon refuses what a service with one task an instance cannot have.
func checkDaemon(in *ecs.CreateServiceInput) error {
	switch {
	case in.DesiredCount != nil:
		return daemonCount()
	case in.LaunchType == types.LaunchTypeFargate || len(in.CapacityProviderStrategy) > 0:
		return daemonFargate()
	case len(in.PlacementStrategy) > 0:
		return daemonStrategy()
	case in.AvailabilityZoneRebalancing == types.AvailabilityZoneRebalancingEnabled:
		return rebalancingDaemon()
	}
	return checkDaemonPercent(in.DeploymentConfiguration)
}

func daemonCount() error {
	return invalidParameter("The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again")
}

func rebalancingDaemon() error {
	return invalidParameter("Availability Zone Rebalancing does not support DAEMON services. Change the scheduling strategy and try again")
}

func daemonFargate() error {
	return invalidParameter("The daemon scheduling strategy does not support the FARGATE launch type. Change the launch type and try again")
}

func daemonStrategy() error {
	return invalidParameter("The daemon scheduling strategy does not support placement strategies. Remove the placement strategy and try again")
}

func checkDaemonPercent(config *types.DeploymentConfiguration) error {
	switch {
	case config == nil:
	case aws.ToInt32(config.MaximumPercent) > 100:
		return invalidParameter("The daemon scheduling strategy does not support values above 100 for maximumPercent. Change the value and try again")
	case config.Strategy != "" && config.Strategy != types.DeploymentStrategyRolling:
		return invalidParameter("The daemon scheduling strategy supports the ROLLING deployment strategy only") // the text is chosen
	}
	return nil
}
