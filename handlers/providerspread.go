package handlers

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// spreadProviders says which provider each of count tasks is of: as many as its
// base of the one that has one, the others by weight (API reference,
// CapacityProviderStrategyItem). The same call comes to the same, be it retried.
func spreadProviders(strategy []types.CapacityProviderStrategyItem, count int) []string {
	if len(strategy) == 0 {
		return nil
	}
	providers := make([]string, 0, count)
	var total int32
	for _, item := range strategy {
		total += item.Weight
		for range min(int(item.Base), count-len(providers)) {
			providers = append(providers, aws.ToString(item.CapacityProvider))
		}
	}
	// In turns, each as often as its weight says: who is furthest behind is next.
	behind := make([]int32, len(strategy))
	for len(providers) < count {
		next := 0
		for i, item := range strategy {
			behind[i] += item.Weight
			if behind[i] > behind[next] {
				next = i
			}
		}
		behind[next] -= total
		providers = append(providers, aws.ToString(strategy[next].CapacityProvider))
	}
	return providers
}
