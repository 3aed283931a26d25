package service

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// TestUnplaced: on EC2 an event speaks of container instances, on Fargate of capacity.
func TestUnplaced(t *testing.T) {
	const more = " For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
	const capacity = ". Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone." + more
	const unmet = " because no container instance met all of its requirements. "
	for name, test := range map[string]struct{ launchType, message, closest, want string }{
		"no nodes":              {"EC2", "0/0 nodes are available.", "", unmet + "Reason: No Container Instances were found in your cluster." + more},
		"cpu":                   {"EC2", "0/2 nodes are available: 2 Insufficient cpu.", "", unmet + "The closest matching container-instance has insufficient CPU units available." + more},
		"cpu, a known instance": {"EC2", "0/2 nodes are available: 2 Insufficient cpu.", "0123", unmet + "The closest matching (container-instance 0123) has insufficient CPU units available." + more},
		"cordoned":              {"EC2", "0/1 nodes are available: 1 node(s) were unschedulable.", "", unmet + "Reason: No Container Instances were found in your cluster." + more},
		"lost, Fargate":         {"FARGATE", "0/1 nodes are available: 1 node(s) had untolerated taint(s).", "", capacity},
		"another cause":         {"EC2", `persistentvolumeclaim "data" not found`, "", unmet + `Reason: persistentvolumeclaim "data" not found` + more},
		"no nodes, Fargate":     {"FARGATE", "no nodes available to schedule pods", "", capacity},
		"cpu, Fargate":          {"FARGATE", "0/2 nodes are available: 2 Insufficient cpu.", "", capacity},
		"other cause, Fargate":  {"FARGATE", `persistentvolumeclaim "data" not found`, "", `. Reason: persistentvolumeclaim "data" not found` + more},
		"waits for nothing":     {"FARGATE", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{v1alpha1.LaunchTypeAnnotation: test.launchType}}}
			if test.message != "" {
				pod.Status.Conditions = []corev1.PodCondition{{
					Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: test.message,
				}}
			}
			if got := unplaced(&task{pod: pod, state: translator.Observe(pod)}, test.closest); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}
