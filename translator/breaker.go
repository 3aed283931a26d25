package translator

import (
	"math"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The circuit breaker's default threshold is half the desired count, and between
// these bounds (API reference, DeploymentCircuitBreaker and
// ThresholdConfiguration).
const (
	breakerPercent             = 50
	breakerFewest, breakerMost = 3, 200
)

// BreakerThreshold is how many tasks must fail until the circuit breaker ends a
// deployment of a service with the desired count.
func BreakerThreshold(breaker *types.DeploymentCircuitBreaker, desired int32) int32 {
	kind, value := types.ThresholdTypeBoundedPercent, int32(breakerPercent)
	if breaker != nil && breaker.ThresholdConfiguration != nil {
		kind, value = breaker.ThresholdConfiguration.Type, breaker.ThresholdConfiguration.Value
	}
	share := int32(math.Ceil(float64(desired) * float64(value) / 100))
	switch kind {
	case types.ThresholdTypeCount:
		return value
	case types.ThresholdTypeUnboundedPercent:
		return max(share, 1)
	case types.ThresholdTypeBoundedPercent:
	}
	return min(max(share, breakerFewest), breakerMost)
}

// BreakerResets says whether a healthy task sets the count of failed ones back.
func BreakerResets(breaker *types.DeploymentCircuitBreaker) bool {
	return breaker == nil || breaker.ResetOnHealthyTask == nil || aws.ToBool(breaker.ResetOnHealthyTask)
}
