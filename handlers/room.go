package handlers

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// unplaced is the failure of a task that no instance has room for.
type unplaced struct{ types.Failure }

func (u *unplaced) Error() string { return aws.ToString(u.Reason) }

// findRoom says which of the tasks that are to be made no instance has room for
// (Developer Guide, API failure reasons). It chooses no instance: that is the
// scheduler's, which knows what else is on the nodes. A task on Fargate waits, and
// any task where Gantry cannot see the nodes.
func (r *taskRun) findRoom(taken takenTasks) error {
	if !r.h.store.WatchesNodes() || translator.OnFargate(r.pod) {
		return nil
	}
	need := translator.NewNeed(r.pod)
	r.h.ledger.placing.Lock()
	defer r.h.ledger.placing.Unlock()
	rooms := r.h.rooms(need, &r.pod.Spec)
	if len(rooms.list) == 0 {
		return noInstances()
	}
	r.unplaced = map[int]*unplaced{}
	for index := range r.count {
		name := r.podName(index)
		if _, made := taken.byPod[name]; made || r.h.ledger.promisedTo(name) {
			continue
		}
		closest, reason := rooms.put(need)
		if reason == "" {
			r.promise(name, r.pod)
			continue
		}
		spec, id := r.cluster.Spec, kube.TaskID(string(closest.UID))
		r.unplaced[index] = &unplaced{failure(arn.ContainerInstance(spec.Identity, spec.Name, id), string(reason))}
	}
	return nil
}

func (r *taskRun) promise(name string, pod *corev1.Pod) {
	r.h.ledger.promise(name, pod)
	r.promised = append(r.promised, name)
}

// releaseRoom gives back what was promised to the tasks that were not made.
func (r *taskRun) releaseRoom() {
	for _, name := range r.promised {
		r.h.ledger.release(name)
	}
}

// rooms are those of the nodes that are instances: which take such pods, or would
// if they were not away for the moment.
type rooms struct {
	list []*translator.Room
	// left is what all of them have together, but for what the tasks take that the
	// scheduler has yet to place.
	left translator.Usage
}

func (h *Handlers) rooms(need *translator.Need, spec *corev1.PodSpec) *rooms {
	nodes := slices.DeleteFunc(h.store.Nodes.All(), func(node *corev1.Node) bool { return !translator.TakesTasks(node, spec) })
	slices.SortFunc(nodes, func(a, b *corev1.Node) int { return strings.Compare(a.Name, b.Name) })
	list, waiting := h.ledger.rooms(nodes...)
	found := &rooms{list: list}
	for _, room := range list {
		found.left.Add(room.Left(), 1)
	}
	found.left.Add(waiting, -1)
	if need.Alone() {
		found.meet(need, slices.Concat(h.store.Pods.By(kube.ByNode, ""), h.ledger.promises()))
	}
	return found
}

// on is the room of the instance of this id; nil where there is none.
func (r *rooms) on(instance string) *translator.Room {
	for _, room := range r.list {
		if kube.TaskID(string(room.Node.UID)) == instance {
			return room
		}
	}
	return nil
}

// refuses says why the room cannot take the task; empty where it can.
func (r *rooms) refuses(room *translator.Room, need *translator.Need) translator.PlacementReason {
	if why := room.Refuses(need); why != "" {
		return why
	}
	return need.Usage().Exceeds(r.left) // what is free here may be meant for one that waits
}

func (r *rooms) take(room *translator.Room, need *translator.Need) {
	room.Take(need)
	r.left.Add(need.Usage(), -1)
}

// meet puts the tasks that wait, and that the new one cannot be beside, into a room
// each.
func (r *rooms) meet(need *translator.Need, waiting []*corev1.Pod) {
	for _, pod := range waiting {
		if !translator.Waiting(pod) || !need.Evades(pod) {
			continue
		}
		for _, room := range r.list {
			if node := translator.NodeName(pod); (node == "" || node == room.Node.Name) && room.Refuses(need) == "" {
				room.Meet(pod)
				break
			}
		}
	}
}

// put gives the task the first room that there is; without one it says which
// instance came closest, and why it cannot take the task.
func (r *rooms) put(need *translator.Need) (closest *corev1.Node, reason translator.PlacementReason) {
	for _, room := range r.list {
		why := r.refuses(room, need)
		if why == "" {
			r.take(room, need)
			return room.Node, ""
		}
		if translator.Closer(why, reason) {
			closest, reason = room.Node, why
		}
	}
	return closest, reason
}
