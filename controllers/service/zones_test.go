package service

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// inZones are tasks in these zones, protected ones where the name is in upper case.
func inZones(zones string) []*task {
	var tasks []*task
	for zone := range strings.FieldsSeq(zones) {
		pod := &corev1.Pod{}
		tasks = append(tasks, &task{pod: pod, state: translator.Observe(pod), zone: strings.ToLower(zone), protected: zone != strings.ToLower(zone)})
	}
	return tasks
}

func TestZones(t *testing.T) {
	for name, tc := range map[string]struct {
		open, tasks      string
		uneven, balanced bool
		fewest, most     string
		text             string
	}{
		"no zone":                  {"", "", false, true, "", "", ""},
		"no zone with an instance": {"", "a a a", false, true, "", "a", "3 tasks in a"},
		"one":                      {"a", "a a a", false, true, "a", "a", "3 tasks in a"},
		"even":                     {"a b", "a b", false, true, "a", "a", "1 tasks in a, 1 tasks in b"},
		"one more":                 {"a b", "a a b", false, true, "b", "a", "2 tasks in a, 1 tasks in b"},
		"an empty zone":            {"a b c", "a a c", true, false, "b", "a", "2 tasks in a, 1 tasks in c, 0 tasks in b"},
		"none can go":              {"a b", "A A A b", false, false, "b", "b", "3 tasks in a, 1 tasks in b"},
		"another can go":           {"a b c", "A A A b b", true, false, "c", "b", "3 tasks in a, 2 tasks in b, 0 tasks in c"},
		"one of a zone can go":     {"a b", "A A a", true, false, "b", "a", "3 tasks in a, 0 tasks in b"},
		"one that takes none":      {"b c", "a b b b c", true, false, "c", "b", "3 tasks in b, 1 tasks in a, 1 tasks in c"},
		"crowded, takes none":      {"b c", "a a a b c", true, false, "b", "a", "3 tasks in a, 1 tasks in b, 1 tasks in c"},
		"with the fewest, shut":    {"b c", "a b b c c", false, true, "b", "b", "2 tasks in b, 2 tasks in c, 1 tasks in a"},
	} {
		t.Run(name, func(t *testing.T) {
			open := map[string]bool{}
			for zone := range strings.FieldsSeq(tc.open) {
				open[zone] = true
			}
			z := newZones(open, inZones(tc.tasks))
			if z.uneven() != tc.uneven || z.balanced() != tc.balanced || z.fewest != tc.fewest || z.most != tc.most || z.String() != tc.text {
				t.Errorf("uneven %v, balanced %v, from %q to %q, %q", z.uneven(), z.balanced(), z.most, z.fewest, z)
			}
		})
	}
}

func TestZoneWithRoom(t *testing.T) {
	for name, tc := range map[string]struct{ open, tasks, room, into string }{
		"the one with the fewest":           {"a b", "b b b", "a b", "a"},
		"it is full, and no other helps":    {"a b", "b b b", "b", ""},
		"it is full, another is as empty":   {"a b c", "c c c c", "b c", "b"},
		"it is full, another helps":         {"a b c", "b c c c c", "b c", "b"},
		"it is full, another helps nothing": {"a b c", "b c c", "b c", ""},
	} {
		t.Run(name, func(t *testing.T) {
			open := map[string]bool{}
			for zone := range strings.FieldsSeq(tc.open) {
				open[zone] = true
			}
			z := newZones(open, inZones(tc.tasks))
			z.find(func(zone string) bool { return strings.Contains(tc.room, zone) })
			if z.into != tc.into {
				t.Errorf("one more goes into %q, want %q", z.into, tc.into)
			}
		})
	}
}

// balanced is a world in which one task is being moved since a minute, with so
// many healthy tasks in each zone, oldest first.
func balanced(desired int32, in ...string) *world {
	now := time.Now()
	at := metav1.NewMicroTime(now.Add(-time.Minute))
	d := &deployment{entry: v1alpha1.DeploymentEntry{Number: 1}, side: Side{Healthy: int32(len(in))}}
	for n, zone := range in {
		created := now.Add(-time.Hour + time.Duration(n)*time.Second)
		if n >= int(desired) {
			created = now.Add(-time.Minute).Truncate(time.Second)
		}
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(created)}}
		d.tasks = append(d.tasks, &task{pod: pod, state: translator.Observe(pod), zone: zone, healthy: true})
	}
	return &world{
		now: now, deployments: []*deployment{d}, settings: types.Service{
			AvailabilityZoneRebalancing: types.AvailabilityZoneRebalancingEnabled,
			DeploymentConfiguration:     &types.DeploymentConfiguration{},
		},
		service: &v1alpha1.ECSService{
			Spec:   v1alpha1.ECSServiceSpec{DesiredCount: desired, MaximumPercent: 200},
			Status: v1alpha1.ECSServiceStatus{RebalancingAt: &at, Completed: &d.entry},
		},
	}
}

// move chooses the task to go.
func move(w *world, n int) {
	t := w.newest().tasks[n]
	t.pod.Annotations = translator.StopAnnotations(t.pod, translator.Stop{Code: "ServiceSchedulerInitiated"}, w.now)
	t.pod.Annotations[v1alpha1.RebalancedFromAnnotation] = t.zone
	t.state = translator.Observe(t.pod)
}

