package task

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// runningPod is a task's pod with one container that runs.
func runningPod(edit ...func(*corev1.Pod)) *corev1.Pod {
	app := translator.ContainerName("app")
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			CreationTimestamp: metav1.NewTime(noon.Add(-time.Hour)),
			Annotations:       map[string]string{v1alpha1.ContainersAnnotation: "app", v1alpha1.EssentialAnnotation: "app"},
			Labels:            map[string]string{},
		},
		Spec: corev1.PodSpec{NodeName: "node", Containers: []corev1.Container{{Name: app}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{
			Name: app, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(noon.Add(-time.Hour))}},
		}}},
	}
	for _, do := range edit {
		do(pod)
	}
	return pod
}

func failed(pod *corev1.Pod) { pod.Status.Phase = corev1.PodFailed }

func exitedAt(at time.Time) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.ContainerStatuses[0].State = corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{StartedAt: metav1.NewTime(at.Add(-time.Minute)), FinishedAt: metav1.NewTime(at)},
		}
	}
}

// deleted was deleted so long ago, with so many seconds of grace.
func deleted(ago time.Duration, grace int64) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		at := metav1.NewTime(noon.Add(-ago))
		pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = &at, &grace
	}
}

func nodeWith(ready corev1.ConditionStatus) *corev1.Node {
	return &corev1.Node{Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}}}}
}

func TestEnded(t *testing.T) {
	seen := func(node *corev1.Node) surroundings { return surroundings{nodes: true, node: node} }
	up, lost := seen(nodeWith(corev1.ConditionTrue)), seen(nodeWith(corev1.ConditionUnknown))
	for name, tt := range map[string]struct {
		pod   *corev1.Pod
		in    surroundings
		ended bool
		again time.Duration
	}{
		"runs":                              {runningPod(), up, false, 0},
		"runs on a lost node":               {runningPod(), lost, false, 0}, // the node controller deletes it
		"has failed":                        {runningPod(failed, exitedAt(noon)), up, true, 0},
		"exited, the phase not yet":         {runningPod(exitedAt(noon)), up, false, 0},
		"failed, a container said to run":   {runningPod(failed), surroundings{terminalSince: noon.Add(-4 * time.Second)}, false, 6 * time.Second},
		"the same for ten seconds":          {runningPod(failed), surroundings{terminalSince: noon.Add(-10 * time.Second)}, true, 0},
		"deleted, runs on":                  {runningPod(deleted(time.Minute, 30)), up, false, 0},
		"deleted, has exited":               {runningPod(deleted(time.Second, 30), exitedAt(noon)), up, true, 0},
		"deleted before it had a node":      {runningPod(deleted(0, 30), func(p *corev1.Pod) { p.Spec.NodeName = "" }), up, true, 0},
		"deleted on a node that is lost":    {runningPod(deleted(10*time.Second, 30)), lost, false, 20 * time.Second},
		"the same for half a minute":        {runningPod(deleted(30*time.Second, 30)), lost, true, 0},
		"deleted on a node that is gone":    {runningPod(deleted(0, 30)), seen(nil), true, 0},
		"deleted, and nodes cannot be seen": {runningPod(deleted(time.Hour, 30)), surroundings{}, false, 0},
		"force-deleted":                     {runningPod(deleted(2*time.Second, 0)), up, false, 3 * time.Second},
		"force-deleted five seconds ago":    {runningPod(deleted(5*time.Second, 0)), up, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			tt.in.now = noon
			got, again := ended(tt.pod, tt.in)
			if got != tt.ended || !got && again != tt.again {
				t.Errorf("ended %v, again in %s; want %v, %s", got, again, tt.ended, tt.again)
			}
		})
	}
}

func TestSoonest(t *testing.T) {
	for _, tt := range []struct{ a, b, want time.Duration }{{0, 0, 0}, {1, 0, 1}, {0, 1, 1}, {2, 1, 1}, {1, 2, 1}} {
		if got := soonest(tt.a, tt.b); got != tt.want {
			t.Errorf("soonest(%d, %d) = %d", tt.a, tt.b, got)
		}
	}
}
