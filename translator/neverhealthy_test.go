package translator

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestDependencyThatIsNeverHealthy: those that wait for a container's health do not
// begin, and the task stops, when the container has ended or its time is over.
func TestDependencyThatIsNeverHealthy(t *testing.T) {
	begun := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	always := corev1.ContainerRestartPolicyAlways
	yes, no := true, false
	running := func(started *bool, restarts int32) corev1.ContainerStatus {
		return corev1.ContainerStatus{
			Name: "helper", Started: started, RestartCount: restarts,
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(begun)}},
		}
	}
	ended := corev1.ContainerStatus{
		Name: "helper", RestartCount: 1,
		State:                corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
		LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 0, FinishedAt: metav1.NewTime(begun)}},
	}
	waits := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "PodInitializing"}}
	runs := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(begun)}}
	for name, test := range map[string]struct {
		helper  corev1.ContainerStatus
		app     corev1.ContainerState
		after   time.Duration
		stopped bool
	}{
		"checked for the first time":       {running(&no, 0), waits, time.Second, false},
		"not healthy, with time left":      {running(&no, 0), waits, 31 * time.Second, false},
		"a check that cannot be run":       {running(&no, 0), waits, 33 * time.Second, true},
		"started again":                    {running(&no, 1), waits, time.Second, true},
		"ended":                            {ended, waits, time.Second, true},
		"healthy":                          {running(&yes, 0), waits, time.Hour, false},
		"started again after it was":       {running(&no, 1), runs, time.Hour, false},
		"not asked for what waits no more": {running(&no, 0), runs, time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			pod := taskPod()
			pod.Spec.InitContainers = []corev1.Container{{
				Name: "helper", RestartPolicy: &always, StartupProbe: &corev1.Probe{FailureThreshold: 3, PeriodSeconds: 10, TimeoutSeconds: 2},
			}}
			pod.Spec.Containers = []corev1.Container{{Name: "app"}}
			pod.Status.Phase = corev1.PodPending
			pod.Status.InitContainerStatuses = []corev1.ContainerStatus{test.helper}
			pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", State: test.app}}
			stop, stopped := StopFor(pod, RuleInput{Now: begun.Add(test.after)})
			if stopped != test.stopped || stopped && (stop.Code != "TaskFailedToStart" || stop.Reason != "Task failed to start") {
				t.Errorf("stopped %v with %+v", stopped, stop)
			}
			if at := Observe(pod).GivesUpAt(); test.stopped && !at.IsZero() && !at.Equal(begun.Add(32*time.Second)) {
				t.Errorf("gives up at %s", at)
			}
		})
	}
}
