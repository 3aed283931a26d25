package handlers

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// DescribeServices answers up to ten services, deleted ones as INACTIVE, in the
// order asked for, each once.
func (h *Handlers) DescribeServices(ctx context.Context, in *ecs.DescribeServicesInput) (*ecs.DescribeServicesOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	switch {
	case len(in.Services) == 0:
		return nil, cannotBeEmpty("Services")
	case len(in.Services) > 10:
		return nil, atMost("service names", 10)
	}
	withTags, err := asksForTags(in.Include)
	if err != nil {
		return nil, err
	}
	out := &ecs.DescribeServicesOutput{Services: []types.Service{}, Failures: []types.Failure{}}
	seen := map[string]bool{}
	for _, given := range in.Services {
		name, err := serviceName(cluster, given)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		svc, err := h.findService(ctx, cluster, name)
		if err != nil {
			return nil, err
		}
		if svc == nil {
			out.Failures = append(out.Failures, failure(arn.Service(cluster.Spec.Identity, cluster.Spec.Name, name), reasonMissing))
			continue
		}
		answer, err := h.serviceAnswer(ctx, svc)
		if err != nil {
			return nil, err
		}
		if !withTags {
			withoutTags(answer.TaskSets)
		}
		switch {
		case !withTags:
			answer.Tags = nil
		case svc.Spec.DeletedAt != nil: // its tags are deleted with it (API reference, TagResource)
			answer.Tags = []types.Tag{}
		}
		out.Services = append(out.Services, *answer)
	}
	return out, nil
}

// ListServices answers the ARNs of ACTIVE services by name, ten a page unless
// asked for otherwise (API reference, ListServices).
func (h *Handlers) ListServices(ctx context.Context, in *ecs.ListServicesInput) (*ecs.ListServicesOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	switch in.LaunchType {
	case "", types.LaunchTypeEc2, types.LaunchTypeFargate, types.LaunchTypeExternal:
	default:
		return nil, oneOf("launch type", "EC2", "FARGATE", "EXTERNAL")
	}
	switch in.SchedulingStrategy {
	case "", types.SchedulingStrategyReplica, types.SchedulingStrategyDaemon:
	default:
		return nil, invalidParameter("Scheduling strategy should be one of [REPLICA,DAEMON]")
	}
	switch in.ResourceManagementType {
	case "", types.ResourceManagementTypeCustomer, types.ResourceManagementTypeEcs:
	default:
		return nil, oneOf("resourceManagementType", "CUSTOMER", "ECS")
	}
	names := []string{}
	for _, svc := range h.store.Services.By(kube.ByCluster, kube.ClusterKey(cluster.Spec.Identity, cluster.Spec.Name)) {
		if svc.Spec.DeletedAt != nil || in.SchedulingStrategy != "" && string(in.SchedulingStrategy) != svc.Spec.SchedulingStrategy ||
			in.ResourceManagementType != "" && (in.ResourceManagementType == types.ResourceManagementTypeEcs) != (svc.Spec.Express != nil) ||
			in.LaunchType != "" && translator.ServiceLaunchType(svc) != in.LaunchType {
			continue
		}
		names = append(names, svc.Spec.Name)
	}
	names, next, err := page("services", names, false, in.MaxResults, in.NextToken, 10)
	if err != nil {
		return nil, err
	}
	arns := make([]string, len(names))
	for i, name := range names {
		arns[i] = arn.Service(cluster.Spec.Identity, cluster.Spec.Name, name)
	}
	return &ecs.ListServicesOutput{ServiceArns: arns, NextToken: next}, nil
}

// DeleteService marks the service deleted: DRAINING while its tasks stop, then
// INACTIVE. Its answer says DRAINING (API reference, DeleteService).
func (h *Handlers) DeleteService(ctx context.Context, in *ecs.DeleteServiceInput) (*ecs.DeleteServiceOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	svc, err := h.namedService(ctx, cluster, in.Service)
	if err != nil {
		return nil, err
	}
	err = h.changeService(ctx, &svc, func(current *v1alpha1.ECSService) (kube.Fields, error) {
		switch {
		case current.Spec.DeletedAt != nil && h.serviceStatus(current) == translator.ServiceInactive:
			return nil, serviceNotFound() // a service that is gone cannot be deleted again
		case current.Spec.DeletedAt != nil:
			return nil, nil
		case current.Spec.DesiredCount > 0 && !aws.ToBool(in.Force) && !translator.IsDaemon(current):
			return nil, serviceScaled()
		case deploying(current) && !aws.ToBool(in.Force):
			return nil, serviceDeploying()
		}
		return kube.Fields{"deletedAt": metav1.NewMicroTime(h.now()), "desiredCount": 0}, nil
	})
	if err != nil {
		return nil, err
	}
	answer, err := h.serviceAnswer(ctx, svc)
	if err != nil {
		return nil, err
	}
	answer.Status = aws.String(translator.ServiceDraining)
	return &ecs.DeleteServiceOutput{Service: answer}, nil
}

// changeService is changeSpec for services.
func (h *Handlers) changeService(ctx context.Context, svc **v1alpha1.ECSService, decide func(*v1alpha1.ECSService) (kube.Fields, error)) error {
	return changeSpec(ctx, h.store.Services, svc, serviceNotFound, decide)
}
