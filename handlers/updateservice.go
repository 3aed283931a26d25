package handlers

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// UpdateService changes the members that are given; what a revision is made of
// starts a new deployment if it differs, and forceNewDeployment starts one in
// any case (API reference, UpdateService).
func (h *Handlers) UpdateService(ctx context.Context, in *ecs.UpdateServiceInput) (*ecs.UpdateServiceOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	name, err := serviceName(cluster, aws.ToString(in.Service))
	if err != nil {
		return nil, err
	}
	if err := checkUpdateService(in); err != nil {
		return nil, err
	}
	svc, err := h.service(ctx, cluster, name)
	if err != nil {
		return nil, err
	}
	last := svc.Spec.LastDeployment
	err = h.changeService(ctx, &svc, func(current *v1alpha1.ECSService) (kube.Fields, error) {
		return h.updateSpec(ctx, cluster, current, in)
	})
	if err != nil {
		return nil, err
	}
	answer, err := h.answerAfter(ctx, svc, last)
	return &ecs.UpdateServiceOutput{Service: answer}, err
}

func checkUpdateService(in *ecs.UpdateServiceInput) error {
	if in.DesiredCount != nil && *in.DesiredCount < 0 {
		return invalidParameter("DesiredCount can not be lesser than 0")
	}
	if in.DesiredCount != nil && *in.DesiredCount > maxTasksPerService {
		return invalidParameter("Task count can not be greater than %d", maxTasksPerService) // the text is chosen
	}
	return checkServiceMembers(givenToUpdateService(in))
}

// updateSpec decides on one version of the service; nil is no change.
func (h *Handlers) updateSpec(ctx context.Context, cluster *v1alpha1.Cluster, svc *v1alpha1.ECSService, in *ecs.UpdateServiceInput) (map[string]any, error) {
	if svc.Spec.DeletedAt != nil {
		return nil, serviceNotActive()
	}
	held, err := translator.ServiceSettings(svc)
	if err != nil {
		return nil, err
	}
	if in.DeploymentController != nil && in.DeploymentController.Type != controllerOf(held.DeploymentController) {
		return nil, unsupported("/deploymentController", "Gantry does not change a service's deployment controller yet")
	}
	if translator.UsesTaskSets(&held) {
		return h.updateExternal(svc, held, in)
	}
	if err := checkUpdateOfDaemon(held.SchedulingStrategy, in); err != nil {
		return nil, err
	}
	settings := held
	if err := applyUpdate(&settings, in); err != nil {
		return nil, err
	}
	if err := h.updatedRebalancing(in.AvailabilityZoneRebalancing, &settings); err != nil {
		return nil, err
	}
	current, err := h.primaryInputs(ctx, svc)
	if err != nil {
		return nil, err
	}
	if err := h.checkUpdateRole(ctx, current, &settings, in); err != nil {
		return nil, err
	}
	if err := h.checkUpdatedPlacement(ctx, current, &settings, in); err != nil {
		return nil, err
	}
	deployment := map[string]any{}
	if err := h.addDeployment(ctx, update{cluster: cluster, svc: svc, current: current, settings: &settings, in: in}, deployment); err != nil {
		return nil, err
	}
	change, err := settingsChange(svc, held, settings, in.DesiredCount)
	if err != nil || len(deployment) == 0 {
		return change, err
	}
	maps.Copy(deployment, change)
	return deployment, nil
}

// checkUpdateOfDaemon refuses what a DAEMON service cannot have.
func checkUpdateOfDaemon(strategy types.SchedulingStrategy, in *ecs.UpdateServiceInput) error {
	switch {
	case strategy != types.SchedulingStrategyDaemon:
		return nil
	case in.DesiredCount != nil:
		return daemonCount()
	case len(in.PlacementStrategy) > 0:
		return daemonStrategy()
	case len(in.CapacityProviderStrategy) > 0:
		return daemonFargate()
	}
	return checkDaemonPercent(in.DeploymentConfiguration)
}

// settingsChange is how the service's own members change; nil where none does.
func settingsChange(svc *v1alpha1.ECSService, held, settings types.Service, desiredCount *int32) (map[string]any, error) {
	change := map[string]any{}
	if !reflect.DeepEqual(held, settings) {
		data, err := awsjson.Marshal(&settings)
		if err != nil {
			return nil, fmt.Errorf("encode service %s: %w", svc.Spec.Name, err)
		}
		change["definition"] = replaced(svc.Spec.Definition.Raw, data)
		change["minimumHealthyPercent"] = *settings.DeploymentConfiguration.MinimumHealthyPercent
		change["maximumPercent"] = *settings.DeploymentConfiguration.MaximumPercent
		change["healthCheckGracePeriodSeconds"] = aws.ToInt32(settings.HealthCheckGracePeriodSeconds)
	}
	if desiredCount != nil && *desiredCount != svc.Spec.DesiredCount {
		change["desiredCount"] = *desiredCount
	}
	if len(change) == 0 {
		return nil, nil
	}
	return change, nil
}

