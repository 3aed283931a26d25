package translator

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func sizedPod(cpu, memory string, ports ...int32) *corev1.Pod {
	c := corev1.Container{Name: "main", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory),
	}}}
	for _, port := range ports {
		c.Ports = append(c.Ports, corev1.ContainerPort{ContainerPort: 80, HostPort: port, Protocol: corev1.ProtocolTCP})
	}
	return &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{c}}}
}

func TestCannotPlace(t *testing.T) {
	node := func(change ...func(*corev1.Node)) *corev1.Node {
		n := &corev1.Node{Status: corev1.NodeStatus{
			Allocatable: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourceMemory: resource.MustParse("1Gi")},
			Conditions:  []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
		}}
		for _, c := range change {
			c(n)
		}
		return n
	}
	cordoned := func(n *corev1.Node) { n.Spec.Unschedulable = true }
	lost := func(n *corev1.Node) { n.Status.Conditions[0].Status = corev1.ConditionUnknown }
	ended := sizedPod("2", "1Gi", 80)
	ended.Status.Phase = corev1.PodSucceeded
	for name, tc := range map[string]struct {
		pod     *corev1.Pod
		node    *corev1.Node
		present []*corev1.Pod
		want    string
	}{
		"room":              {sizedPod("1", "512Mi", 80), node(), nil, ""},
		"exactly the rest":  {sizedPod("1", "512Mi"), node(), []*corev1.Pod{sizedPod("1", "512Mi")}, ""},
		"too much CPU":      {sizedPod("1100m", "1Mi"), node(), []*corev1.Pod{sizedPod("1", "1Mi")}, "RESOURCE:CPU"},
		"too much memory":   {sizedPod("1m", "513Mi"), node(), []*corev1.Pod{sizedPod("1", "512Mi")}, "RESOURCE:MEMORY"},
		"port taken":        {sizedPod("1m", "1Mi", 80), node(), []*corev1.Pod{sizedPod("1m", "1Mi", 80)}, "RESOURCE:PORTS"},
		"ended tasks yield": {sizedPod("1", "1Mi", 80), node(), []*corev1.Pod{ended}, ""},
		"cordoned":          {sizedPod("1", "1Mi"), node(cordoned), nil, "INACTIVE"},
		"not ready":         {sizedPod("1", "1Mi"), node(lost), nil, "AGENT"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := CannotPlace(tc.pod, tc.node, tc.present); got != tc.want {
				t.Errorf("it answers %q, want %q", got, tc.want)
			}
		})
	}
}

// TestPlaceOn: the node is required besides what the pod requires already.
func TestPlaceOn(t *testing.T) {
	field := corev1.NodeSelectorRequirement{Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{"n1"}}
	label := corev1.NodeSelectorRequirement{Key: "zone", Operator: corev1.NodeSelectorOpIn, Values: []string{"a"}}
	terms := func(terms ...corev1.NodeSelectorTerm) *corev1.Affinity {
		return &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: terms},
		}}
	}
	labelled := corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{label}}
	both := corev1.NodeSelectorTerm{
		MatchExpressions: []corev1.NodeSelectorRequirement{label}, MatchFields: []corev1.NodeSelectorRequirement{field},
	}
	for name, tc := range map[string]struct{ had, want *corev1.Affinity }{
		"nothing":  {nil, terms(corev1.NodeSelectorTerm{MatchFields: []corev1.NodeSelectorRequirement{field}})},
		"one term": {terms(labelled), terms(both)},
		"two":      {terms(labelled, labelled), terms(both, both)},
	} {
		t.Run(name, func(t *testing.T) {
			spec := corev1.PodSpec{Affinity: tc.had}
			if got := NodeName(&corev1.Pod{Spec: spec}); got != "" {
				t.Errorf("NodeName is %q before the node is required", got)
			}
			PlaceOn(&spec, "n1")
			if diff := cmp.Diff(tc.want, spec.Affinity); diff != "" {
				t.Errorf("affinity (-want +got):\n%s", diff)
			}
			if got := NodeName(&corev1.Pod{Spec: spec}); got != "n1" {
				t.Errorf("NodeName is %q, want n1", got)
			}
		})
	}
}
