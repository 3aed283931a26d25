package service

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
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
		pod.Spec.NodeName = "n"
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

// TestStartedIsWhatHasAnInstance: a task that no instance has room for is told of
// when one has, however long after it was made.
func TestStartedIsWhatHasAnInstance(t *testing.T) {
	begin := time.Unix(100_000, 0)
	pod := func(name string) *task {
		return &task{pod: &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: types.UID(name), CreationTimestamp: metav1.NewTime(begin)}}}
	}
	placed, waits := pod("placed"), pod("waits")
	placed.pod.Spec.NodeName = "n"
	schedule := func(status corev1.ConditionStatus, reason string, at time.Time) {
		waits.pod.Status.Conditions = []corev1.PodCondition{
			{Type: corev1.PodScheduled, Status: status, Reason: reason, LastTransitionTime: metav1.NewTime(at)},
		}
	}
	svc := &v1alpha1.ECSService{}
	svc.Spec.CreatedAt = metav1.NewMicroTime(begin)
	r := &ring{service: "web"}
	announce := func(after time.Duration) []string {
		for _, task := range []*task{placed, waits} {
			task.state = translator.Observe(task.pod)
		}
		now := begin.Add(after)
		r.now = now
		w := &world{now: now, service: svc, deployments: []*deployment{{tasks: []*task{placed, waits}}}}
		w.announce(r, &svc.Status)
		messages := make([]string, len(r.events))
		for i, event := range r.events {
			messages[i] = event.Message
		}
		return messages
	}
	if got := announce(time.Second); len(got) != 0 {
		t.Errorf("before the scheduler has looked at both the events are %q", got)
	}
	schedule(corev1.ConditionFalse, corev1.PodReasonUnschedulable, begin.Add(time.Second))
	first := "(service web) has started 1 tasks: (task placed)."
	if got := announce(time.Second); len(got) != 1 || got[0] != first {
		t.Errorf("while one waits the events are %q", got)
	}
	if got := announce(10 * time.Minute); len(got) != 1 {
		t.Errorf("while one waits the events are %q", got)
	}
	waits.pod.Spec.NodeName = "n"
	schedule(corev1.ConditionTrue, "", begin.Add(time.Hour))
	if got := announce(time.Hour + time.Second); len(got) != 2 || got[0] != "(service web) has started 1 tasks: (task waits)." {
		t.Errorf("when it has its instance the events are %q", got)
	}
}

// TestPendingTasksAreCountedOnce: an event counts the tasks that were stopped before
// they ran, and names none; no later one counts them again.
func TestPendingTasksAreCountedOnce(t *testing.T) {
	begin := time.Unix(100_000, 0)
	stop := translator.StopAnnotations(&corev1.Pod{}, translator.Stop{Code: ecstypes.TaskStopCodeServiceSchedulerInitiated, Reason: "Scaling activity"}, begin)
	d := &deployment{}
	for i := range 3 {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
			UID: types.UID(fmt.Sprintf("0000-%04d", i)), CreationTimestamp: metav1.NewTime(begin), Annotations: map[string]string{},
		}}
		if i < 2 {
			maps.Copy(pod.Annotations, stop)
		}
		d.tasks = append(d.tasks, &task{pod: pod, state: translator.Observe(pod)})
	}
	svc := &v1alpha1.ECSService{}
	svc.Spec.CreatedAt = metav1.NewMicroTime(begin)
	r := &ring{service: "web"}
	mark := func(t *task, marks map[string]string) {
		t.pod.Annotations = maps.Clone(marks)
		t.state = translator.Observe(t.pod)
	}
	for look := range 4 {
		switch look {
		case 1: // its ReplicaSet has taken another
			mark(d.tasks[0], nil)
		case 2:
			mark(d.tasks[0], stop)
		case 3:
			mark(d.tasks[2], stop)
		}
		w := &world{now: begin.Add(10 * time.Second), service: svc, deployments: []*deployment{d}}
		w.announce(r, &svc.Status)
	}
	want := []string{"(service web) stopped 1 pending tasks.", "(service web) stopped 2 pending tasks."}
	var got []string
	for _, event := range r.events {
		got = append(got, event.Message)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events, the newest first (-want +got):\n%s", diff)
	}
}

