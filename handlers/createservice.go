package handlers

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// CreateService writes the revision and commits with the service: one object
// that says what should run. The controller does the rest.
func (h *Handlers) CreateService(ctx context.Context, in *ecs.CreateServiceInput) (*ecs.CreateServiceOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := checkCreateService(in); err != nil {
		return nil, err
	}
	request := *in
	request.ClientToken = nil
	token, hash, err := creationIdentity(cluster, &request, in.ClientToken)
	if err != nil {
		return nil, err
	}
	old, err := h.findService(ctx, cluster, *in.ServiceName)
	if err != nil {
		return nil, err
	}
	if old != nil {
		switch h.serviceStatus(old) {
		case translator.ServiceDraining:
			return nil, serviceDraining()
		case translator.ServiceActive:
			return h.sameService(ctx, old, token, hash)
		}
	}
	return h.makeService(ctx, cluster, in, serviceOrigin{token: token, hash: hash})
}

// serviceOrigin is what a new service keeps of the call that made it.
type serviceOrigin struct {
	token, hash string
	// express is what CreateExpressGatewayService was asked for.
	express *runtime.RawExtension
}

// creationIdentity is what tells a retry from another request, which is given
// without its clientToken.
func creationIdentity(cluster *v1alpha1.Cluster, request any, clientToken *string) (token, hash string, err error) {
	data, err := awsjson.Marshal(request)
	if err != nil {
		return "", "", fmt.Errorf("encode request: %w", err)
	}
	if t := aws.ToString(clientToken); t != "" {
		token = kube.Hash(cluster.Spec.Account, cluster.Spec.Region, cluster.Spec.Name, t)[:40]
	}
	return token, kube.Hash(string(data))[:40], nil
}

// sameService answers the service that the same call has made before; anything
// else is not idempotent.
func (h *Handlers) sameService(ctx context.Context, svc *v1alpha1.ECSService, token, hash string) (*ecs.CreateServiceOutput, error) {
	if token == "" || svc.Spec.Token != token || svc.Spec.RequestHash != hash {
		return nil, serviceNotIdempotent()
	}
	answer, err := h.serviceAnswer(ctx, svc)
	return &ecs.CreateServiceOutput{Service: answer}, err
}

func (h *Handlers) makeService(ctx context.Context, cluster *v1alpha1.Cluster, in *ecs.CreateServiceInput, origin serviceOrigin) (*ecs.CreateServiceOutput, error) {
	if controllerOf(in.DeploymentController) == types.DeploymentControllerTypeExternal {
		return h.makeExternalService(ctx, cluster, in, origin)
	}
	def, l, err := h.serviceLaunch(ctx, cluster, in.TaskDefinition, in.EnableExecuteCommand, launchRequest{
		launchType: in.LaunchType, strategy: in.CapacityProviderStrategy,
		platformVersion: in.PlatformVersion, network: in.NetworkConfiguration,
		placement:  placement{constraints: in.PlacementConstraints, strategy: in.PlacementStrategy},
		scheduling: in.SchedulingStrategy,
	})
	if err != nil {
		return nil, err
	}
	settings, err := newServiceSettings(cluster, in, l, def.TaskDefinition)
	if err != nil {
		return nil, err
	}
	if settings.AvailabilityZoneRebalancing, err = h.newRebalancing(in.AvailabilityZoneRebalancing, settings); err != nil {
		return nil, err
	}
	if origin.express != nil {
		settings.ResourceManagementType = types.ResourceManagementTypeEcs
	}
	connect, err := h.resolveConnect(cluster, in.ServiceConnectConfiguration)
	if err != nil {
		return nil, err
	}
	revision, routes, err := h.makeRevision(ctx, revisionRequest{
		cluster: cluster, name: *in.ServiceName, definition: def, launch: l, network: settings.NetworkConfiguration,
		volumes: nilIfEmpty(in.VolumeConfigurations), monitoring: in.Monitoring, routing: routingOf(settings, connect), settings: settings,
	})
	if err != nil {
		return nil, err
	}
	spec, err := h.newServiceSpec(ctx, cluster, in, settings, origin)
	if err != nil {
		return nil, err
	}
	spec.LastDeployment, spec.Connect = 1, connectSpec(connect, routes)
	spec.Deployments = []v1alpha1.DeploymentEntry{{Number: 1, Revision: revision, RevisionNumber: 1, RequestedAt: spec.CreatedAt}}
	if translator.UsesTaskSets(settings) {
		if err := firstTaskSet(&spec, settings, l, def); err != nil {
			return nil, err
		}
	}
	return h.commitService(ctx, cluster, spec)
}

