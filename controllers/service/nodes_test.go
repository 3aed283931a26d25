package service

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestNodeStates(t *testing.T) {
	n, node := &nodeStates{}, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1"}}
	if !n.changed(node, false) {
		t.Error("a node that is new is no change")
	}
	beat := node.DeepCopy()
	beat.ResourceVersion, beat.Status.Images = "2", []corev1.ContainerImage{{Names: []string{"x"}}}
	if n.changed(beat, false) {
		t.Error("a heartbeat is a change")
	}
	beat.Spec.Unschedulable = true
	if !n.changed(beat, false) {
		t.Error("a node that is cordoned is no change")
	}
	if !n.changed(beat, true) {
		t.Error("a node that is gone is no change")
	}
	if len(n.seen) > 0 {
		t.Error("a node that is gone is remembered")
	}
}