func TestMovingATask(t *testing.T) {
	end := func(w *world) v1alpha1.ECSServiceStatus {
		status := w.service.Status
		w.keepBalance(&ring{now: w.now}, &status)
		return status
	}
	w := balanced(4, "a", "a", "a", "a")
	if w.extra() != 1 || end(w).RebalancingAt == nil {
		t.Errorf("while the fifth task is not there, %d more are wanted and the end is %v", w.extra(), end(w))
	}
	w = balanced(4, "a", "a", "a", "a", "b")
	if w.extra() != 0 || end(w).RebalancingAt == nil {
		t.Errorf("when it is healthy, %d more are wanted, and none was chosen to go yet", w.extra())
	}
	move(w, 0)
	if got := end(w); w.extra() != 0 || got.RebalancingAt != nil || got.BalancePausedUntil != nil {
		t.Errorf("when one is chosen to go it has not ended, or pauses: %v", got)
	}
	w = balanced(4, "a", "a", "a", "b", "a")
	move(w, 0)
	if got := end(w); got.RebalancingAt != nil || got.BalancePausedUntil == nil {
		t.Errorf("where the fifth came into the crowded zone it does not pause: %v", got)
	}
	w = balanced(4, "a", "a", "a", "b", "a")
	move(w, 4)
	if got := end(w); got.RebalancingAt != nil || got.BalancePausedUntil == nil {
		t.Errorf("where the fifth came into the crowded zone and went from there it does not pause: %v", got)
	}
	w = balanced(6, "a", "a", "a", "b", "b", "c", "b")
	move(w, 0)
	if got := end(w); got.RebalancingAt != nil || got.BalancePausedUntil == nil {
		t.Errorf("where the one more made another zone the crowded one it does not pause: %v", got)
	}
	w = balanced(4, "", "", "", "", "b")
	move(w, 0)
	if got := end(w); got.RebalancingAt != nil {
		t.Errorf("where one goes from a node without a zone it does not end: %v", got)
	}
	w = balanced(4, "a", "a", "a", "a")
	w.now = w.now.Add(balanceLimit)
	if got := end(w); w.extra() != 0 || got.RebalancingAt != nil || got.BalancePausedUntil == nil {
		t.Errorf("where the fifth does not come it does not give up: %d more, %v", w.extra(), got)
	}
	w = balanced(4, "a", "a", "a", "a")
	w.newest().side.Leaving = 1
	if got := end(w); w.extra() != 0 || got.RebalancingAt != nil {
		t.Errorf("an instance that is draining does not end it: %d more, %v", w.extra(), got)
	}
	w = balanced(4, "a", "a", "a", "a")
	w.service.Spec.MaximumPercent = 100
	if got := end(w); w.extra() != 0 || got.RebalancingAt != nil {
		t.Errorf("where no room is left above it does not end: %d more, %v", w.extra(), got)
	}
	w = balanced(4, "a", "a", "a", "a")
	w.service.Status.Completed = nil // a deployment has begun
	if got := end(w); w.extra() != 0 || got.RebalancingAt != nil {
		t.Errorf("a deployment does not end it: %d more, %v", w.extra(), got)
	}
}

func runAll(tasks []*task) {
	for _, task := range tasks {
		task.pod.Spec.NodeName, task.pod.Status.Phase = "n", corev1.PodRunning
		task.pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	}
}

// TestMovesComeToAnEnd: wherever the scheduler puts the tasks that are started,
// each move that no pause follows spreads the tasks better, and no task is taken
// that is protected.
func TestMovesComeToAnEnd(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1))
		all := []string{"a", "b", "c", ""}[:2+r.IntN(3)]
		in := make([]string, 1+r.IntN(12))
		for i := range in {
			in[i] = all[min(r.IntN(len(all)), r.IntN(len(all)))]
		}
		w := balanced(int32(len(in)), in...)
		d, open := w.newest(), map[string]bool{}
		for _, zone := range all[r.IntN(2):] {
			open[zone] = zone != ""
		}
		delete(open, "")
		for _, task := range d.tasks {
			task.protected = r.IntN(3) == 0
		}
		for newZones(open, d.tasks).uneven() {
			before := squares(d.tasks)
			next := balanced(0, all[r.IntN(len(all))]).newest().tasks[0]
			d.tasks = append(d.tasks, next)
			runAll(d.tasks)
			going := chosen(d.tasks, len(in))
			if len(going) != 1 || going[0].protected {
				t.Fatalf("seed %d: %d tasks go", seed, len(going))
			}
			move(w, slices.Index(d.tasks, going[0]))
			if !w.helped(going[0], w.service.Status.RebalancingAt.Time) {
				break
			}
			d.tasks = slices.DeleteFunc(d.tasks, func(task *task) bool { return task == going[0] })
			next.pod.CreationTimestamp = metav1.NewTime(w.now.Add(-time.Hour))
			if after := squares(d.tasks); after >= before {
				t.Fatalf("seed %d: a move without a pause does not help", seed)
			}
		}
	}
}

// squares is the smaller, the better tasks are spread over their zones.
func squares(tasks []*task) (sum int) {
	counts := map[string]int{}
	for _, task := range tasks {
		sum += 2*counts[task.zone] + 1
		counts[task.zone]++
	}
	return sum
}

// TestScaleInKeepsTheBalance: of healthy tasks those go whose zone has the most.
func TestScaleInKeepsTheBalance(t *testing.T) {
	w := balanced(6, "a", "b", "a", "a", "c", "b")
	runAll(w.newest().tasks)
	w.newest().tasks[0].protected = true
	var zones []string
	for _, task := range chosen(w.newest().tasks, 3) {
		zones = append(zones, task.zone)
	}
	if got := strings.Join(zones, " "); got != "a b a" && got != "a a b" {
		t.Errorf("tasks of the zones %s go, want two of a and one of b", got)
	}
}
