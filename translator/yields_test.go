package translator

import (
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// TestUnhealthyTaskRunsOn: as long as an unhealthy task waits for the one that takes
// its place, answers have it RUNNING, and its deployment wants it no more.
func TestUnhealthyTaskRunsOn(t *testing.T) {
	pod := taskPod(inService)
	marked := pod.CreationTimestamp.Add(20 * time.Second)
	patch, _ := StopPatch(pod, Stop{Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: ReasonUnhealthy, AfterReplacement: true}, marked, marked.Add(time.Hour))
	note := func(annotations map[string]string) { maps.Copy(pod.Annotations, annotations) }
	note(patch["metadata"].(map[string]any)["annotations"].(map[string]string))
	delete(pod.Labels, v1alpha1.ServiceLabel)
	view := ServiceView{Pods: []*corev1.Pod{pod}}
	if got, want := view.Counts()[1], (TaskCounts{Running: 1}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	task := taskOf(t, pod, 30*time.Second)
	if aws.ToString(task.LastStatus) != StatusRunning || aws.ToString(task.DesiredStatus) != StatusRunning || task.StopCode != "" || task.StoppingAt != nil {
		t.Errorf("it is %s, to be %s, with %q since %v; want it RUNNING", *task.LastStatus, *task.DesiredStatus, task.StopCode, task.StoppingAt)
	}

	stopped := marked.Add(15 * time.Second)
	note(map[string]string{v1alpha1.StoppingAtAnnotation: FormatTime(stopped)})
	pod.Spec.ActiveDeadlineSeconds = aws.Int64(1)
	task = taskOf(t, pod, 40*time.Second)
	if aws.ToString(task.DesiredStatus) != StatusStopped || task.StopCode != types.TaskStopCodeServiceSchedulerInitiated || !aws.ToTime(task.StoppingAt).Equal(stopped) {
		t.Errorf("to be %s with %q since %v, want STOPPED since %v", *task.DesiredStatus, task.StopCode, task.StoppingAt, stopped)
	}
	if got := view.Counts()[1]; got != (TaskCounts{}) {
		t.Errorf("counts %+v of one that stops", got)
	}
}
