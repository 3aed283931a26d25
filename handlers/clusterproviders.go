package handlers

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// builtInProvider says whether a capacity provider is one of the two that every
// account has; there are no others.
func builtInProvider(name string) bool { return name == "FARGATE" || name == "FARGATE_SPOT" }

// PutClusterCapacityProviders replaces the cluster's providers and its default
// strategy (API reference, PutClusterCapacityProviders).
func (h *Handlers) PutClusterCapacityProviders(ctx context.Context, in *ecs.PutClusterCapacityProvidersInput) (*ecs.PutClusterCapacityProvidersOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := checkProviders(in.CapacityProviders, in.DefaultCapacityProviderStrategy); err != nil {
		return nil, err
	}
	answer, err := h.changeCluster(ctx, cluster, nil, func(definition *types.Cluster) error {
		for _, held := range definition.CapacityProviders {
			if slices.Contains(in.CapacityProviders, held) {
				continue
			}
			used, err := h.providerUsed(cluster, held)
			if err != nil {
				return err
			}
			if used {
				return providerInUse()
			}
		}
		definition.CapacityProviders = once(in.CapacityProviders)
		definition.DefaultCapacityProviderStrategy = in.DefaultCapacityProviderStrategy
		return nil
	})
	return &ecs.PutClusterCapacityProvidersOutput{Cluster: answer}, err
}

// checkProviders refuses providers that are none, and a default strategy that is
// none or names others.
func checkProviders(providers []string, strategy []types.CapacityProviderStrategyItem) error {
	for _, provider := range providers {
		if !builtInProvider(provider) {
			return capacityProviderUnknown(provider)
		}
	}
	return checkStrategyOf(providers, strategy)
}

// once are the names without repetitions, each where it came first.
func once(names []string) []string {
	var set []string
	for _, name := range names {
		if !slices.Contains(set, name) {
			set = append(set, name)
		}
	}
	return set
}

// providerUsed says whether a task of the cluster that is not stopping, or a
// service, is of the provider.
func (h *Handlers) providerUsed(cluster *v1alpha1.Cluster, provider string) (bool, error) {
	key := kube.ClusterKey(cluster.Spec.Identity, cluster.Spec.Name)
	for _, pod := range h.store.Pods.By(kube.ByCluster, key) {
		if translator.Observe(pod).Stopping() {
			continue
		}
		if aws.ToString(h.taskFromPod(pod).CapacityProviderName) == provider {
			return true, nil
		}
	}
	for _, svc := range h.store.Services.By(kube.ByCluster, key) {
		if svc.Spec.DeletedAt != nil {
			continue
		}
		items, err := translator.ServiceStrategies(svc)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(items, func(item types.CapacityProviderStrategyItem) bool {
			return aws.ToString(item.CapacityProvider) == provider
		}) {
			return true, nil
		}
	}
	return false, nil
}
