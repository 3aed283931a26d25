package handlers

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/uuid"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn/partition"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// CreateExpressGatewayService makes a service of one container, with a task
// definition, a route and a scalable target of its own. What it is made of can be
// made again; the service commits. The same call again scales a service that a call
// which was cut has left without.
func (h *Handlers) CreateExpressGatewayService(ctx context.Context, in *ecs.CreateExpressGatewayServiceInput) (*ecs.CreateExpressGatewayServiceOutput, error) {
	if err := checkCreateExpress(in); err != nil {
		return nil, err
	}
	cluster, err := h.expressCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	name := aws.ToString(in.ServiceName)
	if name == "" {
		name = "express-" + uuid.NewString()[:8]
	}
	_, hash, err := creationIdentity(cluster, in, nil)
	if err != nil {
		return nil, err
	}
	old, err := h.findService(ctx, cluster, name)
	if err != nil {
		return nil, err
	}
	switch {
	case old == nil:
	case h.serviceStatus(old) == translator.ServiceDraining:
		return nil, serviceDraining()
	case h.serviceStatus(old) == translator.ServiceActive:
		return h.sameExpress(ctx, cluster, old, hash)
	}
	config := translator.CompleteExpress(types.ExpressGatewayServiceConfiguration{
		Cpu: in.Cpu, CpuArchitecture: in.CpuArchitecture, ExecutionRoleArn: in.ExecutionRoleArn, HealthCheckPath: in.HealthCheckPath,
		Memory: in.Memory, NetworkConfiguration: in.NetworkConfiguration, PrimaryContainer: in.PrimaryContainer,
		ScalingTarget: in.ScalingTarget, TaskRoleArn: in.TaskRoleArn,
	})
	if err := checkExpressScaling(config.ScalingTarget); err != nil {
		return nil, err
	}
	if err := h.defineExpress(ctx, cluster, name, in.TaskDefinitionArn, &config); err != nil {
		return nil, err
	}
	express, err := encodeExpress(in.InfrastructureRoleArn, config)
	if err != nil {
		return nil, err
	}
	request := expressService(cluster, name, in.Tags, config)
	if _, err := h.makeService(ctx, cluster, request, serviceOrigin{hash: hash, express: express}); err != nil {
		return nil, err
	}
	return h.finishExpress(ctx, cluster, name, config.ScalingTarget)
}

// finishExpress scales the service that has been made, and answers it.
func (h *Handlers) finishExpress(ctx context.Context, cluster *v1alpha1.Cluster, name string, target *types.ExpressGatewayScalingTarget) (*ecs.CreateExpressGatewayServiceOutput, error) {
	if err := h.scaleExpress(ctx, cluster, name, target); err != nil {
		return nil, err
	}
	svc, err := h.service(ctx, cluster, name)
	if err != nil {
		return nil, err
	}
	answer, err := h.expressAnswer(ctx, svc, true)
	return &ecs.CreateExpressGatewayServiceOutput{Service: answer}, err
}

// sameExpress finishes what the same call has begun. Anything else is not
// idempotent: the operation has no clientToken.
func (h *Handlers) sameExpress(ctx context.Context, cluster *v1alpha1.Cluster, old *v1alpha1.ECSService, hash string) (*ecs.CreateExpressGatewayServiceOutput, error) {
	if old.Spec.Express == nil || old.Spec.RequestHash != hash {
		return nil, serviceNotIdempotent()
	}
	scaled, err := h.expressScaled(ctx, old)
	if err != nil {
		return nil, err
	}
	if scaled {
		return nil, serviceNotIdempotent()
	}
	held, err := expressOf(old)
	if err != nil {
		return nil, err
	}
	return h.finishExpress(ctx, cluster, old.Spec.Name, held.ActiveConfigurations[0].ScalingTarget)
}

// expressCluster makes the default cluster where there is none (Developer Guide,
// Express services).
func (h *Handlers) expressCluster(ctx context.Context, given *string) (*v1alpha1.Cluster, error) {
	cluster, err := h.activeCluster(ctx, given)
	var missing *types.ClusterNotFoundException
	if !errors.As(err, &missing) || aws.ToString(given) != "" && *given != defaultCluster {
		return cluster, err
	}
	if _, err := h.CreateCluster(ctx, &ecs.CreateClusterInput{CapacityProviders: []string{"FARGATE"}}); err != nil {
		return nil, err
	}
	return h.activeCluster(ctx, given)
}

