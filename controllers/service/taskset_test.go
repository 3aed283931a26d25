package service

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// taskSets is an EXTERNAL service with a task set of each scale.
func taskSets(desired int32, scales ...float64) *world {
	svc := &v1alpha1.ECSService{}
	svc.Spec.Name, svc.Spec.DesiredCount, svc.Spec.MinimumHealthyPercent, svc.Spec.MaximumPercent = "web", desired, 100, 200
	w := &world{now: time.Unix(1000, 0), service: svc, settings: types.Service{
		DeploymentController:    &types.DeploymentController{Type: types.DeploymentControllerTypeExternal},
		DeploymentConfiguration: &types.DeploymentConfiguration{},
	}}
	for i, scale := range scales {
		number := int64(i + 1)
		w.deployments = append(w.deployments, &deployment{
			entry:   v1alpha1.DeploymentEntry{Number: number, TaskSet: &v1alpha1.TaskSetEntry{}, RequestedAt: metav1.NewMicroTime(time.Unix(900, 0))},
			id:      fmt.Sprintf("ecs-svc/%d", number),
			taskSet: types.TaskSet{Scale: &types.Scale{Unit: types.ScaleUnitPercent, Value: scale}},
			rollout: &v1alpha1.ServiceDeployment{},
		})
	}
	return w
}

// reach lets the cluster do at once what is wanted.
func (w *world) reach() {
	w.plan()
	w.obey()
}

func TestTaskSetsRunTheirShares(t *testing.T) {
	now := metav1.NewMicroTime(time.Unix(1000, 0))
	for name, test := range map[string]struct {
		change func(*world)
		want   []int32
		kept   int32
	}{
		"as scaled, rounded up":                {func(*world) {}, []int32{3, 1, 0}, 4},
		"five times the desired count":         {func(w *world) { w.deployments[2].taskSet.Scale.Value = 100 }, []int32{3, 1, 3}, 7},
		"scaled down while nothing is healthy": {func(w *world) { w.deployments[0].side, w.deployments[0].taskSet.Scale.Value = at(3, 3, 0, 0), 0 }, []int32{0, 1, 0}, 1},
		"the count follows the service's":      {func(w *world) { w.service.Spec.DesiredCount = 10 }, []int32{10, 3, 0}, 13},
		"one is deleted":                       {func(w *world) { w.deployments[0].entry.TaskSet.DeletedAt = &now }, []int32{0, 1, 0}, 1},
		"the service is deleted":               {func(w *world) { w.service.Spec.DeletedAt = &now }, []int32{0, 0, 0}, 0},
		"a protected task stays": {func(w *world) {
			w.deployments[0].side = at(3, 3, 3, 3)
			w.deployments[0].side.Protected, w.deployments[0].taskSet.Scale.Value = 2, 0
		}, []int32{2, 1, 0}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := taskSets(3, 100, 30, 0)
			test.change(w)
			w.plan()
			lower, upper := w.limits()
			if diff := cmp.Diff(test.want, Counts(lower, upper, w.sides())); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			if got := w.keptInDrain(); got != test.kept {
				t.Errorf("a drain leaves %d tasks, want %d", got, test.kept)
			}
		})
	}
}

// tell reconciles the status, and returns the events, oldest first.
func (w *world) tell() []string {
	r, status := &ring{service: "web", now: w.now}, w.service.Status
	w.tellComputed(r, &status)
	w.tellStable(r, &status)
	w.tellSteady(r, &status)
	w.service.Status = status
	var told []string
	for _, event := range slices.Backward(r.events) {
		told = append(told, event.Message)
	}
	return told
}

// TestTaskSetEvents: the texts and their order are those of a recorded service.
func TestTaskSetEvents(t *testing.T) {
	w := taskSets(2, 0)
	w.plan()
	expect := func(when string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, w.tell()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	expect("at scale 0", "(service web, taskSet ecs-svc/1) updated state to STEADY_STATE.", "(service web) has reached a steady state.")
	w.deployments[0].taskSet.Scale.Value = 50
	w.now = w.now.Add(time.Minute)
	w.plan()
	expect("scaled up", "(service web) updated computedDesiredCount for taskSet ecs-svc/1 to 1.")
	if state := w.service.Status.TaskSets[0]; state.Stable || !state.StableAt.Time.Equal(w.now) {
		t.Errorf("the task set that begins to scale is %+v", state)
	}
	expect("while it scales")
	w.reach()
	expect("scaled", "(service web, taskSet ecs-svc/1) updated state to STEADY_STATE.", "(service web) has reached a steady state.")
	w.deployments[0].side.Leaving = 1
	expect("its instance drains")
	if w.service.Status.TaskSets[0].Stable {
		t.Error("a task set is stable with a task on an instance that drains")
	}
	w.deployments[0].side.Leaving = 0
	deleted := metav1.NewMicroTime(w.now)
	w.deployments[0].entry.TaskSet.DeletedAt = &deleted
	w.reach()
	expect("deleted", "(service web) updated computedDesiredCount for taskSet ecs-svc/1 to 0.", "(service web) has reached a steady state.")
	w.deployments = nil
	expect("gone")
	if len(w.service.Status.TaskSets) != 0 {
		t.Errorf("what was said of a task set that is gone is kept: %+v", w.service.Status.TaskSets)
	}
}

// TestTaskSetsLeave: those that were deleted go, whichever is the newest.
func TestTaskSetsLeave(t *testing.T) {
	w := taskSets(1, 0, 0)
	deleted := metav1.NewMicroTime(w.now)
	w.deployments[1].entry.TaskSet.DeletedAt = &deleted
	if w.over(w.deployments[0]) || !w.over(w.deployments[1]) {
		t.Error("the deleted task set does not leave, or the other does")
	}
	w.service.Spec.DeletedAt = &deleted
	if !w.over(w.deployments[0]) {
		t.Error("a task set stays although its service was deleted")
	}
}

func TestEventsTellTaskSetsApart(t *testing.T) {
	w := taskSets(2, 50, 50)
	w.deployments[0].tasks, w.deployments[1].tasks = []*task{runningTask("a")}, []*task{runningTask("b"), runningTask("c")}
	want := []part{{deployment: "ecs-svc/1", tasks: []string{"a"}}, {deployment: "ecs-svc/2", tasks: []string{"c"}}}
	if diff := cmp.Diff(want, w.ofTaskSets([]string{"c", "a"}), cmp.AllowUnexported(part{})); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	w.settings.DeploymentController = nil
	if got := w.ofTaskSets([]string{"c", "a"}); len(got) != 1 || got[0].deployment != "" {
		t.Errorf("tasks of a service without task sets are parted: %+v", got)
	}
}

// TestNoTaskSets: a service that has none yet is nothing to stumble over.
func TestNoTaskSets(t *testing.T) {
	w := taskSets(2)
	w.plan()
	if told := w.tell(); len(told) != 0 || w.steady() || w.failing() != nil || w.keptInDrain() != 0 {
		t.Errorf("a service without task sets says %v, steady: %v", told, w.steady())
	}
}