// applyUpdate sets the members that were given; the others stay.
func applyUpdate(settings *types.Service, in *ecs.UpdateServiceInput) error {
	config, err := deploymentConfiguration(in.DeploymentConfiguration, settings.DeploymentConfiguration)
	if err != nil {
		return err
	}
	settings.DeploymentConfiguration = config
	if in.NetworkConfiguration != nil {
		settings.NetworkConfiguration = completeNetwork(in.NetworkConfiguration)
	}
	if in.LoadBalancers != nil {
		settings.LoadBalancers = in.LoadBalancers
	}
	if err := checkUpdatedAdvanced(settings, in); err != nil {
		return err
	}
	if in.ServiceRegistries != nil {
		settings.ServiceRegistries = in.ServiceRegistries
	}
	if in.PlatformVersion != nil {
		settings.PlatformVersion = in.PlatformVersion
	}
	if err := applyProviders(settings, in); err != nil {
		return err
	}
	// An empty list takes away what there is (API reference, UpdateService).
	if in.PlacementConstraints != nil {
		settings.PlacementConstraints = in.PlacementConstraints
	}
	if in.PlacementStrategy != nil {
		settings.PlacementStrategy = answeredStrategy(in.PlacementStrategy)
	}
	if in.EnableECSManagedTags != nil {
		settings.EnableECSManagedTags = *in.EnableECSManagedTags
	}
	if in.EnableExecuteCommand != nil {
		settings.EnableExecuteCommand = *in.EnableExecuteCommand
	}
	if in.PropagateTags != "" {
		settings.PropagateTags = in.PropagateTags
	}
	if in.HealthCheckGracePeriodSeconds != nil {
		settings.HealthCheckGracePeriodSeconds = in.HealthCheckGracePeriodSeconds
	}
	return nil
}

// applyProviders changes the capacity provider strategy, which needs a new
// deployment that is asked for. The empty list goes back to the launch type: here
// to FARGATE, the one of all providers that there are.
func applyProviders(settings *types.Service, in *ecs.UpdateServiceInput) error {
	switch {
	case in.CapacityProviderStrategy == nil || sameList(settings.CapacityProviderStrategy, in.CapacityProviderStrategy):
		return nil
	case !in.ForceNewDeployment:
		return providersNeedDeployment()
	case len(in.CapacityProviderStrategy) == 0:
		settings.LaunchType = translator.LaunchTypeOf(settings)
		settings.CapacityProviderStrategy = nil
	default:
		settings.LaunchType, settings.CapacityProviderStrategy = "", in.CapacityProviderStrategy
	}
	return nil
}

// checkUpdateRole refuses to enable commands for tasks without a role, and to
// take the role from tasks in which they are enabled. A definition that is not
// there is refused where a deployment needs it.
func (h *Handlers) checkUpdateRole(ctx context.Context, current types.ServiceRevision, settings *types.Service, in *ecs.UpdateServiceInput) error {
	if !settings.EnableExecuteCommand || in.EnableExecuteCommand == nil && in.TaskDefinition == nil {
		return nil
	}
	given := current.TaskDefinition
	if in.TaskDefinition != nil {
		given = in.TaskDefinition
	}
	if aws.ToString(given) == "" {
		return nil
	}
	def, err := h.definition(ctx, *given)
	if err != nil || def == nil || hasTaskRole(def.TaskDefinition, nil) {
		return err
	}
	return updateWithoutTaskRole()
}

// update is one UpdateService call on one version of the service.
type update struct {
	cluster *v1alpha1.Cluster
	svc     *v1alpha1.ECSService
	// current are the inputs of the revision that runs, settings the service's
	// members after the call.
	current  types.ServiceRevision
	settings *types.Service
	in       *ecs.UpdateServiceInput
}

// volumes are those of the call, or those that run; an empty list is none.
func (u update) volumes() []types.ServiceVolumeConfiguration {
	if u.in.VolumeConfigurations != nil {
		return nilIfEmpty(u.in.VolumeConfigurations)
	}
	return u.current.VolumeConfigurations
}

func (u update) monitoring() *types.MonitoringConfiguration {
	if u.in.Monitoring != nil {
		return u.in.Monitoring
	}
	return u.current.Monitoring
}

// connectGiven is the call's Service Connect configuration, or that which runs.
func (u update) connectGiven() *types.ServiceConnectConfiguration {
	if u.in.ServiceConnectConfiguration != nil {
		return u.in.ServiceConnectConfiguration
	}
	return u.current.ServiceConnectConfiguration
}

