package translator

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
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

// TestServiceSettingsCompleteTheBreaker: what was stored without the members has
// them in answers; a service that ECS does not deploy has no breaker at all.
func TestServiceSettingsCompleteTheBreaker(t *testing.T) {
	stored := func(definition string) *types.DeploymentCircuitBreaker {
		t.Helper()
		svc := &v1alpha1.ECSService{}
		svc.Spec.Definition.Raw = []byte(definition)
		settings, err := ServiceSettings(svc)
		if err != nil {
			t.Fatal(err)
		}
		return settings.DeploymentConfiguration.DeploymentCircuitBreaker
	}
	if breaker := stored(`{"deploymentConfiguration":{"maximumPercent":200}}`); breaker != nil {
		t.Errorf("a breaker of none: %+v", breaker)
	}
	bounded := &types.ThresholdConfiguration{Type: types.ThresholdTypeBoundedPercent, Value: 50}
	want := &types.DeploymentCircuitBreaker{Enable: true, ResetOnHealthyTask: aws.Bool(true), ThresholdConfiguration: bounded}
	got := stored(`{"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":false}}}`)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(types.DeploymentCircuitBreaker{}, types.ThresholdConfiguration{})); diff != "" {
		t.Errorf("the defaults (-want +got):\n%s", diff)
	}
	want.ResetOnHealthyTask, want.ThresholdConfiguration = aws.Bool(false), &types.ThresholdConfiguration{Type: types.ThresholdTypeCount, Value: 7}
	got = stored(`{"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":false,"resetOnHealthyTask":false,` +
		`"thresholdConfiguration":{"type":"COUNT","value":7}}}}`)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(types.DeploymentCircuitBreaker{}, types.ThresholdConfiguration{})); diff != "" {
		t.Errorf("what was given (-want +got):\n%s", diff)
	}
}
