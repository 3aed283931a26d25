package handlers

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/translator"
)

// fargatePlatform is what LATEST means for Linux tasks.
const fargatePlatform = "1.4.0"

// launchRequest is what RunTask and the service calls say about where tasks run.
type launchRequest struct {
	launchType      types.LaunchType
	strategy        []types.CapacityProviderStrategyItem
	platformVersion *string
	network         *types.NetworkConfiguration
	placement       placement
	// scheduling is that of a new service; empty elsewhere.
	scheduling types.SchedulingStrategy
}

// launch is what a request comes to.
type launch struct {
	launchType types.LaunchType
	// strategy is what was asked for or the cluster's default, completed.
	strategy []types.CapacityProviderStrategyItem
	// platformVersion is as given, or LATEST; empty where there is none.
	platformVersion string
}

// soleProvider is the capacity provider of all tasks; empty where there is none, or
// where they are of several and dealt out as they come.
func (l launch) soleProvider() string {
	if len(l.strategy) != 1 {
		return ""
	}
	return aws.ToString(l.strategy[0].CapacityProvider)
}

// resolvedPlatform is the platform version that tasks and deployments show.
func (l launch) resolvedPlatform() string {
	if l.platformVersion == "" || l.platformVersion == "LATEST" {
		return fargatePlatform
	}
	return l.platformVersion
}

// resolveLaunch decides the launch type: the one given, the strategy's, the
// cluster's default strategy's, else EC2 (API reference, RunTask).
func (h *Handlers) resolveLaunch(cluster *v1alpha1.Cluster, req launchRequest, def *types.TaskDefinition) (launch, error) {
	switch req.launchType {
	case "", types.LaunchTypeEc2, types.LaunchTypeFargate, types.LaunchTypeExternal:
	default:
		return launch{}, oneOf("launch type", "EC2", "FARGATE", "EXTERNAL")
	}
	l := launch{launchType: req.launchType, strategy: req.strategy}
	if err := resolveStrategy(cluster, &l); err != nil {
		return launch{}, err
	}
	// Not by the cluster's strategy either (API reference, CreateService.schedulingStrategy).
	if req.scheduling == types.SchedulingStrategyDaemon && l.launchType == types.LaunchTypeFargate {
		return launch{}, daemonFargate()
	}
	if l.launchType == "" {
		l.launchType = types.LaunchTypeEc2
	}
	if err := resolvePlatform(&l, req.platformVersion); err != nil {
		return launch{}, err
	}
	if !slices.Contains(def.Compatibilities, types.Compatibility(l.launchType)) {
		return launch{}, launchTypeIncompatible(l.launchType)
	}
	if err := checkPlacementFor(l.launchType, req.placement, def); err != nil {
		return launch{}, err
	}
	return l, checkNetwork(l.launchType, req.network, def)
}

// resolveStrategy completes the launch by the strategy that was given, or by the
// cluster's where neither that nor a launch type was.
func resolveStrategy(cluster *v1alpha1.Cluster, l *launch) error {
	if l.launchType != "" {
		return nil
	}
	held := types.Cluster{}
	if err := awsjson.Unmarshal(cluster.Spec.Definition.Raw, &held); err != nil {
		return fmt.Errorf("decode cluster %s: %w", cluster.Spec.Name, err)
	}
	if len(l.strategy) == 0 {
		l.strategy = held.DefaultCapacityProviderStrategy
	}
	if len(l.strategy) == 0 {
		return nil
	}
	if err := checkStrategyOf(held.CapacityProviders, l.strategy); err != nil {
		return err
	}
	l.launchType = types.LaunchTypeFargate
	return nil
}

// checkStrategyOf refuses a strategy that is none, or names providers that are
// not the cluster's (API reference, CapacityProviderStrategyItem).
func checkStrategyOf(providers []string, strategy []types.CapacityProviderStrategyItem) error {
	if err := checkItems(strategy); err != nil {
		return err
	}
	for _, item := range strategy {
		if !slices.Contains(providers, aws.ToString(item.CapacityProvider)) {
			return providerNotInCluster()
		}
	}
	return nil
}

// The ranges of a strategy's numbers (API reference, CapacityProviderStrategyItem).
const (
	maxWeight = 1000
	maxBase   = 100_000
)

func checkItems(strategy []types.CapacityProviderStrategyItem) error {
	if len(strategy) > 20 {
		return atMost("capacity provider strategy", 20)
	}
	bases, weight := 0, int32(0)
	for _, item := range strategy {
		switch name := aws.ToString(item.CapacityProvider); {
		case !builtInProvider(name):
			return capacityProviderUnknown(name)
		case item.Weight < 0 || item.Weight > maxWeight: // the texts are chosen
			return invalidParameter("weight must be between 0 and %d", maxWeight)
		case item.Base < 0 || item.Base > maxBase:
			return invalidParameter("base must be between 0 and %d", maxBase)
		}
		if item.Base > 0 {
			bases++
		}
		weight += item.Weight
	}
	if bases > 1 {
		return invalidParameter("There are multiple capacity providers in the specified capacity provider strategy with a base value defined. Only one capacity provider in a strategy can have a base value.")
	}
	if weight == 0 && len(strategy) > 1 {
		return invalidParameter("There are no capacity providers in the capacity provider strategy with a weight value greater than zero. Specify a weight value greater than zero and try again.")
	}
	return nil
}

func resolvePlatform(l *launch, given *string) error {
	if l.launchType != types.LaunchTypeFargate {
		if aws.ToString(given) != "" {
			return platformVersionWithEC2()
		}
		return nil
	}
	l.platformVersion = aws.ToString(given)
	switch l.platformVersion {
	case "":
		l.platformVersion = "LATEST"
	case "LATEST", "1.4.0", "1.3.0":
	default:
		return platformUnknown()
	}
	return nil
}

func checkNetwork(launchType types.LaunchType, network *types.NetworkConfiguration, def *types.TaskDefinition) error {
	awsvpc := def.NetworkMode == types.NetworkModeAwsvpc
	given := network != nil && network.AwsvpcConfiguration != nil
	switch {
	case awsvpc && !given:
		return networkConfigurationMissing()
	case !awsvpc && given:
		return networkConfigurationInvalid()
	case !awsvpc:
		return nil
	}
	vpc := network.AwsvpcConfiguration
	if len(vpc.Subnets) == 0 {
		return subnetsEmpty()
	}
	if len(vpc.Subnets) > 16 {
		return atMost("subnets", 16)
	}
	if len(vpc.SecurityGroups) > 5 {
		return atMost("security groups", 5)
	}
	switch vpc.AssignPublicIp {
	case "", types.AssignPublicIpDisabled:
	case types.AssignPublicIpEnabled:
		if launchType != types.LaunchTypeFargate {
			return publicIPUnsupported()
		}
	default:
		return oneOf("assignPublicIp", "ENABLED", "DISABLED")
	}
	return nil
}

// runnable finds the task definition that tasks are to be made of. inactive is
// the error for one that was deregistered, if it is one: it differs between the calls.
func (h *Handlers) runnable(ctx context.Context, given *string, inactive func() error) (*definition, error) {
	if aws.ToString(given) == "" {
		return nil, definitionBlank()
	}
	def, err := h.definition(ctx, *given)
	switch {
	case err != nil:
		return nil, err
	case def == nil:
		return nil, definitionNotFound()
	case def.Status != types.TaskDefinitionStatusActive:
		return def, inactive()
	}
	return def, nil
}

// refusal is the answer for what no pod can do.
func refusal(findings []translator.Finding) error {
	if len(findings) == 0 {
		return nil
	}
	return clientError("%s", findings[0].Message())
}
