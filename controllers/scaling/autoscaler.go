package scaling

import (
	"fmt"
	"math"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	rules "github.com/gantry-ecs/gantry/scaling"
)

// What an autoscaler can hold (API reference of autoscaling/v2, HPAScalingRules
// and HPAScalingPolicy).
const (
	longestWindow = time.Hour
	longestPeriod = 30 * time.Minute
)

// Target tracking scales out above the target and in below nine tenths of it
// (User Guide, target tracking: the two alarms that a policy makes).
var (
	toleranceOut = resource.MustParse("0")
	toleranceIn  = resource.MustParse("100m")
)

// autoscalerSpec is the autoscaler that does what the policies ask for within the
// limits, and where it differs from them, in words. It is nil where nothing is to
// scale.
func autoscalerSpec(target *v1alpha1.ScalableTarget, within limits, policies []policy) (*autoscalingv2.HorizontalPodAutoscalerSpec, []string) {
	if len(policies) == 0 || target.Spec.MaxCapacity < 1 {
		return nil, nil
	}
	var differences []string
	minimum := max(1, within.low) // no metric could tell when the first task is needed again
	if target.Spec.MinCapacity < 1 {
		differences = append(differences, "minCapacity 0: the autoscaler keeps one task at least; a desired count of 0, set by UpdateService, stays until UpdateService raises it")
	}
	spec := &autoscalingv2.HorizontalPodAutoscalerSpec{
		ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{
			APIVersion: v1alpha1.GroupVersion.String(), Kind: "ECSService", Name: target.Name,
		},
		MinReplicas: &minimum, MaxReplicas: within.high,
	}
	for _, p := range policies {
		value := max(1, int32(math.Round(*p.configuration.TargetValue)))
		if float64(value) != *p.configuration.TargetValue {
			differences = append(differences, fmt.Sprintf("policy %s: the target value %v is rounded to %d", p.name, *p.configuration.TargetValue, value))
		}
		spec.Metrics = append(spec.Metrics, autoscalingv2.MetricSpec{
			Type: autoscalingv2.ResourceMetricSourceType,
			Resource: &autoscalingv2.ResourceMetricSource{
				Name:   p.resource,
				Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &value},
			},
		})
	}
	out, outDifferences := scaleOut(target, policies)
	in, inDifferences := scaleIn(target, policies)
	spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleUp: out, ScaleDown: in}
	return spec, append(append(differences, outDifferences...), inDifferences...)
}

// scaleOut: within a scale-out cooldown, more is added only where that is more
// than the capacity at its start asks for (User Guide, define cooldown periods).
// A metric of at most 100 % asks for 100/target times that capacity, so this is
// how far one period goes. Policies scale out independently: the shortest
// cooldown and the largest step count.
func scaleOut(target *v1alpha1.ScalableTarget, policies []policy) (*autoscalingv2.HPAScalingRules, []string) {
	cooldown, step := time.Duration(math.MaxInt64), int32(1)
	for _, p := range policies {
		cooldown = min(cooldown, rules.ScaleOutCooldown(p.configuration))
		step = max(step, stepOut(*p.configuration.TargetValue))
	}
	period, differences := seconds("scaleOutCooldown", cooldown, time.Second, longestPeriod)
	window := int32(0)
	tolerance := toleranceOut.DeepCopy()
	return &autoscalingv2.HPAScalingRules{
		StabilizationWindowSeconds: &window,
		SelectPolicy:               selectPolicy(target.Spec.Suspended.DynamicScalingOut),
		Policies:                   []autoscalingv2.HPAScalingPolicy{{Type: autoscalingv2.PercentScalingPolicy, Value: step, PeriodSeconds: period}},
		Tolerance:                  &tolerance,
	}, differences
}

// stepOut is the share in percent by which one cooldown may grow the count. A
// target of 100 % or more is for tasks that use more than they reserve, with no
// limit to reckon with: they may double.
func stepOut(target float64) int32 {
	if target >= 100 {
		return 100
	}
	return int32(min(math.Ceil(100*(100/target-1)), math.MaxInt16))
}

// scaleIn happens only when all policies that scale in agree, so the longest
// cooldown counts. The count falls to the highest need within it.
func scaleIn(target *v1alpha1.ScalableTarget, policies []policy) (*autoscalingv2.HPAScalingRules, []string) {
	disabled, cooldown := true, time.Duration(0)
	for _, p := range policies {
		if p.scalesIn() {
			disabled = false
			cooldown = max(cooldown, rules.ScaleInCooldown(p.configuration))
		}
	}
	window, differences := seconds("scaleInCooldown", cooldown, 0, longestWindow)
	period, _ := seconds("scaleInCooldown", cooldown, time.Second, longestPeriod)
	tolerance := toleranceIn.DeepCopy()
	return &autoscalingv2.HPAScalingRules{
		StabilizationWindowSeconds: &window,
		SelectPolicy:               selectPolicy(disabled || target.Spec.Suspended.DynamicScalingIn),
		Policies:                   []autoscalingv2.HPAScalingPolicy{{Type: autoscalingv2.PercentScalingPolicy, Value: 100, PeriodSeconds: period}},
		Tolerance:                  &tolerance,
	}, differences
}

func selectPolicy(disabled bool) *autoscalingv2.ScalingPolicySelect {
	selected := autoscalingv2.MaxChangePolicySelect
	if disabled {
		selected = autoscalingv2.DisabledPolicySelect
	}
	return &selected
}

func seconds(member string, d, shortest, longest time.Duration) (int32, []string) {
	if d > longest {
		return int32(longest.Seconds()), []string{fmt.Sprintf("%s of %s: the autoscaler waits %s at most", member, d, longest)}
	}
	return int32(max(d, shortest).Seconds()), nil
}
