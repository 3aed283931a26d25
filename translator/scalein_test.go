package translator

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func TestTakenInScaleIn(t *testing.T) {
	// one is a pod made and deleted so many seconds after the hour; -1 is never.
	one := func(name string, made, deleted int) *corev1.Pod {
		at := func(seconds int) metav1.Time { return metav1.NewTime(born.Add(time.Duration(seconds) * time.Second)) }
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
			UID: types.UID(name), CreationTimestamp: at(made), Labels: map[string]string{v1alpha1.ServiceLabel: "web"},
		}}
		if deleted >= 0 {
			deletion, grace := at(deleted+30), int64(30)
			pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = &deletion, &grace
		}
		return pod
	}
	stopped := one("b", 0, -1)
	delete(stopped.Labels, v1alpha1.ServiceLabel)
	for name, test := range map[string]struct {
		pod      *corev1.Pod
		others   []*corev1.Pod
		replicas int32
		since    time.Time
		want     bool
	}{
		"it is there":                        {one("a", 0, -1), []*corev1.Pod{one("b", 0, -1)}, 1, time.Time{}, false},
		"one more than wanted":               {one("a", 0, 10), []*corev1.Pod{one("b", 0, -1)}, 1, time.Time{}, true},
		"none is wanted":                     {one("a", 0, 10), nil, 0, time.Time{}, true},
		"many at once":                       {one("a", 0, 10), []*corev1.Pod{one("b", 0, 10), one("c", 0, 10), one("d", 0, -1)}, 1, time.Time{}, true},
		"a user's, and its replacement":      {one("a", 0, 10), []*corev1.Pod{one("b", 10, -1)}, 1, time.Time{}, false},
		"a user's, and a later replacement":  {one("a", 0, 10), []*corev1.Pod{one("b", 12, -1)}, 1, time.Time{}, false},
		"a user's of all":                    {one("a", 0, 10), []*corev1.Pod{one("b", 0, 10), one("c", 10, -1), one("d", 11, -1)}, 2, time.Time{}, false},
		"the other one went before":          {one("a", 0, 10), []*corev1.Pod{one("b", 0, 5)}, 1, time.Time{}, false},
		"the other one was stopped":          {one("a", 0, 10), []*corev1.Pod{stopped}, 1, time.Time{}, false},
		"scaled by somebody, and taken back": {one("a", 9, 10), []*corev1.Pod{one("b", 0, -1), one("c", 0, -1), one("d", 9, 10)}, 2, time.Time{}, true},
		"none is wanted any more":            {one("a", 0, 10), nil, 0, born.Add(10*time.Second + time.Millisecond), true},
		"it went before":                     {one("a", 0, 9), nil, 0, born.Add(10*time.Second + time.Millisecond), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := TakenInScaleIn(test.pod, append(test.others, test.pod), test.replicas, test.since); got != test.want {
				t.Errorf("taken %v, want %v", got, test.want)
			}
		})
	}
}

// In a scale-in the ReplicaSet may take another pod than the one marked.
func TestOutlives(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*corev1.Pod)
		want   bool
	}{
		"marked":              {func(*corev1.Pod) {}, true},
		"deleted":             {func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{} }, false},
		"ended":               {func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed }, false},
		"not marked":          {func(p *corev1.Pod) { p.Annotations = nil }, false},
		"let go of by a stop": {func(p *corev1.Pod) { p.Labels = nil }, false},
	} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
			Annotations: map[string]string{corev1.PodDeletionCost: "-1000"}, Labels: map[string]string{v1alpha1.ServiceLabel: "web"},
		}}
		tt.change(pod)
		if got := Outlives(pod); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
