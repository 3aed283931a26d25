package handlers

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// controllerOf is the deployment controller of a call: ECS if none is given.
func controllerOf(controller *types.DeploymentController) types.DeploymentControllerType {
	if controller == nil {
		return types.DeploymentControllerTypeEcs
	}
	return controller.Type
}

// checkDeployer refuses what a service that ECS does not deploy cannot have.
func checkDeployer(in *ecs.CreateServiceInput) error {
	controller := controllerOf(in.DeploymentController)
	if controller == types.DeploymentControllerTypeEcs {
		return nil
	}
	if in.SchedulingStrategy == types.SchedulingStrategyDaemon {
		// The rule is documented (API reference, CreateService.schedulingStrategy); the text follows its siblings.
		return invalidParameter("The daemon scheduling strategy does not support the %s deployment controller. Change the deployment controller and try again", controller)
	}
	if err := checkDeployerConfiguration(controller, in.DeploymentConfiguration); err != nil {
		return err
	}
	if connect := in.ServiceConnectConfiguration; connect != nil && connect.Enabled {
		// Developer Guide, Service Connect; the text is chosen.
		return invalidParameter("Service Connect is not supported with the %s deployment controller.", controller)
	}
	if controller == types.DeploymentControllerTypeExternal {
		return checkBelongsToTaskSet(in)
	}
	if len(in.LoadBalancers) == 0 || in.LoadBalancers[0].LoadBalancerName != nil {
		// The end of the text is known.
		return invalidParameter("When the deployment controller is CODE_DEPLOY, the service requires an Application Load Balancer or Network Load Balancer.")
	}
	return checkOneTargetGroup(in.LoadBalancers)
}

// checkDeployerConfiguration refuses what steers ECS's own deployments. A circuit
// breaker that is not enabled is taken, and not given back, as seen; the texts
// follow the one about Classic Load Balancers.
func checkDeployerConfiguration(controller types.DeploymentControllerType, config *types.DeploymentConfiguration) error {
	switch {
	case config == nil:
	case config.DeploymentCircuitBreaker != nil && config.DeploymentCircuitBreaker.Enable:
		return invalidParameter("Deployment circuit breaker feature is not supported with the %s deployment controller.", controller)
	case config.EarlySuccessCriteria != nil && config.EarlySuccessCriteria.Enable:
		return invalidParameter("Early success criteria are not supported with the %s deployment controller.", controller)
	case aws.ToInt32(config.BakeTimeInMinutes) > 0:
		return invalidParameter("A bake time is not supported with the %s deployment controller.", controller)
	case config.Strategy != "" && config.Strategy != types.DeploymentStrategyRolling:
		return invalidParameter("The %s deployment strategy is not supported with the %s deployment controller.", config.Strategy, controller)
	}
	return nil
}

// checkBelongsToTaskSet: with EXTERNAL the service has none of what its task sets
// have (Developer Guide, external deployment). The texts for task definition and
// load balancers are known, and the others follow them.
func checkBelongsToTaskSet(in *ecs.CreateServiceInput) error {
	blank := func(member string) error { return invalidParameter("%s must be blank", member) }
	empty := func(member string) error { return invalidParameter("%s must be empty or null", member) }
	switch {
	case in.TaskDefinition != nil && *in.TaskDefinition == "":
		return invalidParameter("Family should not be null or empty.")
	case in.TaskDefinition != nil:
		return blank("TaskDefinition")
	case in.LaunchType != "":
		return blank("LaunchType")
	case aws.ToString(in.PlatformVersion) != "":
		return blank("PlatformVersion")
	case len(in.LoadBalancers) > 0:
		return empty("LoadBalancers")
	case len(in.ServiceRegistries) > 0:
		return empty("ServiceRegistries")
	case len(in.CapacityProviderStrategy) > 0:
		return empty("CapacityProviderStrategy")
	case in.NetworkConfiguration != nil && in.NetworkConfiguration.AwsvpcConfiguration != nil:
		return empty("NetworkConfiguration")
	case len(in.VolumeConfigurations) > 0:
		return empty("VolumeConfigurations")
	case in.Monitoring != nil:
		return empty("Monitoring")
	}
	return nil
}

// checkOneTargetGroup: more are for rolling deployments only (Developer Guide,
// multiple target groups); the text follows that for too many.
func checkOneTargetGroup(list []types.LoadBalancer) error {
	if len(list) > 1 {
		return atMost("loadBalancers", 1)
	}
	return nil
}

// makeExternalService writes a service that has no tasks before it has task sets.
// Until one is primary its launch type is EC2, as recorded.
func (h *Handlers) makeExternalService(ctx context.Context, cluster *v1alpha1.Cluster, in *ecs.CreateServiceInput, origin serviceOrigin) (*ecs.CreateServiceOutput, error) {
	settings, err := newServiceSettings(cluster, in, launch{launchType: types.LaunchTypeEc2}, &types.TaskDefinition{})
	if err != nil {
		return nil, err
	}
	if settings.AvailabilityZoneRebalancing, err = h.newRebalancing(in.AvailabilityZoneRebalancing, settings); err != nil {
		return nil, err
	}
	spec, err := h.newServiceSpec(ctx, cluster, in, settings, origin)
	if err != nil {
		return nil, err
	}
	spec.Deployments = []v1alpha1.DeploymentEntry{}
	return h.commitService(ctx, cluster, spec)
}