// serviceLaunch decides what a new service's or task set's tasks run, and where.
func (h *Handlers) serviceLaunch(ctx context.Context, cluster *v1alpha1.Cluster, name *string, execute bool, req launchRequest) (*definition, launch, error) {
	def, err := h.runnable(ctx, name, func() error { return clientError("TaskDefinition is inactive") })
	if err != nil {
		return nil, launch{}, err
	}
	if execute && !hasTaskRole(def.TaskDefinition, nil) {
		return nil, launch{}, createWithoutTaskRole()
	}
	l, err := h.resolveLaunch(cluster, req, def.TaskDefinition)
	return def, l, err
}

// newServiceSpec is what a new service is but for its deployments.
func (h *Handlers) newServiceSpec(ctx context.Context, cluster *v1alpha1.Cluster, in *ecs.CreateServiceInput, settings *types.Service, origin serviceOrigin) (v1alpha1.ECSServiceSpec, error) {
	data, err := awsjson.Marshal(settings)
	if err != nil {
		return v1alpha1.ECSServiceSpec{}, fmt.Errorf("encode service %s: %w", *in.ServiceName, err)
	}
	return v1alpha1.ECSServiceSpec{
		Identity: cluster.Spec.Identity, Cluster: cluster.Spec.Name, Name: *in.ServiceName,
		CreatedAt: metav1.NewMicroTime(h.now()), CreatedBy: arn.Root(identity(ctx)),
		SchedulingStrategy: string(settings.SchedulingStrategy), DesiredCount: aws.ToInt32(in.DesiredCount), Definition: runtime.RawExtension{Raw: data},
		MinimumHealthyPercent:         *settings.DeploymentConfiguration.MinimumHealthyPercent,
		MaximumPercent:                *settings.DeploymentConfiguration.MaximumPercent,
		HealthCheckGracePeriodSeconds: *settings.HealthCheckGracePeriodSeconds,
		Token:                         origin.token, RequestHash: origin.hash, Express: origin.express,
	}, nil
}

// newServiceSettings are the members of ECS's Service that are kept, with the
// defaults that ECS fills in (recorded CreateService answers).
func newServiceSettings(cluster *v1alpha1.Cluster, in *ecs.CreateServiceInput, l launch, def *types.TaskDefinition) (*types.Service, error) {
	config, err := deploymentConfiguration(in.DeploymentConfiguration, defaultsOf(in.SchedulingStrategy))
	if err != nil {
		return nil, err
	}
	settings := &types.Service{
		DeploymentConfiguration: config, DeploymentController: &types.DeploymentController{Type: controllerOf(in.DeploymentController)},
		EnableECSManagedTags: in.EnableECSManagedTags, EnableExecuteCommand: in.EnableExecuteCommand,
		HealthCheckGracePeriodSeconds: in.HealthCheckGracePeriodSeconds,
		LoadBalancers:                 emptyIfNil(in.LoadBalancers), ServiceRegistries: emptyIfNil(in.ServiceRegistries),
		PlacementConstraints: emptyIfNil(in.PlacementConstraints), PlacementStrategy: answeredStrategy(in.PlacementStrategy),
		PropagateTags: in.PropagateTags, SchedulingStrategy: types.SchedulingStrategyReplica,
		ResourceManagementType: types.ResourceManagementTypeCustomer, Tags: emptyIfNil(in.Tags),
		NetworkConfiguration: completeNetwork(in.NetworkConfiguration),
	}
	if in.SchedulingStrategy != "" {
		settings.SchedulingStrategy = in.SchedulingStrategy
	}
	if settings.PropagateTags == "" {
		settings.PropagateTags = types.PropagateTagsNone
	}
	if translator.UsesTaskSets(settings) {
		settings.DeploymentConfiguration = percentsAlone(config)
	}
	if settings.HealthCheckGracePeriodSeconds == nil {
		settings.HealthCheckGracePeriodSeconds = aws.Int32(0)
	}
	if len(l.strategy) > 0 {
		settings.CapacityProviderStrategy = l.strategy
	} else {
		settings.LaunchType = l.launchType
	}
	if l.launchType == types.LaunchTypeFargate {
		settings.PlatformVersion, settings.PlatformFamily = aws.String(l.platformVersion), aws.String("Linux")
	}
	if err := checkRole(in.Role, settings, def); err != nil {
		return nil, err
	}
	switch {
	case aws.ToString(in.Role) != "":
		settings.RoleArn = aws.String(arn.Role(cluster.Spec.Identity, *in.Role))
	case def.NetworkMode == types.NetworkModeAwsvpc || len(in.LoadBalancers) > 0 || len(in.ServiceRegistries) > 0 || translator.UsesTaskSets(settings):
		settings.RoleArn = aws.String(arn.ServiceLinkedRole(cluster.Spec.Identity))
	}
	return settings, nil
}

