package handlers

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// findExpress finds what an ARN names, in any state, and its cluster.
func (h *Handlers) findExpress(ctx context.Context, given *string) (*v1alpha1.Cluster, *v1alpha1.ECSService, error) {
	ref, ok := arn.Parse(aws.ToString(given))
	if !ok || !ref.IsARN || ref.Kind != "service" || len(ref.Path) != 2 {
		return nil, nil, invalidParameter("Invalid service ARN: %s", aws.ToString(given)) // the text is chosen
	}
	cluster, err := h.activeCluster(ctx, &ref.Path[0])
	if err != nil {
		return nil, nil, err
	}
	name, err := serviceName(cluster, *given)
	if err != nil {
		return nil, nil, err
	}
	svc, err := h.findService(ctx, cluster, name)
	if err != nil {
		return nil, nil, err
	}
	if svc == nil || svc.Spec.Express == nil {
		return nil, nil, expressNotFound()
	}
	return cluster, svc, nil
}

// DescribeExpressGatewayService answers one Express service.
func (h *Handlers) DescribeExpressGatewayService(ctx context.Context, in *ecs.DescribeExpressGatewayServiceInput) (*ecs.DescribeExpressGatewayServiceOutput, error) {
	withTags, err := asksForTags(in.Include)
	if err != nil {
		return nil, err
	}
	_, svc, err := h.findExpress(ctx, in.ServiceArn)
	if err != nil {
		return nil, err
	}
	answer, err := h.expressAnswer(ctx, svc, withTags)
	return &ecs.DescribeExpressGatewayServiceOutput{Service: answer}, err
}

// expressAnswer makes ECS's answer of a service. Its configuration is that of the
// newest deployment; older revisions are the service's own.
func (h *Handlers) expressAnswer(ctx context.Context, svc *v1alpha1.ECSService, withTags bool) (*types.ECSExpressGatewayService, error) {
	answer, err := expressOf(svc)
	if err != nil {
		return nil, err
	}
	view, err := h.serviceView(ctx, svc)
	if err != nil {
		return nil, err
	}
	service, err := translator.ServiceFrom(view)
	if err != nil {
		return nil, err
	}
	answer.Cluster, answer.ServiceArn, answer.ServiceName = aws.String(svc.Spec.Cluster), service.ServiceArn, service.ServiceName
	answer.CreatedAt, answer.CurrentDeployment = service.CreatedAt, view.CurrentDeployment(newestEntry(svc))
	answer.UpdatedAt = aws.Time(newestEntry(svc).RequestedAt.Time)
	answer.Status = &types.ExpressGatewayServiceStatus{StatusCode: types.ExpressGatewayServiceStatusCode(*service.Status)}
	if withTags {
		answer.Tags = emptyIfNil(service.Tags)
	}
	if *service.Status == translator.ServiceInactive {
		answer.ActiveConfigurations = []types.ExpressGatewayServiceConfiguration{}
		return &answer, nil
	}
	answer.ActiveConfigurations = []types.ExpressGatewayServiceConfiguration{expressConfiguration(svc, answer.ActiveConfigurations[0])}
	return &answer, nil
}

func newestEntry(svc *v1alpha1.ECSService) v1alpha1.DeploymentEntry {
	return svc.Spec.Deployments[len(svc.Spec.Deployments)-1]
}

// expressConfiguration adds what is derived. The way in is the Service's name: it
// leads there from within the Kubernetes cluster alone.
func expressConfiguration(svc *v1alpha1.ECSService, config types.ExpressGatewayServiceConfiguration) types.ExpressGatewayServiceConfiguration {
	spec, newest := svc.Spec, newestEntry(svc)
	config.CreatedAt = aws.Time(newest.RequestedAt.Time)
	config.ServiceRevisionArn = aws.String(arn.ServiceRevision(spec.Identity, spec.Cluster, spec.Name, kube.RevisionID(svc.UID, newest.RevisionNumber)))
	group := expressTargetGroup(spec.Identity, spec.Cluster, spec.Name)
	id, name, _ := arn.ParseTargetGroup(group)
	config.IngressPaths = []types.IngressPathSummary{{
		AccessType: types.AccessTypePrivate,
		Endpoint:   aws.String("http://" + kube.RouteName(id, name) + "." + svc.Namespace + ".svc:" + decimalPort(config.PrimaryContainer.ContainerPort)),
	}}
	return config
}
