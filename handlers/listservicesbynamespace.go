package handlers

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
)

// ListServicesByNamespace answers the ARNs of the services, of all clusters, that
// take part in a Service Connect namespace, given by name or ARN, ten a page
// unless asked for otherwise (API reference, ListServicesByNamespace). Like
// ListServices it leaves out those that were deleted.
//
// A namespace exists by its being named: one that nothing takes part in has no
// services, and only what cannot be a namespace is not found.
func (h *Handlers) ListServicesByNamespace(ctx context.Context, in *ecs.ListServicesByNamespaceInput) (*ecs.ListServicesByNamespaceOutput, error) {
	given := aws.ToString(in.Namespace)
	if given == "" {
		return nil, invalidParameter("Namespace can not be blank.")
	}
	id := identity(ctx)
	namespace := arn.NamespaceOf(id, given)
	if _, ok := arn.ParseNamespace(namespace); !ok {
		return nil, namespaceNotFound(given)
	}
	arns := []string{}
	for _, svc := range h.store.Services.By(kube.ByConnect, namespace) {
		if svc.Spec.Identity == id && svc.Spec.DeletedAt == nil {
			arns = append(arns, arn.Service(id, svc.Spec.Cluster, svc.Spec.Name))
		}
	}
	arns, next, err := page("services-by-namespace", arns, false, in.MaxResults, in.NextToken, 10)
	if err != nil {
		return nil, err
	}
	return &ecs.ListServicesByNamespaceOutput{ServiceArns: arns, NextToken: next}, nil
}
