package service

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// endedTask is a task whose container ran for so long and exited so long ago.
func endedTask(now time.Time, ranFor, ago time.Duration) *task {
	end := now.Add(-ago)
	app := translator.ContainerName("app")
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{
			v1alpha1.ContainersAnnotation: "app", v1alpha1.EssentialAnnotation: "app", v1alpha1.ServiceAnnotation: "web",
		}},
		Spec: corev1.PodSpec{NodeName: "node", Containers: []corev1.Container{{Name: app}}},
		Status: corev1.PodStatus{Phase: corev1.PodFailed, ContainerStatuses: []corev1.ContainerStatus{{
			Name: app, State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
				ExitCode: 1, Reason: "Error", StartedAt: metav1.NewTime(end.Add(-ranFor)), FinishedAt: metav1.NewTime(end),
			}},
		}}},
	}
	return &task{pod: pod, state: translator.Observe(pod)}
}

func TestFloodIsHeld(t *testing.T) {
	now := time.Unix(10_000, 0)
	stoppedByUser := func(t *task) {
		t.pod.Annotations[v1alpha1.StopCodeAnnotation] = string(types.TaskStopCodeUserInitiated)
	}
	for name, test := range map[string]struct {
		count       int
		ranFor, ago time.Duration
		edit        func(*task)
		held        bool
		again       time.Duration
	}{
		"twenty short lives":         {20, time.Second, 20 * time.Second, nil, true, 40 * time.Second},
		"nineteen":                   {19, time.Second, 20 * time.Second, nil, false, 0},
		"twenty a minute ago":        {20, time.Second, time.Minute, nil, false, 0},
		"twenty that were healthy":   {20, 40 * time.Second, time.Second, nil, false, 0},
		"twenty that a user stopped": {20, time.Second, time.Second, stoppedByUser, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{now: now, healthyAfter: 40 * time.Second}
			d := &deployment{}
			for range test.count {
				ended := endedTask(now, test.ranFor, test.ago)
				if test.edit != nil {
					test.edit(ended)
				}
				d.tasks = append(d.tasks, ended)
			}
			w.holdFlood(d)
			if d.side.Held != test.held || w.After != test.again {
				t.Errorf("held is %v, looked at again in %s; want %v, %s", d.side.Held, w.After, test.held, test.again)
			}
		})
	}
}

func TestCountsOfAHeldSide(t *testing.T) {
	held := func(side Side) Side { side.Held = true; return side }
	for name, test := range map[string]struct {
		sides []Side
		want  []int32
	}{
		"starts nothing":                     {[]Side{held(Side{})}, []int32{0}},
		"loses what has not started":         {[]Side{held(at(4, 4, 1, 0))}, []int32{1}},
		"keeps all that run":                 {[]Side{held(at(4, 4, 4, 4))}, []int32{4}},
		"the other deployment is left alone": {[]Side{at(4, 4, 4, 4), held(at(4, 4, 0, 0))}, []int32{4, 0}},
	} {
		sides := rolling(4, test.sides)
		got := Counts(4, 8, sides)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: counts are %v, want %v", name, got, test.want)
		}
		if Blocked(4, 8, sides) {
			t.Errorf("%s: that is no matter of the service's limits", name)
		}
	}
}
