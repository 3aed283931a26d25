package handlers

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/translator"
)

// TestMeetingThoseThatWait: a task that waits takes its host port on the node that it
// is pinned to, or else on the first one that has the port; a new task does not.
func TestMeetingThoseThatWait(t *testing.T) {
	pinned := func(node string) *corev1.Affinity {
		return &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
			NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchFields: []corev1.NodeSelectorRequirement{
				{Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{node}},
			}}},
		}}}
	}
	task := func(port int32, affinity *corev1.Affinity) *corev1.Pod {
		return &corev1.Pod{Spec: corev1.PodSpec{Affinity: affinity, Containers: []corev1.Container{
			{Ports: []corev1.ContainerPort{{HostPort: port, Protocol: corev1.ProtocolTCP}}},
		}}}
	}
	for name, test := range map[string]struct {
		waiting []*corev1.Pod
		want    string // the node of the new task
	}{
		"none waits":                  {nil, "a"},
		"one may go anywhere":         {[]*corev1.Pod{task(80, nil)}, "b"},
		"one is pinned to the second": {[]*corev1.Pod{task(80, pinned("b"))}, "a"},
		"one is pinned to the first":  {[]*corev1.Pod{task(80, pinned("a"))}, "b"},
		"one wants another port":      {[]*corev1.Pod{task(81, nil)}, "a"},
		"two have both":               {[]*corev1.Pod{task(80, nil), task(80, nil)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			need := translator.NewNeed(task(80, nil))
			r := &rooms{left: translator.Usage{CPU: 1000, Memory: 1 << 30}}
			for _, name := range []string{"a", "b"} {
				r.list = append(r.list, translator.RoomBeside(readyNode(name), nil))
			}
			r.meet(need, test.waiting)
			node, reason := r.put(need)
			if reason != "" {
				node = &corev1.Node{}
			}
			if node.Name != test.want {
				t.Errorf("the task goes to %q (%s), want %q", node.Name, reason, test.want)
			}
		})
	}
}

func readyNode(name string) *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Status: corev1.NodeStatus{
			Allocatable: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("1Gi")},
			Conditions:  []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
		},
	}
}
