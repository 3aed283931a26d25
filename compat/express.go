package compat

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func expressCases() []Case {
	return []Case{
		{
			Name: "express/create", Operations: []string{"CreateExpressGatewayService", "DescribeExpressGatewayService"},
			Description: "an Express service is an ordinary one with a task definition, a route and a scalable target of its own; defaults are filled in",
			Source:      "API reference, CreateExpressGatewayService",
			Run:         expressCreate,
		},
		{
			Name: "express/update", Operations: []string{"UpdateExpressGatewayService"},
			Description: "members that are given change and the others stay; a new deployment begins",
			Source:      "API reference, UpdateExpressGatewayService",
			Run:         expressUpdate,
		},
		{
			Name: "express/delete", Operations: []string{"DeleteExpressGatewayService", "DescribeExpressGatewayService"},
			Description: "a deleted service is DRAINING, then INACTIVE, and is not changed any more",
			Source:      "API reference, DeleteExpressGatewayService; Terraform AWS provider, express_gateway_service.go",
			Run:         expressDelete,
		},
		{
			Name: "express/refused", Operations: []string{"CreateExpressGatewayService", "DescribeExpressGatewayService"},
			Description: "a service without an image, a path without a slash and an unknown service are refused",
			Source:      "API reference, CreateExpressGatewayService",
			Run:         expressRefused,
		},
	}
}

func (t *T) expressInput(cluster string) *ecs.CreateExpressGatewayServiceInput {
	return &ecs.CreateExpressGatewayServiceInput{
		Cluster: &cluster, ServiceName: aws.String("web"), InfrastructureRoleArn: aws.String("arn:aws:iam::000000000000:role/infrastructure"),
		ExecutionRoleArn: aws.String("arn:aws:iam::000000000000:role/execution"),
		PrimaryContainer: &types.ExpressGatewayContainer{Image: aws.String(t.Image("web"))},
	}
}

func (t *T) anExpress() (cluster string, service *types.ECSExpressGatewayService) {
	cluster = t.Cluster("c")
	out, err := t.ECS.CreateExpressGatewayService(t.ctx, t.expressInput(cluster))
	t.OK(err, "CreateExpressGatewayService")
	t.deleteAfter(cluster, "web")
	t.Cleanup(func(ctx context.Context) {
		_, _ = t.ECS.DeleteExpressGatewayService(ctx, &ecs.DeleteExpressGatewayServiceInput{ServiceArn: out.Service.ServiceArn})
	})
	return cluster, out.Service
}

func (t *T) describeExpress(arn *string) *types.ECSExpressGatewayService {
	out, err := t.ECS.DescribeExpressGatewayService(t.ctx, &ecs.DescribeExpressGatewayServiceInput{ServiceArn: arn})
	t.OK(err, "DescribeExpressGatewayService")
	return out.Service
}

func expressCreate(t *T) {
	cluster, service := t.anExpress()
	t.True(strings.HasSuffix(aws.ToString(service.ServiceArn), ":service/"+cluster+"/web"), "serviceArn ends with cluster and name")
	t.Equal("status", service.Status.StatusCode, "ACTIVE")
	t.Equal("activeConfigurations", len(service.ActiveConfigurations), 1)
	config := t.describeExpress(service.ServiceArn).ActiveConfigurations[0]
	t.Equal("cpu", config.Cpu, "256")
	t.Equal("memory", config.Memory, "512")
	t.Equal("containerPort", config.PrimaryContainer.ContainerPort, 80)
	t.Equal("healthCheckPath", config.HealthCheckPath, "/ping")
	t.Equal("autoScalingMetric", config.ScalingTarget.AutoScalingMetric, "AVERAGE_CPU")
	t.Equal("autoScalingTargetValue", config.ScalingTarget.AutoScalingTargetValue, 60)
	t.True(len(config.IngressPaths) == 1 && aws.ToString(config.IngressPaths[0].Endpoint) != "", "there is a way in")

	ordinary := t.describeService(cluster, "web")
	t.Equal("resourceManagementType", ordinary.ResourceManagementType, "ECS")
	t.Equal("taskDefinition", ordinary.TaskDefinition, config.TaskDefinitionArn)
	t.Equal("loadBalancers", len(ordinary.LoadBalancers), 1)
	for kind, want := range map[types.ResourceManagementType]int{types.ResourceManagementTypeEcs: 1, types.ResourceManagementTypeCustomer: 0} {
		list, err := t.ECS.ListServices(t.ctx, &ecs.ListServicesInput{Cluster: &cluster, ResourceManagementType: kind})
		t.OK(err, "ListServices")
		t.Equal("services of type "+string(kind), len(list.ServiceArns), want)
	}
	def := t.describeDefinition(aws.ToString(config.TaskDefinitionArn))
	t.Equal("the container", def.ContainerDefinitions[0].Name, "Main")
	_, err := t.ECS.CreateExpressGatewayService(t.ctx, t.expressInput(cluster))
	t.Error(err, "CreateExpressGatewayService of the same name", "InvalidParameterException", "Creation of service was not idempotent.")
}