// completeNetwork fills in what ECS does: no public address, no security groups.
// A structure without members is left out of answers: Terraform's provider fails on it.
func completeNetwork(given *types.NetworkConfiguration) *types.NetworkConfiguration {
	if given == nil || given.AwsvpcConfiguration == nil {
		return nil
	}
	vpc := *given.AwsvpcConfiguration
	vpc.SecurityGroups = emptyIfNil(vpc.SecurityGroups)
	if vpc.AssignPublicIp == "" {
		vpc.AssignPublicIp = types.AssignPublicIpDisabled
	}
	return &types.NetworkConfiguration{AwsvpcConfiguration: &vpc}
}

// commitService creates the service, or makes an INACTIVE one of the same name
// the next incarnation: numbers of deployments go on, so that no id comes twice.
func (h *Handlers) commitService(ctx context.Context, cluster *v1alpha1.Cluster, spec v1alpha1.ECSServiceSpec) (*ecs.CreateServiceOutput, error) {
	object := kube.ServiceName(cluster, spec.Name)
	svc := &v1alpha1.ECSService{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: cluster.Spec.Namespace, Name: object,
			Labels: map[string]string{
				v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.ClusterLabel: cluster.Name, v1alpha1.ServiceLabel: object,
			},
		},
		Spec: spec,
	}
	err := h.store.Services.Create(ctx, svc)
	if apierrors.IsAlreadyExists(err) {
		return h.reviveService(ctx, cluster, spec)
	}
	if err != nil {
		return nil, fromKubernetes(err)
	}
	answer, err := h.answerAfter(ctx, svc, 0)
	return &ecs.CreateServiceOutput{Service: answer}, err
}

func (h *Handlers) reviveService(ctx context.Context, cluster *v1alpha1.Cluster, spec v1alpha1.ECSServiceSpec) (*ecs.CreateServiceOutput, error) {
	svc, found, err := h.store.Services.Live(ctx, cluster.Spec.Namespace, kube.ServiceName(cluster, spec.Name))
	if err != nil {
		return nil, err
	}
	removed := func() error {
		return fmt.Errorf("service %s exists and does not: it was removed meanwhile", spec.Name)
	}
	if !found {
		return nil, removed()
	}
	another := false // another call has made it meanwhile
	err = changeSpec(ctx, h.store.Services, &svc, removed, func(old *v1alpha1.ECSService) (kube.Fields, error) {
		if another = old.Spec.DeletedAt == nil; another {
			return nil, nil
		}
		return nextIncarnation(old, spec), nil
	})
	if err != nil {
		return nil, err
	}
	if another {
		return h.sameService(ctx, svc, spec.Token, spec.RequestHash)
	}
	answer, err := h.answerAfter(ctx, svc, svc.Spec.LastDeployment-1)
	return &ecs.CreateServiceOutput{Service: answer}, err
}

// nextIncarnation are the members of an INACTIVE service's spec that a new one has
// of its own.
func nextIncarnation(old *v1alpha1.ECSService, spec v1alpha1.ECSServiceSpec) kube.Fields {
	number := old.Spec.LastDeployment + spec.LastDeployment // one more, or as many if it has none yet
	entries := slices.Clone(spec.Deployments)
	for i := range entries {
		entries[i].Number, entries[i].RevisionNumber = number, number
	}
	if spec.PrimaryTaskSet != 0 {
		spec.PrimaryTaskSet = number
	}
	return kube.Fields{
		"createdAt": spec.CreatedAt, "createdBy": spec.CreatedBy, "deletedAt": nil,
		"schedulingStrategy": spec.SchedulingStrategy, "desiredCount": spec.DesiredCount, "definition": replaced(old.Spec.Definition.Raw, spec.Definition.Raw),
		"minimumHealthyPercent": spec.MinimumHealthyPercent, "maximumPercent": spec.MaximumPercent,
		"healthCheckGracePeriodSeconds": spec.HealthCheckGracePeriodSeconds,
		"connect":                       connectFields(spec.Connect),
		"token":                         spec.Token, "requestHash": spec.RequestHash, "express": spec.Express,
		"lastDeployment": number, "deployments": entries, "primaryTaskSet": spec.PrimaryTaskSet,
	}
}