// encodeExpress is what the service keeps.
func encodeExpress(role *string, config types.ExpressGatewayServiceConfiguration) (*runtime.RawExtension, error) {
	data, err := awsjson.Marshal(&types.ECSExpressGatewayService{
		InfrastructureRoleArn: role, ActiveConfigurations: []types.ExpressGatewayServiceConfiguration{config},
	})
	if err != nil {
		return nil, fmt.Errorf("encode express service: %w", err)
	}
	return &runtime.RawExtension{Raw: data}, nil
}

// expressOf reads it.
func expressOf(svc *v1alpha1.ECSService) (types.ECSExpressGatewayService, error) {
	held := types.ECSExpressGatewayService{}
	if svc.Spec.Express == nil {
		return held, expressNotFound()
	}
	if err := awsjson.Unmarshal(svc.Spec.Express.Raw, &held); err != nil {
		return held, fmt.Errorf("decode express service %s: %w", svc.Name, err)
	}
	if len(held.ActiveConfigurations) == 0 {
		return held, fmt.Errorf("express service %s has no configuration", svc.Name)
	}
	return held, nil
}

// defineExpress registers the task definition, or reads what the caller's own
// comes to.
func (h *Handlers) defineExpress(ctx context.Context, cluster *v1alpha1.Cluster, name string, given *string, config *types.ExpressGatewayServiceConfiguration) error {
	if given == nil {
		registered, err := h.RegisterTaskDefinition(ctx, translator.ExpressDefinition(cluster.Spec.Name+"-"+name, cluster.Spec.Region, *config))
		if err != nil {
			return err
		}
		config.TaskDefinitionArn = registered.TaskDefinition.TaskDefinitionArn
		return nil
	}
	def, err := h.runnable(ctx, given, func() error { return clientError("TaskDefinition is inactive") })
	if err != nil {
		return err
	}
	return configureFrom(config, def.TaskDefinition)
}

// expressService is the service that an Express service is.
func expressService(cluster *v1alpha1.Cluster, name string, tags []types.Tag, config types.ExpressGatewayServiceConfiguration) *ecs.CreateServiceInput {
	return &ecs.CreateServiceInput{
		ServiceName: aws.String(name), TaskDefinition: config.TaskDefinitionArn, LaunchType: types.LaunchTypeFargate, Tags: tags,
		DesiredCount: config.ScalingTarget.MinTaskCount, NetworkConfiguration: expressNetwork(config.NetworkConfiguration),
		DeploymentConfiguration: expressDeployment(),
		LoadBalancers: []types.LoadBalancer{{
			TargetGroupArn: aws.String(expressTargetGroup(cluster.Spec.Identity, cluster.Spec.Name, name)), ContainerName: aws.String(translator.ExpressContainer),
			ContainerPort: config.PrimaryContainer.ContainerPort,
		}},
	}
}

// expressDeployment is how an Express service is updated (Developer Guide, Express
// service updates: a canary of five percent, and three minutes for it and for the
// whole). The alarm that ECS adds is not there: no CloudWatch is.
func expressDeployment() *types.DeploymentConfiguration {
	return &types.DeploymentConfiguration{
		Strategy: types.DeploymentStrategyCanary, BakeTimeInMinutes: aws.Int32(3),
		CanaryConfiguration: &types.CanaryConfiguration{CanaryPercent: aws.Float64(5), CanaryBakeTimeInMinutes: aws.Int32(3)},
	}
}

// expressTargetGroup is the ARN of the target group that ECS would make; its
// Service has its name.
func expressTargetGroup(id v1alpha1.Identity, cluster, name string) string {
	sum := kube.Hash("express", cluster, name)
	return "arn:" + partition.Of(id.Region) + ":elasticloadbalancing:" + id.Region + ":" + id.Account + ":targetgroup/ecs-gateway-tg-" + sum[:16] + "/" + sum[16:32]
}

// expressNetwork: a cluster has no default VPC; where no subnet is named, the
// name that stands for its own is.
func expressNetwork(given *types.ExpressGatewayServiceNetworkConfiguration) *types.NetworkConfiguration {
	vpc := &types.AwsVpcConfiguration{Subnets: []string{"default"}}
	if given != nil {
		vpc.SecurityGroups = given.SecurityGroups
		if len(given.Subnets) > 0 {
			vpc.Subnets = given.Subnets
		}
	}
	return &types.NetworkConfiguration{AwsvpcConfiguration: vpc}
}
