package integration

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// atMostLive is for watch: too many live pods are wrong at any time.
func (s *scene) atMostLive(limit int) error {
	if n := len(s.livePods()); n > limit {
		return fmt.Errorf("%d pods live, want %d at most", n, limit)
	}
	return nil
}

// replaced waits until count tasks are wanted that are not among those given,
// each with a pod that lives, and returns their ids.
func (s *scene) replaced(service string, count int, old ...string) []string {
	s.Helper()
	var ids []string
	eventually(s.T, startLimit, fmt.Sprintf("%d other tasks than %v", count, old), func() (bool, string) {
		ids = s.list(service, types.DesiredStatusRunning)
		fresh := !slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(old, id) })
		var live []string
		for _, pod := range s.livePods() {
			live = append(live, podTask(&pod))
		}
		slices.Sort(ids)
		slices.Sort(live)
		return fresh && len(ids) == count && slices.Equal(ids, live), fmt.Sprintf("tasks %v, live pods %v", ids, live)
	})
	return ids
}

// TestNonEssentialContainerMayEnd: the task goes on.
func TestNonEssentialContainerMayEnd(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.run(s.define(container("main", "sleeps"), container("helper", "exits", notEssential, command("5"))))
	var task types.Task
	eventually(t, startLimit, "the helper has ended", func() (bool, string) {
		task = s.task(id)
		helper := task.Containers[1]
		return aws.ToString(helper.LastStatus) == "STOPPED", show(aws.ToString(helper.LastStatus))
	})
	if code := task.Containers[1].ExitCode; code == nil || *code != 5 {
		t.Errorf("exit code of the helper is %v, want 5", code)
	}
	if task = s.running(id); aws.ToString(task.DesiredStatus) != "RUNNING" || aws.ToString(task.Containers[0].LastStatus) != "RUNNING" || task.StopCode != "" {
		t.Errorf("the task is wanted %s, its main container is %s, stopCode %q; want both RUNNING and no code",
			aws.ToString(task.DesiredStatus), aws.ToString(task.Containers[0].LastStatus), task.StopCode)
	}
	s.liveCount(1)
}

// TestStopTaskKillsWhatIgnoresSIGTERM: after stopTimeout, and at no time is the
// service a task short for longer than its replacement takes to start.
func TestStopTaskKillsWhatIgnoresSIGTERM(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.serve("stubborn", s.define(container("main", "ignores-sigterm", func(def *types.ContainerDefinition) { def.StopTimeout = aws.Int32(2) })), 1)
	s.stable("stubborn")
	id := s.list("stubborn", types.DesiredStatusRunning)[0]
	out, err := s.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &s.cluster, Task: &id, Reason: aws.String("enough")})
	s.ok(err, "StopTask")
	if got := out.Task; aws.ToString(got.DesiredStatus) != "STOPPED" || got.StopCode != types.TaskStopCodeUserInitiated || aws.ToString(got.StoppedReason) != "enough" || aws.ToString(got.LastStatus) != "RUNNING" {
		t.Errorf("StopTask answers %s wanted %s, %s %q; want RUNNING wanted STOPPED, UserInitiated \"enough\"",
			aws.ToString(got.LastStatus), aws.ToString(got.DesiredStatus), got.StopCode, aws.ToString(got.StoppedReason))
	}
	task := s.stopped(id)
	ending{
		code: types.TaskStopCodeUserInitiated, reason: "enough",
		containers: map[string]containerEnding{"main": {exit: 137}},
	}.check(t, task)
	if took := task.StoppedAt.Sub(*task.StoppingAt).Seconds(); took < 1 || took > 20 {
		t.Errorf("the task stopped %.1f s after it was told to, want the stopTimeout of 2 s and little more", took)
	}
	fresh := s.replaced("stubborn", 1, id)
	s.hasEvent("stubborn", "has started 1 tasks: (task "+fresh[0]+").")
	again, err := s.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &s.cluster, Task: &id, Reason: aws.String("again")})
	s.ok(err, "StopTask of a stopped task")
	if got := aws.ToString(again.Task.StoppedReason); got != "enough" {
		t.Errorf("stoppedReason after a second StopTask is %q, want it unchanged", got)
	}
}

