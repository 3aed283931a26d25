package translator

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The first five are the API reference's own examples.
func TestBreakerThreshold(t *testing.T) {
	configured := func(kind types.ThresholdType, value int32) *types.DeploymentCircuitBreaker {
		return &types.DeploymentCircuitBreaker{ThresholdConfiguration: &types.ThresholdConfiguration{Type: kind, Value: value}}
	}
	for name, test := range map[string]struct {
		breaker       *types.DeploymentCircuitBreaker
		desired, want int32
	}{
		"1 by default":         {nil, 1, 3},
		"10 by default":        {nil, 10, 5},
		"25 by default":        {&types.DeploymentCircuitBreaker{}, 25, 13},
		"400 by default":       {nil, 400, 200},
		"800 by default":       {nil, 800, 200},
		"a count is itself":    {configured(types.ThresholdTypeCount, 7), 800, 7},
		"a bounded percent":    {configured(types.ThresholdTypeBoundedPercent, 10), 1000, 100},
		"bounded from below":   {configured(types.ThresholdTypeBoundedPercent, 10), 10, 3},
		"an unbounded percent": {configured(types.ThresholdTypeUnboundedPercent, 50), 800, 400},
		"at least one":         {configured(types.ThresholdTypeUnboundedPercent, 1), 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := BreakerThreshold(test.breaker, test.desired); got != test.want {
				t.Errorf("threshold is %d, want %d", got, test.want)
			}
		})
	}
}
