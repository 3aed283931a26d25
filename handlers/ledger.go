package handlers

import (
	"maps"
	"slices"
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
	// promised are the pods that calls have found room for and are about to create, by
	// name.
	promised map[string]*corev1.Pod
	// placing is held by the call that looks for room: no two find the same.
	placing sync.Mutex
}

// ledgerEntry is what one task takes of the node, or of none yet.
type ledgerEntry struct {
	node  string
	usage translator.Usage
}

func newLedger(store *kube.Store) *ledger {
	l := &ledger{store: store, pods: map[types.UID]ledgerEntry{}, nodes: map[string]*translator.Usage{}, promised: map[string]*corev1.Pod{}}
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
	delete(l.promised, pod.Name)
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

// rooms are those of the nodes, with the tasks that each has by now; waiting is what
// the tasks take together that the scheduler has yet to place. Those that are promised
// room count in the one or the other. Both are of one moment: a task that gets its
// node is in one.
func (l *ledger) rooms(nodes ...*corev1.Node) (rooms []*translator.Room, waiting translator.Usage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	promised := map[string]*translator.Usage{}
	for _, pod := range l.promised {
		node := translator.NodeName(pod)
		if promised[node] == nil {
			promised[node] = &translator.Usage{}
		}
		promised[node].Add(translator.UsageOf(pod), 1)
	}
	taken := func(node string) translator.Usage {
		usage := l.of(node).Clone()
		if more := promised[node]; more != nil {
			usage.Add(*more, 1)
		}
		return usage
	}
	for _, node := range nodes {
		present := func() []*corev1.Pod { return l.store.Pods.By(kube.ByNode, node.Name) }
		rooms = append(rooms, translator.NewRoom(node, taken(node.Name), present))
	}
	return rooms, taken("")
}

// promises are the pods that are promised room.
func (l *ledger) promises() []*corev1.Pod {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Values(l.promised))
}

// promise counts a task that is to be made, until its pod is seen or it is released.
func (l *ledger) promise(name string, pod *corev1.Pod) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.promised[name] = pod
}

// promisedTo says whether a call is about to make this task: the same call, sent twice.
func (l *ledger) promisedTo(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.promised[name] != nil
}

// release takes back what was promised to a task whose pod was not made.
func (l *ledger) release(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.promised, name)
}
