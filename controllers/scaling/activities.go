package scaling

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	rules "github.com/gantry-ecs/gantry/scaling"
)

// keptActivities bounds the list in a target's status.
const keptActivities = 100

// counts are those of the service, zero where it is gone.
type counts struct{ desired, running int32 }

// unknown is how many tasks run as long as the service's controller has not looked
// since the service was changed: the number that it has written is of before.
const unknown = -1

func countsOf(svc *v1alpha1.ECSService) counts {
	c := counts{desired: svc.Spec.DesiredCount, running: svc.Status.RunningCount}
	if svc.Status.ObservedGeneration != svc.Generation {
		c.running = unknown
	}
	return c
}

// withActivity puts the newest activity first.
func withActivity(held []v1alpha1.ScalingActivity, newest v1alpha1.ScalingActivity) []v1alpha1.ScalingActivity {
	all := append([]v1alpha1.ScalingActivity{newest}, held...)
	return all[:min(len(all), keptActivities)]
}

// observe adds an activity for a scaling of the autoscaler that has none yet.
func observe(w *world, status *v1alpha1.ScalableTargetStatus) {
	if w.autoscaler == nil {
		return
	}
	at := w.autoscaler.Status.LastScaleTime
	if at == nil || status.LastScaleTime != nil && !at.After(status.LastScaleTime.Time) {
		return
	}
	count := w.autoscaler.Status.DesiredReplicas
	status.LastScaleTime = at
	status.Activities = withActivity(status.Activities, v1alpha1.ScalingActivity{
		ID:          w.identity().ActivityID("autoscaler " + string(w.autoscaler.UID) + " " + at.UTC().Format(time.RFC3339)),
		Description: rules.Description(count), Cause: cause(w, status.Activities), StartTime: startTime(w, at.Time, status.Activities),
		StatusCode:    string(types.ScalingActivityStatusCodeInProgress),
		StatusMessage: rules.StatusMessage(types.ScalingActivityStatusCodeInProgress, count, ""), DesiredCount: count,
	})
}

// startTime is when the autoscaler has scaled. Its own time has whole seconds, cut
// off: within that second the activity is not before the registration and the
// policies that it comes from, nor before the activity before it.
func startTime(w *world, at time.Time, before []v1alpha1.ScalingActivity) metav1.MicroTime {
	start := metav1.NewMicroTime(at)
	notBefore := func(t metav1.MicroTime) {
		if t.After(start.Time) && t.Before(&metav1.MicroTime{Time: at.Add(time.Second)}) {
			start = t
		}
	}
	if w.target.Spec.RegisteredAt != nil {
		notBefore(*w.target.Spec.RegisteredAt)
	}
	for _, p := range w.target.Spec.Policies {
		notBefore(p.CreatedAt)
	}
	if len(before) > 0 {
		notBefore(before[0].StartTime)
	}
	return start
}

// cause is why the autoscaler has scaled: the range, or the alarm that the
// policy would have.
func cause(w *world, before []v1alpha1.ScalingActivity) string {
	count, previous := w.autoscaler.Status.DesiredReplicas, w.autoscaler.Status.CurrentReplicas
	if previous == count && len(before) > 0 { // a later look of the autoscaler: the activity before this one knows
		previous = before[0].DesiredCount
	}
	if bound, why := rules.InRange(bounds(w.target), previous); why != "" && bound == count {
		return why
	}
	in := count < previous
	p, ok := leading(w.policies, w.autoscaler.Status.CurrentMetrics, in)
	if !ok {
		return ""
	}
	if in {
		return rules.AlarmCause(w.identity().LowAlarm(p.name), p.name)
	}
	return rules.AlarmCause(w.identity().HighAlarm(p.name), p.name)
}

// leading is the policy that asks for the most, which the autoscaler follows.
func leading(policies []policy, metrics []autoscalingv2.MetricStatus, in bool) (policy, bool) {
	candidates := policies
	if in {
		candidates = slices.DeleteFunc(slices.Clone(policies), func(p policy) bool { return !p.scalesIn() })
	}
	if len(candidates) == 0 {
		return policy{}, false
	}
	highest, most := candidates[0], -1.0
	for _, p := range candidates {
		if r := float64(utilization(p, metrics)) / *p.configuration.TargetValue; r > most {
			highest, most = p, r
		}
	}
	return highest, true
}

func utilization(p policy, metrics []autoscalingv2.MetricStatus) int32 {
	for _, m := range metrics {
		if m.Resource != nil && m.Resource.Name == p.resource && m.Resource.Current.AverageUtilization != nil {
			return *m.Resource.Current.AverageUtilization
		}
	}
	return 0
}

func open(a v1alpha1.ScalingActivity) bool {
	code := types.ScalingActivityStatusCode(a.StatusCode)
	return code == types.ScalingActivityStatusCodePending || code == types.ScalingActivityStatusCodeInProgress
}

// overtaken says whether an open activity has set another count than the
// service's.
func overtaken(activities []v1alpha1.ScalingActivity, desired int32) bool {
	return slices.ContainsFunc(activities, func(a v1alpha1.ScalingActivity) bool { return open(a) && a.DesiredCount != desired })
}

// progress says of each open activity how far it has come: it ends when the
// service runs the count that was set, or has another count to run.
func progress(activities []v1alpha1.ScalingActivity, c counts, now time.Time) []v1alpha1.ScalingActivity {
	all := slices.Clone(activities)
	for i := range all {
		a := &all[i]
		if !open(*a) {
			continue
		}
		code, reason := types.ScalingActivityStatusCodeInProgress, ""
		switch {
		case a.DesiredCount != c.desired:
			code, reason = types.ScalingActivityStatusCodeOverridden, fmt.Sprintf("The desired count was set to %d since.", c.desired)
		case c.running == c.desired:
			code = types.ScalingActivityStatusCodeSuccessful
		}
		a.StatusCode, a.StatusMessage = string(code), rules.StatusMessage(code, a.DesiredCount, reason)
		if code != types.ScalingActivityStatusCodeInProgress {
			end := metav1.NewMicroTime(now)
			a.EndTime = &end
		}
	}
	return all
}
