package handlers

import (
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// ledger adds up what the tasks on each node take, so that RunTask need not look
// at every pod. It follows the collection of pods, this process's writes included.
type ledger struct {
	store *kube.Store
	mu    sync.Mutex
	pods  map[types.UID]ledgerEntry
	nodes map[string]*translator.Usage
}

// ledgerEntry is what one task takes of the node, or of none yet.
type ledgerEntry struct {
	node  string
	usage translator.Usage
}

func newLedger(store *kube.Store) *ledger {
	l := &ledger{store: store, pods: map[types.UID]ledgerEntry{}, nodes: map[string]*translator.Usage{}}
	store.Pods.Subscribe(l.see)
	for _, pod := range store.Pods.All() {
		l.see(pod)
	}
	return l
}

// see counts a pod as it is now: one that has ended takes nothing, and neither
// does one that the scheduler has found no node for.
func (l *ledger) see(pod *corev1.Pod) {
	node, counted := translator.NodeName(pod), !translator.Done(pod) && !l.store.Pods.Gone(pod)
	if node == "" {
		counted = counted && translator.Waiting(pod)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	before, known := l.pods[pod.UID]
	if known && counted && before.node == node {
		return
	}
	if known {
		l.of(before.node).Add(before.usage, -1)
		delete(l.pods, pod.UID)
	}
	if counted {
		entry := ledgerEntry{node: node, usage: translator.UsageOf(pod)}
		l.of(node).Add(entry.usage, 1)
		l.pods[pod.UID] = entry
	}
}

func (l *ledger) of(node string) *translator.Usage {
	if l.nodes[node] == nil {
		l.nodes[node] = &translator.Usage{}
	}
	return l.nodes[node]
}

// room is the node's, with the tasks that it has by now.
func (l *ledger) room(node *corev1.Node) *translator.Room {
	l.mu.Lock()
	defer l.mu.Unlock()
	return translator.NewRoom(node, l.of(node.Name).Clone(), func() []*corev1.Pod { return l.store.Pods.By(kube.ByNode, node.Name) })
}

// waiting is what the tasks take together that the scheduler has yet to place.
func (l *ledger) waiting() translator.Usage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of("").Clone()
}
