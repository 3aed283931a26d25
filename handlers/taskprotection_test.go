package handlers

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

func TestProtectedOf(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	until := func(at time.Time, stopping bool) *corev1.Pod {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{
			v1alpha1.ProtectedUntilAnnotation: translator.FormatTime(at),
		}}}
		if stopping {
			pod.DeletionTimestamp = &metav1.Time{Time: now}
		}
		return pod
	}
	pods := []*corev1.Pod{
		until(now.Add(time.Hour), false), until(now.Add(time.Minute), false),
		until(now.Add(-time.Minute), false), until(now.Add(time.Hour), true),
		{},
	}
	if got := protectedOf(pods, now); got != 2 {
		t.Errorf("%d tasks are protected, want the 2 whose time is not over and that do not stop", got)
	}
}
