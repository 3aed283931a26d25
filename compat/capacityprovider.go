package compat

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// capacityProviderCases are about services on the built-in capacity providers.
func capacityProviderCases() []Case {
	return []Case{
		{
			Name: "service/capacity-providers", Operations: []string{"CreateService", "DescribeTasks"}, Needs: []Feature{Tasks},
			Description: "a service's tasks are of its providers by base and weight",
			Source:      "API reference, CapacityProviderStrategyItem, Task.capacityProviderName",
			Timeout:     3 * time.Minute, Run: serviceCapacityProviders,
		},
		{
			Name: "service/changed-capacity-providers", Operations: []string{"CreateService", "UpdateService"},
			Description: "another strategy needs a deployment that is forced; an empty one goes back to the launch type",
			Source:      "Developer Guide, update service parameters; API reference, UpdateService.capacityProviderStrategy",
			Run:         serviceChangedProviders,
		},
	}
}

// fargateProviders associates the built-in providers with the cluster.
func (t *T) fargateProviders(cluster string) {
	_, err := t.ECS.PutClusterCapacityProviders(t.ctx, &ecs.PutClusterCapacityProvidersInput{
		Cluster: aws.String(cluster), CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"},
		DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{},
	})
	t.OK(err, "PutClusterCapacityProviders")
}

func providerItem(name string, base, weight int32) types.CapacityProviderStrategyItem {
	return types.CapacityProviderStrategyItem{CapacityProvider: aws.String(name), Base: base, Weight: weight}
}

// fargateService makes a service on the providers of the strategy.
func (t *T) fargateService(count int32, strategy ...types.CapacityProviderStrategyItem) (cluster string, service *types.Service) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.registerFargate(family)
	t.fargateProviders(cluster)
	out, err := t.ECS.CreateService(t.ctx, &ecs.CreateServiceInput{
		Cluster: aws.String(cluster), ServiceName: aws.String("web"), TaskDefinition: aws.String(family), DesiredCount: aws.Int32(count),
		NetworkConfiguration: network(), CapacityProviderStrategy: strategy,
	})
	t.OK(err, "CreateService")
	t.deleteAfter(cluster, "web")
	return cluster, out.Service
}

func serviceCapacityProviders(t *T) {
	strategy := []types.CapacityProviderStrategyItem{providerItem("FARGATE", 1, 1), providerItem("FARGATE_SPOT", 0, 4)}
	cluster, service := t.fargateService(6, strategy...)
	t.Equal("capacityProviderStrategy", service.CapacityProviderStrategy, strategy)
	t.Equal("launchType", service.LaunchType, "")
	t.Eventually(2*time.Minute, "the tasks are of the providers", func() (bool, error) {
		counts := map[string]int{}
		for _, arn := range t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String("web")}) {
			task := t.describeTask(cluster, arn)
			counts[string(task.LaunchType)+" "+aws.ToString(task.CapacityProviderName)]++
		}
		return len(counts) == 2 && counts["FARGATE FARGATE"] == 2 && counts["FARGATE FARGATE_SPOT"] == 4, nil
	})
}

func serviceChangedProviders(t *T) {
	cluster, service := t.fargateService(0, providerItem("FARGATE", 0, 1))
	update := func(strategy []types.CapacityProviderStrategyItem, force bool) (*types.Service, error) {
		out, err := t.ECS.UpdateService(t.ctx, &ecs.UpdateServiceInput{
			Cluster: aws.String(cluster), Service: aws.String("web"), CapacityProviderStrategy: strategy, ForceNewDeployment: force,
		})
		if err != nil {
			return nil, err
		}
		return out.Service, nil
	}
	spot := []types.CapacityProviderStrategyItem{providerItem("FARGATE_SPOT", 0, 1)}
	const forced = "When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment."
	_, err := update(spot, false)
	t.Error(err, "UpdateService of the strategy alone", "InvalidParameterException", forced)
	_, err = update([]types.CapacityProviderStrategyItem{}, false)
	t.Error(err, "UpdateService to the launch type alone", "InvalidParameterException", forced)
	_, err = update([]types.CapacityProviderStrategyItem{providerItem("FARGATE", 0, 0), providerItem("FARGATE_SPOT", 0, 0)}, true)
	t.Error(err, "UpdateService without any weight", "InvalidParameterException", anyText)
	changed, err := update(spot, true)
	t.OK(err, "UpdateService of the strategy with a deployment")
	t.Equal("capacityProviderStrategy", changed.CapacityProviderStrategy, spot)
	deployment := primary(changed)
	t.Equal("the deployment's capacityProviderStrategy", deployment.CapacityProviderStrategy, spot)
	t.True(aws.ToString(deployment.Id) != aws.ToString(primary(service).Id), "the deployment is a new one")
	back, err := update([]types.CapacityProviderStrategyItem{}, true)
	t.OK(err, "UpdateService to the launch type")
	t.Equal("launchType", back.LaunchType, "FARGATE")
	t.Equal("number of providers", len(back.CapacityProviderStrategy), 0)
	t.Equal("the deployment's launchType", primary(back).LaunchType, "FARGATE")
}
