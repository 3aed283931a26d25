package integration

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// TestHealsWhileGantryIsDown: tasks of which nothing is left are replaced by
// Kubernetes alone, and Gantry, back, tells what was.
func TestHealsWhileGantryIsDown(t *testing.T) {
	s := newScene(t)
	s.serve("single", s.define(container("main", "sleeps")), 1)
	s.serve("sample", s.define(webContainers()...), 1)
	s.stable("single")
	s.stable("sample")
	single, sample := s.list("single", types.DesiredStatusRunning)[0], s.list("sample", types.DesiredStatusRunning)[0]
	s.webHealth(sample, types.HealthStatusHealthy)
	victims := []string{}
	for _, task := range s.tasks(single, sample) {
		for _, c := range task.Containers {
			victims = append(victims, aws.ToString(c.RuntimeId))
		}
	}
	down(t)
	for _, id := range victims {
		s.killRuntime(id)
	}
	replacements := map[string]string{}
	for service, old := range map[string]string{"single": single, "sample": sample} {
		eventually(t, startLimit, "with Gantry down a new pod of "+service+" runs", func() (bool, string) {
			pods := slices.DeleteFunc(s.podsAt(t.Context()), func(pod corev1.Pod) bool {
				return pod.Annotations[v1alpha1.ServiceAnnotation] != service || podTask(&pod) == old
			})
			if len(pods) != 1 {
				return false, fmt.Sprintf("%d new pods", len(pods))
			}
			replacements[service] = podTask(&pods[0])
			return pods[0].Status.Phase == corev1.PodRunning, string(pods[0].Status.Phase)
		})
	}
	if suite.gantry.ready(t.Context()) {
		t.Fatal("Gantry serves: nothing is proved")
	}
	suite.gantry.restart(t)
	exited := func(names ...string) ending {
		want := ending{
			code: types.TaskStopCodeEssentialContainerExited, reason: "Essential container in task exited",
			containers: map[string]containerEnding{},
		}
		for _, name := range names {
			want.containers[name] = containerEnding{exit: 137}
		}
		return want
	}
	exited("main").check(t, s.stopped(single))
	exited("web", "sidecar").check(t, s.stopped(sample))
	for service, id := range replacements {
		task := s.running(id)
		if got := aws.ToString(task.Group); got != "service:"+service || aws.ToString(task.DesiredStatus) != "RUNNING" {
			t.Errorf("the new task of %s has group %s and is wanted %s", service, got, aws.ToString(task.DesiredStatus))
		}
		if now := s.list(service, types.DesiredStatusRunning); !slices.Equal(now, []string{id}) {
			t.Errorf("%s has tasks %v, want the one that Kubernetes made: %s", service, now, id)
		}
		s.hasEvent(service, "has started 1 tasks: (task "+id+").")
		if svc := s.stable(service); len(svc.Deployments) != 1 {
			t.Errorf("%s has %d deployments", service, len(svc.Deployments))
		}
	}
	s.liveCount(2)
}

// TestOneOfTwoProcessesDiesWhileGantryIsDown: Kubernetes sees a pod that still
// runs; Gantry replaces the task within two seconds of its return.
func TestOneOfTwoProcessesDiesWhileGantryIsDown(t *testing.T) {
	s := newScene(t)
	s.serve("sample", s.define(webContainers()...), 1)
	s.stable("sample")
	id := s.list("sample", types.DesiredStatusRunning)[0]
	s.webHealth(id, types.HealthStatusHealthy)
	pod := s.podOf(id)
	victim := ""
	for _, c := range s.task(id).Containers {
		if aws.ToString(c.Name) == "sidecar" {
			victim = aws.ToString(c.RuntimeId)
		}
	}
	down(t)
	s.killRuntime(victim)
	eventually(t, startLimit, "the kubelet tells of the end", func() (bool, string) {
		pod = s.podOf(id)
		for _, status := range pod.Status.ContainerStatuses {
			if status.Name == "sidecar" {
				return status.State.Terminated != nil, status.State.String()
			}
		}
		return false, "no status"
	})
	suite.gantry.restart(t)
	back := time.Now()
	var replacement corev1.Pod
	eventually(t, startLimit, "a new pod", func() (bool, string) {
		for _, other := range s.livePods() {
			if podTask(&other) != id {
				replacement = other
				return true, ""
			}
		}
		return false, "none"
	})
	// Two seconds on an idle node; a busy one makes the pod when it can.
	took := time.Since(back)
	t.Logf("the task was replaced %s after Gantry's return", took)
	if took > 15*time.Second {
		t.Errorf("the task was replaced %s after Gantry's return, want two seconds and what a busy node adds", took)
	}
	ending{
		code: types.TaskStopCodeEssentialContainerExited, reason: "Essential container in task exited",
		containers: map[string]containerEnding{"web": {exit: 0}, "sidecar": {exit: 137}},
	}.check(t, s.stopped(id))
	s.running(podTask(&replacement))
	s.stable("sample")
	s.liveCount(1)
}

// TestProcessDies: with Gantry there, a task of which one process died ends whole
// and is replaced.
func TestProcessDies(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.serve("sample", s.define(webContainers()...), 1)
	s.stable("sample")
	id := s.list("sample", types.DesiredStatusRunning)[0]
	s.killContainer(id, "web")
	ending{
		code: types.TaskStopCodeEssentialContainerExited, reason: "Essential container in task exited",
		containers: map[string]containerEnding{"web": {exit: 137}, "sidecar": {exit: 0}},
	}.check(t, s.stopped(id))
	s.replaced("sample", 1, id)
	s.stable("sample")
}
