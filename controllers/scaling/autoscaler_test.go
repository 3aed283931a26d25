package scaling

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

func tracking(name string, metric types.MetricType, target float64, change func(*types.TargetTrackingScalingPolicyConfiguration)) v1alpha1.ScalingPolicy {
	configuration := &types.TargetTrackingScalingPolicyConfiguration{
		TargetValue:                   aws.Float64(target),
		PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: metric},
	}
	if change != nil {
		change(configuration)
	}
	raw, err := awsjson.AutoScaling().Write(configuration)
	if err != nil {
		panic(err)
	}
	held := v1alpha1.ScalingPolicy{Name: name, Type: string(types.PolicyTypeTargetTrackingScaling)}
	held.Configuration.Raw = raw
	return held
}

func targetOf(low, high int32, policies ...v1alpha1.ScalingPolicy) *v1alpha1.ScalableTarget {
	target := &v1alpha1.ScalableTarget{Spec: v1alpha1.ScalableTargetSpec{
		Identity:   v1alpha1.Identity{Account: "000000000000", Region: "us-east-1"},
		ResourceID: "service/main/web", Cluster: "main", Service: "web",
		MinCapacity: low, MaxCapacity: high, Policies: policies,
	}}
	target.Namespace, target.Name = "ecs-main", "web"
	return target
}

func rangeOf(target *v1alpha1.ScalableTarget) limits {
	return limits{target.Spec.MinCapacity, target.Spec.MaxCapacity}
}

const (
	cpu    = types.MetricTypeECSServiceAverageCPUUtilization
	memory = types.MetricTypeECSServiceAverageMemoryUtilization
)

func cooldowns(in, out int32) func(*types.TargetTrackingScalingPolicyConfiguration) {
	return func(c *types.TargetTrackingScalingPolicyConfiguration) {
		c.ScaleInCooldown, c.ScaleOutCooldown = aws.Int32(in), aws.Int32(out)
	}
}

func noScaleIn(c *types.TargetTrackingScalingPolicyConfiguration) { c.DisableScaleIn = aws.Bool(true) }

const oneMetric = `
scaleTargetRef: {apiVersion: ecs.gantry.dev/v1alpha1, kind: ECSService, name: web}
minReplicas: 1
maxReplicas: 4
metrics:
- type: Resource
  resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
behavior:
  scaleUp:
    tolerance: "0"
    stabilizationWindowSeconds: 0
    selectPolicy: Max
    policies: [{type: Percent, value: 100, periodSeconds: 300}]
  scaleDown:
    tolerance: 100m
    stabilizationWindowSeconds: 300
    selectPolicy: Max
    policies: [{type: Percent, value: 100, periodSeconds: 300}]
`

