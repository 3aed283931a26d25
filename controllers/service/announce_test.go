package service

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// TestManyTasksAreCountedAndFewNamed: an event is no longer for a thousand tasks
// than for ten, and each task is in one event only.
func TestManyTasksAreCountedAndFewNamed(t *testing.T) {
	begin := time.Unix(100_000, 0)
	d := &deployment{}
	for i := range 25 {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: types.UID(fmt.Sprintf("0000-%04d", i)), CreationTimestamp: metav1.NewTime(begin)}}
		d.tasks = append(d.tasks, &task{pod: pod, state: translator.Observe(pod)})
	}
	svc := &v1alpha1.ECSService{}
	svc.Spec.CreatedAt = metav1.NewMicroTime(begin)
	w := &world{service: svc, deployments: []*deployment{d}}
	r := &ring{service: "web"}
	announce := func(after time.Duration) {
		w.now, r.now = begin.Add(after), begin.Add(after)
		w.announce(r, &svc.Status)
	}
	announce(time.Second)
	if len(r.events) != 1 || !strings.HasPrefix(r.events[0].Message, "(service web) has started 25 tasks: (task ") ||
		strings.Count(r.events[0].Message, "(task ") != namedTasks || len(svc.Status.StartedUnnamed) != 15 {
		t.Fatalf("the events are %v, and %d tasks are unnamed", r.events, len(svc.Status.StartedUnnamed))
	}
	for _, after := range []time.Duration{2 * time.Second, announceWindow, 2 * announceWindow, time.Hour} {
		if announce(after); len(r.events) != 1 {
			t.Fatalf("after %s the events are %v", after, r.events)
		}
	}
	if len(svc.Status.StartedUnnamed) != 0 {
		t.Errorf("after an hour %d tasks are still unnamed", len(svc.Status.StartedUnnamed))
	}
}
