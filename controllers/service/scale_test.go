package service

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// TestWhoStaysIsNotKnownYet: one that was to stay has ended by itself, so that the
// ReplicaSet keeps one of the marked. Until the watch of pods shows which, the
// deployment is not to be lowered as though none of them served.
func TestWhoStaysIsNotKnownYet(t *testing.T) {
	one := int32(1)
	for marked, shrinking := range map[bool]bool{true: true, false: false} {
		d := &deployment{}
		d.has(&appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &one}, Status: appsv1.DeploymentStatus{Replicas: one}})
		for i := range 2 {
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: types.UID(fmt.Sprint(i)), Labels: map[string]string{v1alpha1.ServiceLabel: "web"}}}
			if marked {
				pod.Annotations = map[string]string{corev1.PodDeletionCost: deletionCost}
			}
			d.tasks = append(d.tasks, &task{pod: pod, state: translator.Observe(pod)})
		}
		if unmarked, err := (&Controller{}).unmark(t.Context(), d); err != nil || unmarked || d.side.Shrinking != shrinking {
			t.Errorf("marked %t: it is unmarked %t, %v, and shrinking %t", marked, unmarked, err, d.side.Shrinking)
		}
	}
}
