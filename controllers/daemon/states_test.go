package daemon

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// updating is a daemon of three instances whose second deployment is in the
// state; the first was successful.
func updating(state types.DaemonDeploymentStatus, tasks ...task) *world {
	entry := func(number int64) v1alpha1.DaemonDeploymentEntry {
		return v1alpha1.DaemonDeploymentEntry{Number: number, Template: &runtime.RawExtension{}}
	}
	return &world{
		now: noon, entry: entry(2),
		daemon: &v1alpha1.Daemon{
			Spec:   v1alpha1.DaemonSpec{Deployments: []v1alpha1.DaemonDeploymentEntry{entry(1), entry(2)}},
			Status: v1alpha1.DaemonStatus{Completed: 1},
		},
		deployment: &v1alpha1.DaemonDeployment{Status: v1alpha1.DaemonDeploymentStatus{State: string(state)}},
		set:        &appsv1.DaemonSet{Status: appsv1.DaemonSetStatus{DesiredNumberScheduled: 3}},
		tasks:      tasks, failures: map[int64]int32{},
	}
}

func of(revision int64, healthy bool) task {
	return task{pod: &corev1.Pod{}, revision: revision, healthy: healthy}
}

func TestStates(t *testing.T) {
	old, fresh, starting := of(1, true), of(2, true), of(2, false)
	rollback := func(w *world) { w.deployment.Status.Rollback = &v1alpha1.DaemonRollback{To: 1, FailedBefore: 4} }
	for _, c := range []struct {
		name   string
		state  types.DaemonDeploymentStatus
		tasks  []task
		change func(w *world)
		want   string // the next state, "" where it stays
	}{
		{"begins", types.DaemonDeploymentStatusPending, nil, nil, "IN_PROGRESS"},
		{"without its DaemonSet", types.DaemonDeploymentStatusPending, nil, func(w *world) { w.set = nil }, ""},
		{"an old task is left", types.DaemonDeploymentStatusInProgress, []task{old, fresh, fresh}, nil, ""},
		{"a new task is not healthy", types.DaemonDeploymentStatusInProgress, []task{starting, fresh, fresh}, nil, ""},
		{"an instance has none", types.DaemonDeploymentStatusInProgress, []task{fresh, fresh}, nil, ""},
		{"all run it", types.DaemonDeploymentStatusInProgress, []task{fresh, fresh, fresh}, nil, "SUCCESSFUL"},
		{"no instance", types.DaemonDeploymentStatusInProgress, nil, func(w *world) { w.set.Status.DesiredNumberScheduled = 0 }, "SUCCESSFUL"},
		{"DaemonSet not looked at", types.DaemonDeploymentStatusInProgress, nil, func(w *world) { w.set.Status.DesiredNumberScheduled, w.set.Generation = 0, 1 }, ""},
		{"below the threshold", types.DaemonDeploymentStatusInProgress, []task{old, old, starting}, func(w *world) { w.failures[2] = 9 }, ""},
		{"at the threshold", types.DaemonDeploymentStatusInProgress, []task{old, old, starting}, func(w *world) { w.failures[2] = 10 }, "STOP_REQUESTED"},
		{"at the threshold, nothing to go back to", types.DaemonDeploymentStatusInProgress, nil, func(w *world) { w.failures[2], w.daemon.Status.Completed = 10, 0 }, "STOPPED"},
		{"goes back", types.DaemonDeploymentStatusStopRequested, nil, nil, "ROLLBACK_IN_PROGRESS"},
		{"is on its way back", types.DaemonDeploymentStatusRollbackInProgress, []task{old, old, starting}, rollback, ""},
		{"is back", types.DaemonDeploymentStatusRollbackInProgress, []task{old, old, old}, rollback, "ROLLBACK_SUCCESSFUL"},
		{"cannot go back", types.DaemonDeploymentStatusRollbackInProgress, []task{old, old}, func(w *world) { rollback(w); w.failures[1] = 14 }, "ROLLBACK_FAILED"},
		{"has ended", types.DaemonDeploymentStatusStopped, []task{fresh, fresh, fresh}, nil, ""},
		{"is successful, and a task is replaced", types.DaemonDeploymentStatusSuccessful, []task{fresh, fresh}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := updating(c.state, c.tasks...)
			if c.change != nil {
				c.change(w)
			}
			got, _ := w.next()["state"].(string)
			if got != c.want {
				t.Errorf("next state %q, want %q", got, c.want)
			}
		})
	}
}

func TestBakeTime(t *testing.T) {
	fresh := of(2, true)
	w := updating(types.DaemonDeploymentStatusInProgress, fresh, fresh, fresh)
	w.configuration.BakeTimeInMinutes = 5
	if change := w.next(); change["bakingSince"] == nil || change["state"] != nil {
		t.Fatalf("once all run it: %v, want the bake time to begin", change)
	}
	began := metav1.NewMicroTime(noon)
	w.deployment.Status.BakingSince = &began
	w.now = noon.Add(4 * time.Minute)
	if change := w.next(); change != nil || w.After != time.Minute {
		t.Errorf("after 4 minutes: %v, look again in %s, want nothing and 1m", change, w.After)
	}
	w.now = noon.Add(5 * time.Minute)
	if change := w.next(); change["state"] != "SUCCESSFUL" {
		t.Errorf("after 5 minutes: %v, want SUCCESSFUL", change)
	}
	w.tasks = w.tasks[:2]
	if change := w.next(); change == nil || change["bakingSince"] != nil {
		t.Errorf("an instance lost its task: %v, want the bake time to begin anew", change)
	}
}

func TestRoom(t *testing.T) {
	for _, c := range []struct {
		name                    string
		instances, up, outdated int
		percent                 float64
		want                    int
	}{
		{"a quarter of eight", 8, 8, 8, 25, 2},
		{"one at least", 3, 3, 3, 25, 1},
		{"of zero percent too", 3, 3, 3, 0, 1},
		{"all at once", 3, 3, 3, 100, 3},
		{"others are away", 8, 6, 6, 25, 0},
		{"one other is away", 8, 7, 7, 25, 1},
		{"more away than may be", 8, 2, 2, 25, 0},
		{"few are left", 8, 8, 1, 50, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Room(c.instances, c.up, c.outdated, c.percent); got != c.want {
				t.Errorf("room for %d, want %d", got, c.want)
			}
		})
	}
}

func TestFailed(t *testing.T) {
	ran := func(d time.Duration) types.Task {
		return types.Task{StopCode: types.TaskStopCodeEssentialContainerExited, StartedAt: aws.Time(noon), ExecutionStoppedAt: aws.Time(noon.Add(d))}
	}
	for name, c := range map[string]struct {
		task types.Task
		want bool
	}{
		"could not start":     {types.Task{StopCode: types.TaskStopCodeTaskFailedToStart}, true},
		"unhealthy":           {types.Task{StopCode: types.TaskStopCodeServiceSchedulerInitiated, StoppedReason: aws.String(translator.ReasonUnhealthy)}, true},
		"replaced":            {types.Task{StopCode: types.TaskStopCodeServiceSchedulerInitiated, StoppedReason: aws.String("Scaling activity")}, false},
		"exited early":        {ran(time.Second), true},
		"exited after it ran": {ran(time.Minute), false},
		"stopped by a user":   {types.Task{StopCode: types.TaskStopCodeUserInitiated}, false},
	} {
		if got := failed(c.task, 40*time.Second); got != c.want {
			t.Errorf("%s: failed %t, want %t", name, got, c.want)
		}
	}
}
