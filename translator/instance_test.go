package translator

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

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