func expressUpdate(t *T) {
	cluster, service := t.anExpress()
	before := t.describeService(cluster, "web")
	out, err := t.ECS.UpdateExpressGatewayService(t.ctx, &ecs.UpdateExpressGatewayServiceInput{
		ServiceArn: service.ServiceArn, Memory: aws.String("1024"),
		ScalingTarget: &types.ExpressGatewayScalingTarget{MaxTaskCount: aws.Int32(5)},
	})
	t.OK(err, "UpdateExpressGatewayService")
	target := out.Service.TargetConfiguration
	t.Equal("memory", target.Memory, "1024")
	t.Equal("cpu, which was not given", target.Cpu, "256")
	t.Equal("maxTaskCount", target.ScalingTarget.MaxTaskCount, 5)
	t.Equal("minTaskCount, which was not given", target.ScalingTarget.MinTaskCount, 1)
	after := t.describeService(cluster, "web")
	t.True(aws.ToString(after.TaskDefinition) != aws.ToString(before.TaskDefinition), "the service runs a new task definition")
	t.Equal("taskDefinition", after.TaskDefinition, target.TaskDefinitionArn)
}

func expressDelete(t *T) {
	cluster, service := t.anExpress()
	out, err := t.ECS.DeleteExpressGatewayService(t.ctx, &ecs.DeleteExpressGatewayServiceInput{ServiceArn: service.ServiceArn})
	t.OK(err, "DeleteExpressGatewayService")
	t.Equal("status", out.Service.Status.StatusCode, "DRAINING")
	t.servicesInactive(cluster, "web")
	t.Equal("status in the end", t.describeExpress(service.ServiceArn).Status.StatusCode, "INACTIVE")
	_, err = t.ECS.UpdateExpressGatewayService(t.ctx, &ecs.UpdateExpressGatewayServiceInput{ServiceArn: service.ServiceArn, Memory: aws.String("1024")})
	t.Error(err, "UpdateExpressGatewayService of a deleted one", "ServiceNotActiveException", "Cannot perform this operation on a service in INACTIVE status")
}

func expressRefused(t *T) {
	cluster := t.Cluster("c")
	in := t.expressInput(cluster)
	in.HealthCheckPath = aws.String("ping")
	_, err := t.ECS.CreateExpressGatewayService(t.ctx, in)
	t.Error(err, "CreateExpressGatewayService with a path without a slash", "InvalidParameterException", anyText)
	in = t.expressInput(cluster)
	in.TaskDefinitionArn = aws.String("app:1")
	_, err = t.ECS.CreateExpressGatewayService(t.ctx, in)
	t.Error(err, "CreateExpressGatewayService with a definition and a container", "InvalidParameterException", anyText)
	arn := strings.Replace(aws.ToString(t.describeCluster(cluster).ClusterArn), ":cluster/", ":service/", 1) + "/none"
	_, err = t.ECS.DescribeExpressGatewayService(t.ctx, &ecs.DescribeExpressGatewayServiceInput{ServiceArn: &arn})
	t.Error(err, "DescribeExpressGatewayService of an unknown one", "ResourceNotFoundException", anyText)
}
