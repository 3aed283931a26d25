package scaling

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later = metav1.NewMicroTime(noon.Add(time.Minute))
)

func scaled(from, to int32, metrics ...autoscalingv2.MetricStatus) *autoscalingv2.HorizontalPodAutoscaler {
	at := metav1.NewTime(noon)
	autoscaler := &autoscalingv2.HorizontalPodAutoscaler{Status: autoscalingv2.HorizontalPodAutoscalerStatus{
		LastScaleTime: &at, CurrentReplicas: from, DesiredReplicas: to, CurrentMetrics: metrics,
	}}
	autoscaler.UID = "4a7f0a6e-0000-4000-8000-000000000001"
	return autoscaler
}

func used(resource corev1.ResourceName, percent int32) autoscalingv2.MetricStatus {
	return autoscalingv2.MetricStatus{
		Type: autoscalingv2.ResourceMetricSourceType,
		Resource: &autoscalingv2.ResourceMetricStatus{
			Name: resource, Current: autoscalingv2.MetricValueStatus{AverageUtilization: &percent},
		},
	}
}

func TestObserve(t *testing.T) {
	both := targetOf(2, 10, tracking("busy", cpu, 50, nil), tracking("full", memory, 80, nil))
	high := func(p string) string {
		return fmt.Sprintf("monitor alarm %s in state ALARM triggered policy %s", (&world{target: both}).identity().HighAlarm(p), p)
	}
	low := func(p string) string {
		return fmt.Sprintf("monitor alarm %s in state ALARM triggered policy %s", (&world{target: both}).identity().LowAlarm(p), p)
	}
	for _, tc := range []struct {
		name       string
		target     *v1alpha1.ScalableTarget
		autoscaler *autoscalingv2.HorizontalPodAutoscaler
		before     []v1alpha1.ScalingActivity
		last       *metav1.Time
		want       string // the cause; empty for no activity
		count      int32
	}{
		{name: "no autoscaler", target: both},
		{name: "never scaled", target: both, autoscaler: &autoscalingv2.HorizontalPodAutoscaler{}},
		{name: "scaling that has an activity", target: both, autoscaler: scaled(2, 4), last: &metav1.Time{Time: noon}},
		{
			name: "the policy above its target", target: both, want: high("busy"), count: 4,
			autoscaler: scaled(2, 4, used(corev1.ResourceCPU, 90), used(corev1.ResourceMemory, 85)),
		},
		{
			name: "the other policy", target: both, want: high("full"), count: 3,
			autoscaler: scaled(2, 3, used(corev1.ResourceCPU, 40), used(corev1.ResourceMemory, 95)),
		},
		{
			name: "scaling in", target: both, want: low("busy"), count: 2,
			autoscaler: scaled(4, 2, used(corev1.ResourceCPU, 20), used(corev1.ResourceMemory, 10)),
		},
		{
			name:       "scaling in by the only policy that may",
			target:     targetOf(2, 10, tracking("busy", cpu, 50, noScaleIn), tracking("full", memory, 80, nil)),
			autoscaler: scaled(4, 2, used(corev1.ResourceCPU, 20), used(corev1.ResourceMemory, 10)), want: low("full"), count: 2,
		},
		{
			name: "scaling in, seen at a later look", target: both, want: low("busy"), count: 2,
			autoscaler: scaled(2, 2, used(corev1.ResourceCPU, 20)),
			before:     []v1alpha1.ScalingActivity{{DesiredCount: 4}},
		},
		{name: "back up to the minimum", target: both, autoscaler: scaled(1, 2), want: "minimum capacity was set to 2", count: 2},
		{name: "back down to the maximum", target: both, autoscaler: scaled(12, 10), want: "maximum capacity was set to 10", count: 10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			policies, err := policiesOf(tc.target)
			if err != nil {
				t.Fatal(err)
			}
			w := &world{now: noon, target: tc.target, autoscaler: tc.autoscaler, policies: policies}
			status := &v1alpha1.ScalableTargetStatus{Activities: tc.before, LastScaleTime: tc.last}
			observe(w, status)
			got := status.Activities[:len(status.Activities)-len(tc.before)]
			if tc.want == "" {
				if len(got) > 0 {
					t.Fatalf("got %v, want no activity", got)
				}
				return
			}
			if len(got) != 1 {
				t.Fatalf("got %d activities, want 1", len(got))
			}
			want := v1alpha1.ScalingActivity{
				ID: got[0].ID, Description: fmt.Sprintf("Setting desired count to %d.", tc.count), Cause: tc.want,
				StartTime: metav1.NewMicroTime(noon), StatusCode: "InProgress", DesiredCount: tc.count,
				StatusMessage: fmt.Sprintf("Successfully set desired count to %d. Waiting for change to be fulfilled by ecs.", tc.count),
			}
			if diff := cmp.Diff(want, got[0]); diff != "" {
				t.Errorf("activity (-want +got):\n%s", diff)
			}
			observe(w, status)
			if n := len(status.Activities) - len(tc.before); n != 1 {
				t.Errorf("a second look makes %d activities of one scaling", n)
			}
		})
	}
}

