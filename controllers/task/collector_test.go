package task

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func TestSurplus(t *testing.T) {
	keep := Retention{Pods: time.Hour, PodsPerDeployment: 2, PodsPerCluster: 3}
	ended := func(name string, ago time.Duration, edit ...func(*corev1.Pod)) *corev1.Pod {
		pod := runningPod(append(edit, failed, exitedAt(noon.Add(-ago)))...)
		pod.Name = name
		return pod
	}
	ofService := func(pod *corev1.Pod) { pod.Annotations[v1alpha1.ServiceAnnotation] = "web" }
	for name, tt := range map[string]struct {
		pods []*corev1.Pod
		want []string
	}{
		"few and young":     {[]*corev1.Pod{ended("a", time.Minute), ended("b", time.Hour)}, nil},
		"old":               {[]*corev1.Pod{ended("old", time.Hour+time.Second), ended("a", time.Minute)}, []string{"old"}},
		"all old":           {[]*corev1.Pod{ended("a", 3*time.Hour), ended("b", 2*time.Hour)}, []string{"b", "a"}},
		"many standalone":   {[]*corev1.Pod{ended("d", 4), ended("b", 2), ended("a", 1), ended("c", 3)}, []string{"d"}},
		"many of a service": {[]*corev1.Pod{ended("b", 2, ofService), ended("c", 3, ofService), ended("a", 1, ofService)}, []string{"c"}},
		"many, some of them old": {
			[]*corev1.Pod{ended("c", 3, ofService), ended("old", 2*time.Hour, ofService), ended("b", 2, ofService), ended("a", 1, ofService)},
			[]string{"c", "old"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, pod := range surplus(tt.pods, keep, noon) {
				got = append(got, pod.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("removed (-want +got):\n%s", diff)
			}
		})
	}
}

// A pod whose containers never ran is as old as itself.
func TestEndOf(t *testing.T) {
	never := runningPod(failed, func(pod *corev1.Pod) { pod.Status.ContainerStatuses = nil })
	if got, want := endOf(never), noon.Add(-time.Hour); !got.Equal(want) {
		t.Errorf("ended at %s, want %s", got, want)
	}
	if got := endOf(runningPod(failed, exitedAt(noon))); !got.Equal(noon) {
		t.Errorf("ended at %s, want %s", got, noon)
	}
}
