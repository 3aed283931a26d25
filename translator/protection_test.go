package translator

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func TestProtectedUntil(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, tc := range map[string]struct {
		annotation string
		want       bool
	}{
		"none":        {"", false},
		"to come":     {FormatTime(now.Add(time.Millisecond)), true},
		"just over":   {FormatTime(now), false},
		"long over":   {FormatTime(now.Add(-time.Hour)), false},
		"not a time":  {"for ever", false},
		"hours ahead": {FormatTime(now.Add(48 * time.Hour)), true},
	} {
		t.Run(name, func(t *testing.T) {
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{
				v1alpha1.ProtectedUntilAnnotation: tc.annotation,
			}}}
			until, got := ProtectedUntil(pod, now)
			if got != tc.want {
				t.Errorf("protected is %t, want %t", got, tc.want)
			}
			if got && FormatTime(until) != tc.annotation {
				t.Errorf("until %s, want %s", until, tc.annotation)
			}
		})
	}
}
