package service

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func TestSetHash(t *testing.T) {
	object := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "web-1"}}
	for from, want := range map[string]string{
		"web-1-7c5ddbdf54-":   "7c5ddbdf54",
		"web-1-2-7c5ddbdf54-": "", // of deployment 2 of the service web-1
		"web-12-7c5ddbdf54-":  "",
		"web-1-":              "",
		"":                    "",
	} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: from}}
		if got := setHash(pod, object); got != want {
			t.Errorf("%q has the hash %q, want %q", from, got, want)
		}
	}
}

// What an earlier service of the name has left is none of this one's.
func TestStraysAreOfThisService(t *testing.T) {
	made := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	w := &world{service: &v1alpha1.ECSService{ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(made)}}}
	d := &deployment{id: "ecs-svc/1", entry: v1alpha1.DeploymentEntry{Number: 1}, object: &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "web-1"}}}
	for name, tt := range map[string]struct {
		startedBy, number, from string
		age                     time.Duration
		want                    bool
	}{
		"its deployment":                  {startedBy: "ecs-svc/1", want: true},
		"another deployment":              {startedBy: "ecs-svc/2", number: "1"},
		"its number":                      {number: "1", want: true},
		"another number":                  {number: "2", from: "web-1-7c5ddbdf54-"},
		"its number, before the service":  {number: "1", age: time.Second},
		"its ReplicaSet":                  {from: "web-1-7c5ddbdf54-", want: true},
		"another's ReplicaSet":            {from: "web-2-7c5ddbdf54-"},
		"nothing but the service's label": {},
	} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
			GenerateName: tt.from, CreationTimestamp: metav1.NewTime(made.Add(-tt.age)),
			Labels:      map[string]string{v1alpha1.DeploymentLabel: tt.number},
			Annotations: map[string]string{v1alpha1.StartedByAnnotation: tt.startedBy},
		}}
		if got := w.strayOf(d, pod); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
