package translator

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestDeletionSeen: a task is STOPPING from when its pod was deleted, as near as the
// pod tells.
func TestDeletionSeen(t *testing.T) {
	asked := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	const grace = 30
	for name, test := range map[string]struct {
		left    int64 // the deletion's own grace
		deleted time.Duration
		ended   time.Duration
		code    int32
		want    time.Duration
	}{
		"not over":           {grace, grace * time.Second, 0, 0, 0},
		"obeyed the signal":  {0, 3 * time.Second, 2 * time.Second, 0, 2 * time.Second},
		"killed at the end":  {0, 32 * time.Second, 31 * time.Second, 137, 2 * time.Second},
		"by force":           {0, 40 * time.Second, 45 * time.Second, 0, 40 * time.Second},
		"by force, runs on":  {0, 40 * time.Second, 0, 0, 40 * time.Second},
		"ended long before":  {0, 100 * time.Second, 2 * time.Second, 1, 100 * time.Second},
		"killed in one go":   {0, 2 * time.Second, time.Second, 137, -28 * time.Second},
		"ended as it was so": {0, 3 * time.Second, 3 * time.Second, 0, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			pod := taskPod()
			left, whole, deleted := test.left, int64(grace), metav1.NewTime(asked.Add(test.deleted))
			pod.DeletionGracePeriodSeconds, pod.Spec.TerminationGracePeriodSeconds, pod.DeletionTimestamp = &left, &whole, &deleted
			pod.Status.ContainerStatuses = pod.Status.ContainerStatuses[:1]
			if test.ended > 0 {
				pod.Status.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
					ExitCode: test.code, FinishedAt: metav1.NewTime(asked.Add(test.ended)),
				}}
			}
			if got := Observe(pod).deletionSeen().Sub(asked); got != test.want {
				t.Errorf("%s after it was asked for, want %s", got, test.want)
			}
		})
	}
}
