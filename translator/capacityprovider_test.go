package translator

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func strategyOf(fargateWeight, spotWeight int32) []types.CapacityProviderStrategyItem {
	return []types.CapacityProviderStrategyItem{
		{CapacityProvider: aws.String("FARGATE"), Base: 1, Weight: fargateWeight},
		{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: spotWeight},
	}
}

// TestStrategyOnPods: what a pod says of a strategy is the strategy.
func TestStrategyOnPods(t *testing.T) {
	strategy := strategyOf(1, 4)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{v1alpha1.ProvidersAnnotation: providersOf(strategy)}}}
	if got := ProvidersToDeal(pod); !reflect.DeepEqual(got, strategy) {
		t.Errorf("the pod says %v, want %v", got, strategy)
	}
	if got := providersOf(strategy[:1]); got != "" {
		t.Errorf("a strategy of one provider is written as %q", got)
	}
	if got := ProvidersToDeal(&corev1.Pod{}); got != nil {
		t.Errorf("a pod that says nothing is dealt by %v", got)
	}
}

// TestNextProviderFillsGaps: a task that takes the place of another is of the
// provider that is behind its share.
func TestNextProviderFillsGaps(t *testing.T) {
	for _, tc := range []struct {
		tasks map[string]int32
		want  string
	}{
		{nil, "FARGATE"},
		{map[string]int32{"FARGATE_SPOT": 4}, "FARGATE"},
		{map[string]int32{"FARGATE": 2, "FARGATE_SPOT": 3}, "FARGATE_SPOT"},
		{map[string]int32{"FARGATE": 1, "FARGATE_SPOT": 4}, "FARGATE"},
	} {
		if got := NextProvider(strategyOf(1, 4), tc.tasks); got != tc.want {
			t.Errorf("after %v the next is of %s, want %s", tc.tasks, got, tc.want)
		}
	}
}