func TestAutoscalerSpec(t *testing.T) {
	for _, tc := range []struct {
		name        string
		target      *v1alpha1.ScalableTarget
		suspended   v1alpha1.Suspended
		change      func(*autoscalingv2.HorizontalPodAutoscalerSpec)
		differences []string
	}{
		{
			name:   "one policy and the default cooldowns",
			target: targetOf(1, 4, tracking("p", cpu, 50, nil)),
		},
		{
			name:   "cooldowns",
			target: targetOf(1, 4, tracking("p", cpu, 50, cooldowns(30, 20))),
			change: func(s *autoscalingv2.HorizontalPodAutoscalerSpec) {
				s.Behavior.ScaleUp.Policies[0].PeriodSeconds = 20
				s.Behavior.ScaleDown.Policies[0].PeriodSeconds = 30
				s.Behavior.ScaleDown.StabilizationWindowSeconds = aws.Int32(30)
			},
		},
		{
			name:   "cooldowns of zero",
			target: targetOf(1, 4, tracking("p", cpu, 50, cooldowns(0, 0))),
			change: func(s *autoscalingv2.HorizontalPodAutoscalerSpec) {
				s.Behavior.ScaleUp.Policies[0].PeriodSeconds = 1
				s.Behavior.ScaleDown.Policies[0].PeriodSeconds = 1
				s.Behavior.ScaleDown.StabilizationWindowSeconds = aws.Int32(0)
			},
		},
		{
			name:   "cooldowns longer than an autoscaler's",
			target: targetOf(1, 4, tracking("p", cpu, 50, cooldowns(7200, 3600))),
			change: func(s *autoscalingv2.HorizontalPodAutoscalerSpec) {
				s.Behavior.ScaleUp.Policies[0].PeriodSeconds = 1800
				s.Behavior.ScaleDown.Policies[0].PeriodSeconds = 1800
				s.Behavior.ScaleDown.StabilizationWindowSeconds = aws.Int32(3600)
			},
			differences: []string{
				"scaleOutCooldown of 1h0m0s: the autoscaler waits 30m0s at most",
				"scaleInCooldown of 2h0m0s: the autoscaler waits 1h0m0s at most",
			},
		},
		{
			name:   "two policies: the shorter way out, the longer way in",
			target: targetOf(1, 4, tracking("p", cpu, 50, cooldowns(60, 120)), tracking("q", memory, 80, cooldowns(90, 30))),
			change: func(s *autoscalingv2.HorizontalPodAutoscalerSpec) {
				second := *s.Metrics[0].DeepCopy()
				second.Resource.Name, second.Resource.Target.AverageUtilization = corev1.ResourceMemory, aws.Int32(80)
				s.Metrics = append(s.Metrics, second)
				s.Behavior.ScaleUp.Policies[0].PeriodSeconds = 30
				s.Behavior.ScaleDown.Policies[0].PeriodSeconds = 90
				s.Behavior.ScaleDown.StabilizationWindowSeconds = aws.Int32(90)
			},
		},
		{
			name:   "no scaling in",
			target: targetOf(1, 4, tracking("p", cpu, 50, noScaleIn)),
			change: func(s *autoscalingv2.HorizontalPodAutoscalerSpec) {
				s.Behavior.ScaleDown.SelectPolicy = selectPolicy(true)
				s.Behavior.ScaleDown.Policies[0].PeriodSeconds = 1
				s.Behavior.ScaleDown.StabilizationWindowSeconds = aws.Int32(0)
			},
		},
		{
			name:   "one of two policies scales in",
			target: targetOf(1, 4, tracking("p", cpu, 50, noScaleIn), tracking("q", memory, 50, nil)),
			change: func(s *autoscalingv2.HorizontalPodAutoscalerSpec) {
				second := *s.Metrics[0].DeepCopy()
				second.Resource.Name = corev1.ResourceMemory
				s.Metrics = append(s.Metrics, second)
			},
		},
		{
			name:      "suspended both ways",
			target:    targetOf(1, 4, tracking("p", cpu, 50, nil)),
			suspended: v1alpha1.Suspended{DynamicScalingIn: true, DynamicScalingOut: true},
			change: func(s *autoscalingv2.HorizontalPodAutoscalerSpec) {
				s.Behavior.ScaleUp.SelectPolicy, s.Behavior.ScaleDown.SelectPolicy = selectPolicy(true), selectPolicy(true)
			},
		},
		{
			name:   "a minimum of zero",
			target: targetOf(0, 4, tracking("p", cpu, 50, nil)),
			differences: []string{
				"minCapacity 0: the autoscaler keeps one task at least; a desired count of 0, set by UpdateService, stays until UpdateService raises it",
			},
		},
		{
			name:   "a target value between whole numbers",
			target: targetOf(1, 4, tracking("p", cpu, 66.6, nil)),
			change: func(s *autoscalingv2.HorizontalPodAutoscalerSpec) {
				s.Metrics[0].Resource.Target.AverageUtilization = aws.Int32(67)
				s.Behavior.ScaleUp.Policies[0].Value = 51
			},
			differences: []string{"policy p: the target value 66.6 is rounded to 67"},
		},
		{
			name:   "a target above what is reserved",
			target: targetOf(1, 4, tracking("p", cpu, 150, nil)),
			change: func(s *autoscalingv2.HorizontalPodAutoscalerSpec) {
				s.Metrics[0].Resource.Target.AverageUtilization = aws.Int32(150)
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			want := &autoscalingv2.HorizontalPodAutoscalerSpec{}
			if err := yaml.UnmarshalStrict([]byte(oneMetric), want); err != nil {
				t.Fatal(err)
			}
			if tc.change != nil {
				tc.change(want)
			}
			tc.target.Spec.Suspended = tc.suspended
			policies, err := policiesOf(tc.target)
			if err != nil {
				t.Fatal(err)
			}
			got, differences := autoscalerSpec(tc.target, rangeOf(tc.target), policies)
			if diff := cmp.Diff(asJSON(t, want), asJSON(t, got)); diff != "" {
				t.Errorf("spec (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.differences, differences); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestNothingToScale(t *testing.T) {
	for name, target := range map[string]*v1alpha1.ScalableTarget{
		"no policy":         targetOf(1, 4),
		"a maximum of zero": targetOf(0, 0, tracking("p", cpu, 50, nil)),
	} {
		t.Run(name, func(t *testing.T) {
			policies, err := policiesOf(target)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := autoscalerSpec(target, rangeOf(target), policies); got != nil {
				t.Errorf("got %s, want none", asJSON(t, got))
			}
		})
	}
}

func TestStepOut(t *testing.T) {
	for target, want := range map[float64]int32{50: 100, 75: 34, 99: 2, 100: 100, 200: 100, 25: 300, 1: 9900, 0.001: 32767} {
		if got := stepOut(target); got != want {
			t.Errorf("stepOut(%v) = %d, want %d", target, got, want)
		}
	}
}

// An API server that knows no tolerance drops it; asking again changes nothing.
func TestWithoutUnknown(t *testing.T) {
	spec, _ := autoscalerSpec(targetOf(1, 4), limits{1, 4}, []policy{{resource: corev1.ResourceCPU, configuration: &types.TargetTrackingScalingPolicyConfiguration{TargetValue: aws.Float64(50)}}})
	dropped := spec.DeepCopy()
	dropped.Behavior.ScaleUp.Tolerance, dropped.Behavior.ScaleDown.Tolerance = nil, nil
	if diff := cmp.Diff(asJSON(t, dropped), asJSON(t, withoutUnknown(spec, dropped))); diff != "" {
		t.Errorf("against an old API server's (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(asJSON(t, spec), asJSON(t, withoutUnknown(spec, spec.DeepCopy()))); diff != "" {
		t.Errorf("against a new API server's (-want +got):\n%s", diff)
	}
}
