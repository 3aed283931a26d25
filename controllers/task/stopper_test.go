package task

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

func TestPauseAfter(t *testing.T) {
	for failures, want := range map[int32]time.Duration{
		0: 0, 2: 0, 3: 20 * time.Second, 4: 40 * time.Second, 7: 320 * time.Second, 8: 640 * time.Second,
		9: 15 * time.Minute, 100: 15 * time.Minute, 1 << 30: 15 * time.Minute,
	} {
		if got := pauseAfter(failures); got != want {
			t.Errorf("after %d failures %s, want %s", failures, got, want)
		}
	}
}

// A rule that waits for a time must be asked again at that time, and one that
// waits for the pod must not be asked again and again.
func TestNextLook(t *testing.T) {
	store, err := kube.NewStore(kube.Config{REST: &rest.Config{Host: "127.0.0.1:1"}, Namespace: "gantry-system"})
	if err != nil {
		t.Fatal(err)
	}
	s := &Stopper{Store: store, Now: func() time.Time { return noon }}
	born := func(ago time.Duration) func(*corev1.Pod) {
		return func(pod *corev1.Pod) { pod.CreationTimestamp = metav1.NewTime(noon.Add(-ago)) }
	}
	waits := func(pod *corev1.Pod) {
		pod.Status.Phase, pod.Status.ContainerStatuses = corev1.PodPending, nil
	}
	placed := func(ago time.Duration) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			start := metav1.NewTime(noon.Add(-ago))
			pod.Status.StartTime = &start
		}
	}
	notHealthyYet := func(pod *corev1.Pod) {
		pod.Annotations[v1alpha1.HealthCheckedAnnotation] = "app=90"
		pod.Status.ContainerStatuses[0].State.Running.StartedAt = metav1.NewTime(noon.Add(-time.Minute))
	}
	ofService := func(pod *corev1.Pod) { pod.Annotations[v1alpha1.ServiceAnnotation] = "web" }
	for name, tt := range map[string]struct {
		pod  *corev1.Pod
		want time.Duration
	}{
		"runs":                     {runningPod(), 0},
		"becomes UNHEALTHY":        {runningPod(ofService, notHealthyYet), 30 * time.Second},
		"the same, standalone":     {runningPod(notHealthyYet), 0},
		"waits for a node":         {runningPod(waits, born(time.Minute)), translator.DefaultProvisioningLimit - time.Minute},
		"has waited for too long":  {runningPod(waits, born(translator.DefaultProvisioningLimit)), 0},
		"pulls":                    {runningPod(waits, born(time.Hour), placed(time.Second)), translator.DefaultPullGrace - time.Second},
		"has pulled for very long": {runningPod(waits, born(time.Hour), placed(time.Hour)), 0},
	} {
		if got := s.nextLook(tt.pod, translator.Observe(tt.pod), noon); got != tt.want {
			t.Errorf("%s: again in %s, want %s", name, got, tt.want)
		}
	}
}
