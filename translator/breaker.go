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

// completeBreaker has the members that were not given at their defaults, as ECS
// answers them (seen); nil is the default breaker, which is off.
func completeBreaker(given *types.DeploymentCircuitBreaker) *types.DeploymentCircuitBreaker {
	breaker := types.DeploymentCircuitBreaker{}
	if given != nil {
		breaker = *given
	}
	if breaker.ResetOnHealthyTask == nil {
		breaker.ResetOnHealthyTask = aws.Bool(true)
	}
	if breaker.ThresholdConfiguration == nil {
		breaker.ThresholdConfiguration = &types.ThresholdConfiguration{Type: types.ThresholdTypeBoundedPercent, Value: breakerPercent}
	}
	return &breaker
}

// BreakerThreshold is how many tasks must fail until the circuit breaker ends a
// deployment of a service with the desired count.
func BreakerThreshold(breaker *types.DeploymentCircuitBreaker, desired int32) int32 {
	threshold := completeBreaker(breaker).ThresholdConfiguration
	share := int32(math.Ceil(float64(desired) * float64(threshold.Value) / 100))
	switch threshold.Type {
	case types.ThresholdTypeCount:
		return threshold.Value
	case types.ThresholdTypeUnboundedPercent:
		return max(share, 1)
	case types.ThresholdTypeBoundedPercent:
	}
	return min(max(share, breakerFewest), breakerMost)
}

// BreakerResets says whether a healthy task sets the count of failed ones back.
func BreakerResets(breaker *types.DeploymentCircuitBreaker) bool {
	return *completeBreaker(breaker).ResetOnHealthyTask
}
