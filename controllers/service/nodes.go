package service

import (
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/translator"
)

// nodeStates is what was last seen of each node, as far as a service depends on
// it: kubelets write their nodes every few minutes though nothing has changed, and
// a change wakes every service that is balanced over zones.
type nodeStates struct {
	mu   sync.Mutex
	seen map[string]string
}

// changed says whether a node differs from what was seen of it before. That it has
// more room is not looked at: who waits for room looks again.
func (n *nodeStates) changed(node *corev1.Node, gone bool) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if gone {
		delete(n.seen, node.Name)
		return true
	}
	if n.seen == nil {
		n.seen = map[string]string{}
	}
	before := n.seen[node.Name]
	state := fmt.Sprint(node.UID, node.DeletionTimestamp, node.Labels, node.Spec.Taints, node.Spec.Unschedulable, translator.NodeReady(node))
	n.seen[node.Name] = state
	return state != before
}