// addDeployment adds a deployment to the change where the call asks for one.
func (h *Handlers) addDeployment(ctx context.Context, u update, change map[string]any) error {
	if !asksForDeployment(u.in) || u.in.TaskDefinition == nil && u.current.TaskDefinition == nil {
		return nil
	}
	def, err := h.updatedDefinition(ctx, u)
	if err != nil {
		return err
	}
	l, err := h.resolveLaunch(u.cluster, launchRequest{
		launchType: u.settings.LaunchType, strategy: u.settings.CapacityProviderStrategy,
		platformVersion: u.settings.PlatformVersion, network: u.settings.NetworkConfiguration,
		placement: placementOf(u.settings),
	}, def.TaskDefinition)
	if err != nil {
		return err
	}
	if l.launchType == types.LaunchTypeFargate { // it may have come from EC2
		u.settings.PlatformVersion, u.settings.PlatformFamily = aws.String(l.platformVersion), aws.String("Linux")
	}
	connect, err := h.resolveConnect(u.cluster, u.connectGiven())
	if err != nil {
		return err
	}
	routing, volumes, monitoring := routingOf(u.settings, connect), u.volumes(), u.monitoring()
	same := sameInputs(u.current, def, l, u.settings) && sameRouting(u.current, routing) &&
		sameList(u.current.VolumeConfigurations, volumes) && reflect.DeepEqual(u.current.Monitoring, monitoring)
	if same && !u.in.ForceNewDeployment {
		return nil
	}
	revision, routes, err := h.makeRevision(ctx, revisionRequest{
		cluster: u.cluster, name: u.svc.Spec.Name, definition: def, launch: l,
		network: u.settings.NetworkConfiguration, volumes: volumes, monitoring: monitoring, routing: routing, settings: u.settings,
	})
	if err != nil {
		return err
	}
	number := u.svc.Spec.LastDeployment + 1
	change["lastDeployment"] = number
	change["connect"] = connectFields(connectSpec(connect, routes))
	change["deployments"] = append(slices.Clone(u.svc.Spec.Deployments), v1alpha1.DeploymentEntry{
		Number: number, Revision: revision, RevisionNumber: number, RequestedAt: metav1.NewMicroTime(h.now()),
	})
	return nil
}

// updatedDefinition is the one that the call names, or the one that runs: a
// service goes on with a definition that was deregistered since.
func (h *Handlers) updatedDefinition(ctx context.Context, u update) (*definition, error) {
	if u.in.TaskDefinition != nil {
		return h.runnable(ctx, u.in.TaskDefinition, func() error { return clientError("TaskDefinition is inactive") })
	}
	def, err := h.definition(ctx, *u.current.TaskDefinition)
	if err == nil && def == nil {
		err = definitionNotFound()
	}
	return def, err
}

// asksForDeployment says whether the call names anything that a revision is made of.
func asksForDeployment(in *ecs.UpdateServiceInput) bool {
	return in.ForceNewDeployment || in.TaskDefinition != nil || in.NetworkConfiguration != nil || in.PlatformVersion != nil ||
		in.LoadBalancers != nil || in.ServiceRegistries != nil || in.ServiceConnectConfiguration != nil || in.VolumeConfigurations != nil || in.Monitoring != nil
}

func sameInputs(current types.ServiceRevision, def *definition, l launch, settings *types.Service) bool {
	samePlatform := l.launchType != types.LaunchTypeFargate || aws.ToString(current.PlatformVersion) == l.resolvedPlatform()
	return aws.ToString(current.TaskDefinition) == aws.ToString(def.TaskDefinitionArn) && samePlatform &&
		reflect.DeepEqual(current.NetworkConfiguration, settings.NetworkConfiguration)
}

// primaryInputs are the inputs of the revision that the newest deployment runs.
func (h *Handlers) primaryInputs(ctx context.Context, svc *v1alpha1.ECSService) (types.ServiceRevision, error) {
	if len(svc.Spec.Deployments) == 0 { // somebody has taken them out: the next is unlike any
		return types.ServiceRevision{}, nil
	}
	entry := svc.Spec.Deployments[len(svc.Spec.Deployments)-1]
	revision, found, err := h.store.Revisions.Find(ctx, svc.Namespace, entry.Revision)
	if err != nil || !found { // somebody deleted it: the controller makes it again
		return types.ServiceRevision{}, err
	}
	return translator.RevisionInputs(revision)
}

// checkUpdatedAdvanced looks at what the service comes to, where the call changes
// one of the two. An Express service's target groups are ECS's own.
func checkUpdatedAdvanced(settings *types.Service, in *ecs.UpdateServiceInput) error {
	changed := in.LoadBalancers != nil || in.DeploymentConfiguration != nil && in.DeploymentConfiguration.Strategy != ""
	if !changed || settings.ResourceManagementType == types.ResourceManagementTypeEcs {
		return nil
	}
	return checkAdvanced(settings.DeploymentConfiguration, settings.LoadBalancers)
}
