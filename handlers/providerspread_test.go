package handlers

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestSpreadProviders(t *testing.T) {
	item := func(name string, base, weight int32) types.CapacityProviderStrategyItem {
		return types.CapacityProviderStrategyItem{CapacityProvider: aws.String(name), Base: base, Weight: weight}
	}
	const fargate, spot = "FARGATE", "FARGATE_SPOT"
	for name, tc := range map[string]struct {
		strategy      []types.CapacityProviderStrategyItem
		count         int
		fargate, spot int
	}{
		"one to four":            {[]types.CapacityProviderStrategyItem{item(fargate, 0, 1), item(spot, 0, 4)}, 10, 2, 8},
		"one to one":             {[]types.CapacityProviderStrategyItem{item(fargate, 0, 1), item(spot, 0, 1)}, 4, 2, 2},
		"one to one, odd":        {[]types.CapacityProviderStrategyItem{item(fargate, 0, 1), item(spot, 0, 1)}, 3, 2, 1},
		"base first":             {[]types.CapacityProviderStrategyItem{item(fargate, 3, 0), item(spot, 0, 1)}, 5, 3, 2},
		"base of the second":     {[]types.CapacityProviderStrategyItem{item(fargate, 0, 1), item(spot, 2, 1)}, 4, 1, 3},
		"base above the count":   {[]types.CapacityProviderStrategyItem{item(fargate, 9, 1), item(spot, 0, 4)}, 2, 2, 0},
		"one without any weight": {[]types.CapacityProviderStrategyItem{item(spot, 0, 0)}, 2, 0, 2},
		"weight of one alone":    {[]types.CapacityProviderStrategyItem{item(fargate, 0, 0), item(spot, 0, 7)}, 3, 0, 3},
	} {
		t.Run(name, func(t *testing.T) {
			got := spreadProviders(tc.strategy, tc.count)
			if len(got) != tc.count {
				t.Fatalf("it answers %d providers, want %d", len(got), tc.count)
			}
			counted := map[string]int{}
			for _, provider := range got {
				counted[provider]++
			}
			if counted[fargate] != tc.fargate || counted[spot] != tc.spot {
				t.Errorf("it answers %v, want %d and %d", got, tc.fargate, tc.spot)
			}
			if again := spreadProviders(tc.strategy, tc.count); !slices.Equal(got, again) {
				t.Errorf("it answers %v, then %v", got, again)
			}
		})
	}
	if got := spreadProviders(nil, 3); got != nil {
		t.Errorf("without a strategy it answers %v", got)
	}
}
