package handlers

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/translator"
)

// spreadProviders says which provider each of count tasks is of. The same call
// comes to the same, be it retried.
func spreadProviders(strategy []types.CapacityProviderStrategyItem, count int) []string {
	if len(strategy) == 0 {
		return nil
	}
	providers, tasks := make([]string, count), map[string]int32{}
	for i := range providers {
		providers[i] = translator.NextProvider(strategy, tasks)
		tasks[providers[i]]++
	}
	return providers
}