// TestEventsComeInOrder: what one look finds is told as ECS tells it (public reports of
// rolling updates with 100/200 and 0/100, and of an unhealthy task).
func TestEventsComeInOrder(t *testing.T) {
	begin := time.Unix(100_000, 0)
	since := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }
	placed := func(seconds int) func(*corev1.Pod) {
		return func(pod *corev1.Pod) { pod.CreationTimestamp = metav1.NewTime(since(seconds)) }
	}
	pending := func(pod *corev1.Pod) { pod.Status.ContainerStatuses = nil }
	stopped := func(seconds int, reason string) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			maps.Copy(pod.Annotations, translator.StopAnnotations(pod, translator.Stop{Code: ecstypes.TaskStopCodeServiceSchedulerInitiated, Reason: reason}, since(seconds)))
		}
	}
	couldNotStart := func(seconds int, reason string) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			maps.Copy(pod.Annotations, translator.StopAnnotations(pod, translator.Stop{Code: ecstypes.TaskStopCodeTaskFailedToStart, Reason: reason}, since(seconds)))
		}
	}
	yields := func(pod *corev1.Pod) { pod.Annotations[v1alpha1.StopAtAnnotation] = translator.FormatTime(since(600)) }
	yielded := func(pod *corev1.Pod) { pod.Spec.ActiveDeadlineSeconds = new(int64(1)) }
	const rolling = "Scaling activity"
	for name, test := range map[string]struct {
		registered []string
		now        int
		tasks      []*task
		want       []string // oldest first
	}{
		"the new one first": {
			[]string{"a"},
			60,
			[]*task{runningTask("a", placed(0), stopped(50, rolling)), runningTask("b", placed(40))},
			[]string{
				"has started 1 tasks: (task b).", "registered 1 targets in (target-group arn:web)", "has stopped 1 running tasks: (task a).",
				"deregistered 1 targets in (target-group arn:web)", "has begun draining connections on 1 tasks.",
			},
		},
		"the old one first": {
			[]string{"a"},
			60,
			[]*task{runningTask("a", placed(0), stopped(40, rolling)), runningTask("b", placed(50), pending)},
			[]string{
				"has stopped 1 running tasks: (task a).", "has started 1 tasks: (task b).",
				"deregistered 1 targets in (target-group arn:web)", "has begun draining connections on 1 tasks.",
			},
		},
		"one that never ran": {
			nil, 50, // another of its kind is awaited still
			[]*task{runningTask("b", placed(50), pending, stopped(50, rolling)), runningTask("c", placed(50), pending, func(pod *corev1.Pod) { pod.Spec.NodeName = "" })},
			[]string{"has started 1 tasks: (task b).", "stopped 1 pending tasks."},
		},
		"one that could not start": {
			nil, 60,
			[]*task{runningTask("b", placed(40), pending, couldNotStart(50, "CannotPullContainerError: not found.")), runningTask("c", placed(40), pending, couldNotStart(50, translator.ReasonFailedToStart))},
			[]string{"has started 2 tasks: (task b) (task c).", "was unable to place a task. Reason: CannotPullContainerError: not found."},
		},
		"an unhealthy one that waits for the other": {
			[]string{"a"},
			60,
			[]*task{runningTask("a", placed(0), stopped(40, translator.ReasonUnhealthy), yields), runningTask("b", placed(50), pending)},
			[]string{"has started 1 tasks: (task b). Amazon ECS replaced 1 tasks due to an unhealthy status."},
		},
		"an unhealthy one that has been replaced": {
			[]string{"a", "b"},
			150,
			[]*task{runningTask("a", placed(0), stopped(140, translator.ReasonUnhealthy), yields, yielded), runningTask("b", placed(50)), runningTask("c", placed(145), pending)},
			[]string{
				"(task a) failed container health checks.", "has stopped 1 running tasks: (task a).", "has started 1 tasks: (task c).",
				"deregistered 1 targets in (target-group arn:web)", "has begun draining connections on 1 tasks.",
			},
		},
		"an unhealthy one without room for two": {
			nil, 60,
			[]*task{runningTask("a", placed(0), stopped(40, translator.ReasonUnhealthy)), runningTask("b", placed(50), pending)},
			[]string{
				"(task a) failed container health checks.", "has stopped 1 running tasks: (task a).",
				"has started 1 tasks: (task b). Amazon ECS replaced 1 tasks due to an unhealthy status.",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			svc := &v1alpha1.ECSService{}
			svc.Spec.CreatedAt = metav1.NewMicroTime(begin)
			if test.registered != nil {
				svc.Status.Targets = []v1alpha1.TargetGroup{{ARN: "arn:web", Tasks: test.registered}}
			}
			d := carrier(1, ProductionTraffic, "web")
			d.tasks = test.tasks
			w := &world{now: since(test.now), service: svc, deployments: []*deployment{d}}
			told := []v1alpha1.ServiceEvent{{CreatedAt: metav1.NewMicroTime(since(1)), Message: "(service web) has started 1 tasks: (task a)."}}
			if test.now > 100 {
				told[0].CreatedAt, told[0].Message = metav1.NewMicroTime(since(51)), "(service web) has started 2 tasks: (task a) (task b)."
			}
			r := &ring{service: "web", now: w.now, events: told}
			wanted := svc.Status
			if test.registered != nil {
				wanted.Targets = w.targets()
			}
			w.announce(r, &wanted)
			svc.Status = wanted
			w.announce(r, &wanted) // it says nothing twice
			if diff := cmp.Diff(svc.Status.StoppedUnnamed, wanted.StoppedUnnamed); diff != "" {
				t.Errorf("who is counted and not named changes at the second look:\n%s", diff)
			}
			var got []string
			for _, event := range slices.Backward(r.events[:len(r.events)-1]) {
				_, message, _ := strings.Cut(event.Message, ") ")
				got = append(got, message)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("events, the oldest first (-want +got):\n%s", diff)
			}
		})
	}
}