// firstTaskSet makes the first deployment of a CODE_DEPLOY service its primary
// task set, at all of the desired count: CodeDeploy is there for the next ones
// (API reference, CreateService).
func firstTaskSet(spec *v1alpha1.ECSServiceSpec, settings *types.Service, l launch, def *definition) error {
	set := newTaskSet(l, def)
	set.NetworkConfiguration = settings.NetworkConfiguration
	set.LoadBalancers, set.ServiceRegistries = settings.LoadBalancers, settings.ServiceRegistries
	set.Scale, set.StartedBy = &types.Scale{Unit: types.ScaleUnitPercent, Value: 100}, aws.String(startedByCodeDeploy)
	members, err := encodeTaskSet(set)
	if err != nil {
		return err
	}
	entry := &spec.Deployments[0]
	entry.TaskSet = &v1alpha1.TaskSetEntry{Definition: members, UpdatedAt: entry.RequestedAt}
	spec.PrimaryTaskSet = entry.Number
	return nil
}

// updateExternal is UpdateService for a service that ECS does not deploy: what
// belongs to a task set cannot be changed (API reference, UpdateService).
func (h *Handlers) updateExternal(svc *v1alpha1.ECSService, held types.Service, in *ecs.UpdateServiceInput) (map[string]any, error) {
	controller := controllerOf(held.DeploymentController)
	if err := checkUpdateExternal(controller, in); err != nil {
		return nil, err
	}
	settings := held
	settings.DeploymentConfiguration = completePercents(held.DeploymentConfiguration)
	if err := applyUpdate(&settings, in); err != nil {
		return nil, err
	}
	if err := h.updatedRebalancing(in.AvailabilityZoneRebalancing, &settings); err != nil {
		return nil, err
	}
	settings.DeploymentConfiguration = percentsAlone(settings.DeploymentConfiguration)
	return settingsChange(svc, held, settings, in.DesiredCount)
}

// checkUpdateExternal: the texts for CODE_DEPLOY are known for the task definition,
// the network, the load balancers and a deployment that is forced; the others, and
// those for EXTERNAL, follow them.
func checkUpdateExternal(controller types.DeploymentControllerType, in *ecs.UpdateServiceInput) error {
	instead := ""
	if controller == types.DeploymentControllerTypeCodeDeploy {
		instead = " Use AWS CodeDeploy to trigger a new deployment."
	}
	refuse := func(what string) error {
		return invalidParameter("%s on services with a %s deployment controller.%s", what, controller, instead)
	}
	switch {
	case in.TaskDefinition != nil:
		return refuse("Unable to update task definition")
	case in.NetworkConfiguration != nil:
		return refuse("Unable to update network parameters")
	case in.PlatformVersion != nil:
		return refuse("Unable to update platform version")
	case in.LoadBalancers != nil:
		return refuse("Unable to update load balancers")
	case in.ServiceRegistries != nil:
		return refuse("Unable to update service registries")
	case in.CapacityProviderStrategy != nil:
		return refuse("Unable to update capacity provider strategy")
	case in.VolumeConfigurations != nil:
		return refuse("Unable to update volume configurations")
	case in.Monitoring != nil:
		return refuse("Unable to update monitoring")
	case in.ServiceConnectConfiguration != nil && in.ServiceConnectConfiguration.Enabled:
		return invalidParameter("Service Connect is not supported with the %s deployment controller.", controller) // the text is chosen
	case in.ForceNewDeployment:
		return refuse("Cannot force a new deployment")
	}
	return checkDeployerConfiguration(controller, in.DeploymentConfiguration)
}

// percentsAlone is what ECS gives back of the configuration of a service that it
// does not deploy, as recorded.
func percentsAlone(config *types.DeploymentConfiguration) *types.DeploymentConfiguration {
	return &types.DeploymentConfiguration{MinimumHealthyPercent: config.MinimumHealthyPercent, MaximumPercent: config.MaximumPercent}
}

func completePercents(config *types.DeploymentConfiguration) *types.DeploymentConfiguration {
	complete := defaultsOf(types.SchedulingStrategyReplica)
	complete.MinimumHealthyPercent, complete.MaximumPercent = config.MinimumHealthyPercent, config.MaximumPercent
	return complete
}

// deploying says whether a service has task sets besides the primary one: it is
// deleted with them by force alone. The rule follows the one for deployments.
func deploying(svc *v1alpha1.ECSService) bool {
	for _, entry := range svc.Spec.Deployments {
		if entry.TaskSet != nil && translator.TaskSetStatus(svc, entry) == translator.TaskSetActive {
			return true
		}
	}
	return false
}