// TestStartTime: the autoscaler cuts fractions of a second off.
func TestStartTime(t *testing.T) {
	after := func(d time.Duration) *metav1.MicroTime { return &metav1.MicroTime{Time: noon.Add(d)} }
	for name, test := range map[string]struct {
		registered, policy, before *metav1.MicroTime
		want                       time.Duration
	}{
		"nothing known":                       {},
		"all long before":                     {registered: after(-time.Hour), policy: after(-time.Minute), before: after(-time.Second)},
		"policy put in the same second":       {registered: after(-time.Hour), policy: after(700 * time.Millisecond), want: 700 * time.Millisecond},
		"registered in the same second":       {registered: after(300 * time.Millisecond), want: 300 * time.Millisecond},
		"both":                                {registered: after(300 * time.Millisecond), policy: after(700 * time.Millisecond), want: 700 * time.Millisecond},
		"moved into range in the same second": {registered: after(300 * time.Millisecond), before: after(800 * time.Millisecond), want: 800 * time.Millisecond},
		"policy put later":                    {registered: after(-time.Hour), policy: after(time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			target := targetOf(2, 10)
			target.Spec.RegisteredAt = test.registered
			if test.policy != nil {
				target.Spec.Policies = []v1alpha1.ScalingPolicy{{Name: "cpu", CreatedAt: *test.policy}}
			}
			var before []v1alpha1.ScalingActivity
			if test.before != nil {
				before = []v1alpha1.ScalingActivity{{StartTime: *test.before}}
			}
			if got := startTime(&world{target: target}, noon, before); !got.Time.Equal(noon.Add(test.want)) {
				t.Errorf("got %s, want %s", got, noon.Add(test.want))
			}
		})
	}
}

func TestProgress(t *testing.T) {
	ended := metav1.NewMicroTime(noon.Add(-time.Hour))
	for _, tc := range []struct {
		name   string
		held   v1alpha1.ScalingActivity
		counts counts
		want   v1alpha1.ScalingActivity
	}{
		{
			name: "pending", counts: counts{desired: 3, running: 1}, held: v1alpha1.ScalingActivity{StatusCode: "Pending", DesiredCount: 3},
			want: v1alpha1.ScalingActivity{
				StatusCode: "InProgress", DesiredCount: 3,
				StatusMessage: "Successfully set desired count to 3. Waiting for change to be fulfilled by ecs.",
			},
		},
		{
			name: "fulfilled", counts: counts{desired: 3, running: 3}, held: v1alpha1.ScalingActivity{StatusCode: "InProgress", DesiredCount: 3},
			want: v1alpha1.ScalingActivity{
				StatusCode: "Successful", DesiredCount: 3, EndTime: &later,
				StatusMessage: "Successfully set desired count to 3. Change successfully fulfilled by ecs.",
			},
		},
		{
			name: "overtaken", counts: counts{desired: 5, running: 3}, held: v1alpha1.ScalingActivity{StatusCode: "InProgress", DesiredCount: 3},
			want: v1alpha1.ScalingActivity{
				StatusCode: "Overridden", DesiredCount: 3, EndTime: &later,
				StatusMessage: "Successfully set desired count to 3. Change not fulfilled by ecs. Reason: The desired count was set to 5 since.",
			},
		},
		{
			name: "ended before", counts: counts{desired: 5, running: 5},
			held: v1alpha1.ScalingActivity{StatusCode: "Successful", DesiredCount: 3, EndTime: &ended},
			want: v1alpha1.ScalingActivity{StatusCode: "Successful", DesiredCount: 3, EndTime: &ended},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			held := []v1alpha1.ScalingActivity{tc.held}
			got := progress(held, tc.counts, later.Time)
			if diff := cmp.Diff(tc.want, got[0]); diff != "" {
				t.Errorf("activity (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.held, held[0]); diff != "" {
				t.Errorf("the stored activity was changed (-before +after):\n%s", diff)
			}
			again := progress(got, tc.counts, later.Add(time.Minute))
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("a second time changes something (-first +second):\n%s", diff)
			}
		})
	}
}

func TestWithActivityKeepsAHundred(t *testing.T) {
	var held []v1alpha1.ScalingActivity
	for i := range int32(150) {
		held = withActivity(held, v1alpha1.ScalingActivity{DesiredCount: i})
	}
	if len(held) != 100 || held[0].DesiredCount != 149 || held[99].DesiredCount != 50 {
		t.Errorf("kept %d activities from %d to %d, want the newest 100", len(held), held[0].DesiredCount, held[len(held)-1].DesiredCount)
	}
}

func TestPoliciesOf(t *testing.T) {
	target := targetOf(1, 4, tracking("p", cpu, 50, nil))
	target.Spec.Policies = append(target.Spec.Policies, v1alpha1.ScalingPolicy{Name: "steps", Type: "StepScaling"})
	policies, err := policiesOf(target)
	if err != nil || len(policies) != 1 || policies[0].name != "p" || aws.ToFloat64(policies[0].configuration.TargetValue) != 50 {
		t.Errorf("got %+v, %v; want the target tracking policy alone", policies, err)
	}
	target.Spec.Policies[0].Configuration.Raw = []byte(`{"TargetValue":"fifty"}`)
	if _, err := policiesOf(target); err == nil {
		t.Error("a configuration that cannot be read gives no error")
	}
}