// TestPodDeletedWithKubectl: the task is stopped by the user, and replaced.
func TestPodDeletedWithKubectl(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.serve("web", s.define(webContainers()...), 2)
	s.stable("web")
	ids := s.list("web", types.DesiredStatusRunning)
	pod := s.podOf(ids[0])
	err := suite.kube.CoreV1().Pods(pod.Namespace).Delete(t.Context(), pod.Name, metav1.DeleteOptions{})
	s.ok(err, "delete pod")
	ending{
		code: types.TaskStopCodeUserInitiated, reason: "Task stopped by user",
		containers: map[string]containerEnding{"web": {exit: 0}, "sidecar": {exit: 0}},
	}.check(t, s.stopped(ids[0]))
	fresh := slices.DeleteFunc(s.replaced("web", 2, ids[0]), func(id string) bool { return id == ids[1] })
	if len(fresh) != 1 {
		t.Fatalf("besides %s run %v, want one new task", ids[1], fresh)
	}
	s.running(fresh[0])
	s.hasEvent("web", "has started 1 tasks: (task "+fresh[0]+").")
	s.stable("web")
}

// TestUnhealthyTaskIsReplaced: the replacement comes first where there is room,
// and the unhealthy task is stopped by the scheduler.
func TestUnhealthyTaskIsReplaced(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	containers := webContainers()
	containers[0].HealthCheck.Retries = aws.Int32(3)
	s.serve("web", s.define(containers...), 1)
	s.stable("web")
	id := s.list("web", types.DesiredStatusRunning)[0]
	s.webHealth(id, types.HealthStatusHealthy)
	s.post(s.podOf(id).Status.PodIP, "/unhealthy")
	var fresh []string
	eventually(t, startLimit, "a replacement", func() (bool, string) {
		fresh = slices.DeleteFunc(s.list("web", types.DesiredStatusRunning), func(other string) bool { return other == id })
		return len(fresh) == 1, show(fresh)
	})
	if old := s.task(id); aws.ToString(old.DesiredStatus) == "STOPPED" && webHealth(s.task(fresh[0])) != types.HealthStatusHealthy {
		t.Errorf("the task is to be STOPPED, and its replacement is not HEALTHY")
	}
	ending{
		code: types.TaskStopCodeServiceSchedulerInitiated, reason: "Task failed container health checks",
		containers: map[string]containerEnding{"web": {exit: 0}, "sidecar": {exit: 0}},
	}.check(t, s.stopped(id))
	if got := webHealth(s.task(fresh[0])); got != types.HealthStatusHealthy {
		t.Errorf("the old task has stopped, the replacement is %s; want it HEALTHY first", got)
	}
	s.hasEvent("web", "(task "+id+") failed container health checks.")
	s.hasEvent("web", "has started 1 tasks: (task "+fresh[0]+"). Amazon ECS replaced 1 tasks due to an unhealthy status.")
	s.hasEvent("web", "has stopped 1 running tasks: (task "+id+").")
	s.liveCount(1)
	if got := s.stable("web"); got.RunningCount != 1 {
		t.Errorf("runningCount is %d", got.RunningCount)
	}
}

// webHealth waits for the health of the sample's web server. The task itself is
// UNKNOWN: its other essential container has no health check.
func (s *scene) webHealth(id string, want types.HealthStatus) {
	s.Helper()
	eventually(s.T, startLimit, "the web server of task "+id+" is "+string(want), func() (bool, string) {
		got := webHealth(s.task(id))
		return got == want, string(got)
	})
}

func webHealth(task types.Task) types.HealthStatus {
	for _, c := range task.Containers {
		if aws.ToString(c.Name) == "web" {
			return c.HealthStatus
		}
	}
	return ""
}

// TestScaleInStopsWithoutReplacement: the tasks that go are stopped by the
// scheduler, and no other starts.
func TestScaleInStopsWithoutReplacement(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	svc := s.serve("web", s.define(container("main", "sleeps")), 3)
	s.stable("web")
	before := s.list("web", types.DesiredStatusRunning)
	end := watch(t, func() error { return s.atMostLive(3) })
	defer end()
	_, err := s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: aws.String("web"), DesiredCount: aws.Int32(1)})
	s.ok(err, "UpdateService")
	eventually(t, startLimit, "two tasks are stopping", func() (bool, string) {
		ids := s.list("web", types.DesiredStatusRunning)
		return len(ids) == 1, show(ids)
	})
	for _, id := range before {
		if slices.Contains(s.list("web", types.DesiredStatusRunning), id) {
			continue
		}
		ending{
			code:       types.TaskStopCodeServiceSchedulerInitiated,
			reason:     "Scaling activity initiated by (deployment " + aws.ToString(svc.Deployments[0].Id) + ")",
			containers: map[string]containerEnding{"main": {exit: 0}},
		}.check(t, s.stopped(id))
	}
	if got := s.stable("web"); got.RunningCount != 1 || len(got.Deployments) != 1 {
		t.Errorf("runningCount %d, %d deployments; want one each", got.RunningCount, len(got.Deployments))
	}
	after := s.list("web", types.DesiredStatusRunning)
	if len(after) != 1 || !slices.Contains(before, after[0]) {
		t.Errorf("tasks were %v and are %v, want one of them", before, after)
	}
}
