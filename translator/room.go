package translator

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	podresource "k8s.io/component-helpers/resource"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
)

// PlacementReason is ECS's word for why an instance cannot take a task (Developer
// Guide, API failure reasons); empty where it can.
type PlacementReason string

// The reasons, in the order in which ECS looks (Developer Guide, how Amazon ECS
// places tasks): what comes late was closer to a match.
const (
	PlaceInactive PlacementReason = "INACTIVE"
	PlaceAgent    PlacementReason = "AGENT"
	placeAttr     PlacementReason = "ATTRIBUTE"
	placeCPU      PlacementReason = "RESOURCE:CPU"
	placeMemory   PlacementReason = "RESOURCE:MEMORY"
	placeGPU      PlacementReason = "RESOURCE:GPU"
	placePorts    PlacementReason = "RESOURCE:PORTS"
	// Seen in events of services and in answers of RunTask.
	placeMemberOf PlacementReason = "MemberOf placement constraint unsatisfied."
	placeDistinct PlacementReason = "DistinctInstance placement constraint unsatisfied."
)

var placementOrder = []PlacementReason{
	PlaceInactive, PlaceAgent, placeAttr, placeCPU, placeMemory, placeGPU, placePorts, placeMemberOf, placeDistinct,
}

// Closer says whether an instance with reason a came closer to a match than one
// with reason b, if there is one.
func Closer(a, b PlacementReason) bool {
	return slices.Index(placementOrder, a) > slices.Index(placementOrder, b)
}

// Usage is what tasks take of a node: thousandths of CPUs, bytes, GPUs and ports.
// As on ECS only tasks are counted: what else is on the node is between the pod
// and the scheduler.
type Usage struct {
	CPU, Memory, GPU int64
	ports            map[portKey]int
}

// UsageOf is what a task's pod takes; nothing where it has ended.
func UsageOf(pod *corev1.Pod) Usage {
	if Done(pod) {
		return Usage{}
	}
	wanted := podresource.PodRequests(pod, podresource.PodResourcesOptions{})
	return Usage{CPU: wanted.Cpu().MilliValue(), Memory: wanted.Memory().Value(), GPU: gpusOf(pod), ports: portsOf(pod)}
}

// portsOf counts the ports of the node that a pod takes; nil where it takes none.
func portsOf(pod *corev1.Pod) map[portKey]int {
	var ports map[portKey]int
	for _, port := range hostPorts(pod) {
		if ports == nil {
			ports = map[portKey]int{}
		}
		ports[port]++
	}
	return ports
}

// gpusOf counts limits: the API server takes them for requests, where there are
// none before it has.
func gpusOf(pod *corev1.Pod) int64 {
	var gpus int64
	for i := range pod.Spec.Containers {
		if limit, ok := pod.Spec.Containers[i].Resources.Limits[gpuResource]; ok {
			gpus += limit.Value()
		}
	}
	return gpus
}

// Add counts what other takes, so many times: -1 gives it back.
func (u *Usage) Add(other Usage, times int) {
	u.CPU += other.CPU * int64(times)
	u.Memory += other.Memory * int64(times)
	u.GPU += other.GPU * int64(times)
	for port, n := range other.ports {
		if u.ports == nil {
			u.ports = map[portKey]int{}
		}
		if u.ports[port] += n * times; u.ports[port] <= 0 {
			delete(u.ports, port)
		}
	}
}

// Clone is a copy that can be added to.
func (u Usage) Clone() Usage {
	u.ports = maps.Clone(u.ports)
	return u
}

// Need is what a task asks of a node.
type Need struct {
	usage    Usage
	pod      *corev1.Pod
	selector labels.Selector
	affinity nodeaffinity.RequiredNodeAffinity
	apart    []labels.Selector
}

// NewNeed reads what the pod asks for.
func NewNeed(pod *corev1.Pod) *Need {
	n := &Need{
		usage: UsageOf(pod), pod: pod, selector: labels.SelectorFromSet(pod.Spec.NodeSelector),
		affinity: nodeaffinity.GetRequiredNodeAffinity(pod),
	}
	if pod.Spec.Affinity == nil || pod.Spec.Affinity.PodAntiAffinity == nil {
		return n
	}
	for _, term := range pod.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution {
		if selector, err := metav1.LabelSelectorAsSelector(term.LabelSelector); err == nil {
			n.apart = append(n.apart, selector)
		}
	}
	return n
}

// Apart says whether the task is to be on no node with the other one.
func (n *Need) Apart(other *corev1.Pod) bool {
	if Done(other) {
		return false
	}
	for _, selector := range n.apart {
		if selector.Matches(labels.Set(other.Labels)) {
			return true
		}
	}
	return false
}

// Distinct says whether the task is to be apart from any others.
func (n *Need) Distinct() bool { return len(n.apart) > 0 }

// Alone says whether there may be tasks that this one cannot be beside.
func (n *Need) Alone() bool { return n.Distinct() || len(n.usage.ports) > 0 }

// Evades says whether the task cannot be beside the other one: it is to be apart
// from it, or wants a port that the other one wants.
func (n *Need) Evades(other *corev1.Pod) bool {
	return n.Apart(other) || !Done(other) && slices.ContainsFunc(hostPorts(other), func(port portKey) bool { return n.usage.ports[port] > 0 })
}

// Room is a node, and what tasks take of it.
type Room struct {
	Node  *corev1.Node
	taken Usage
	// present gives the tasks on the node; taking are those that were let in since.
	present func() []*corev1.Pod
	taking  []*corev1.Pod
}

// NewRoom is the room of a node with the tasks that present gives; taken is what
// they take together.
func NewRoom(node *corev1.Node, taken Usage, present func() []*corev1.Pod) *Room {
	return &Room{Node: node, taken: taken, present: present}
}

// RoomBeside is the room of a node with these tasks.
func RoomBeside(node *corev1.Node, present []*corev1.Pod) *Room {
	taken := Usage{}
	for _, pod := range present {
		taken.Add(UsageOf(pod), 1)
	}
	return NewRoom(node, taken, func() []*corev1.Pod { return present })
}

// Left is what no task takes yet.
func (r *Room) Left() Usage {
	has := r.Node.Status.Allocatable
	left := Usage{CPU: has.Cpu().MilliValue() - r.taken.CPU, Memory: has.Memory().Value() - r.taken.Memory}
	gpus := has[gpuResource]
	left.GPU = gpus.Value() - r.taken.GPU
	return left
}

// Take lets a task in.
func (r *Room) Take(need *Need) {
	r.taken.Add(need.usage, 1)
	r.taking = append(r.taking, need.pod)
}

// Meet lets a task in whose usage is counted elsewhere, but for its ports: they are
// a node's each.
func (r *Room) Meet(pod *corev1.Pod) {
	r.taken.Add(Usage{ports: portsOf(pod)}, 1)
	r.taking = append(r.taking, pod)
}

// Refuses says why the node cannot take the task beside those that it has.
func (r *Room) Refuses(need *Need) PlacementReason {
	switch {
	case r.Node.Spec.Unschedulable || r.Node.DeletionTimestamp != nil:
		// A node that takes no pods is an instance that is DRAINING. What ECS says of
		// one is not documented; it takes no task either.
		return PlaceInactive
	case !NodeReady(r.Node):
		return PlaceAgent
	case !need.selector.Matches(labels.Set(r.Node.Labels)) || tainted(r.Node, &need.pod.Spec):
		return placeAttr
	}
	if reason := need.usage.Exceeds(r.Left()); reason != "" {
		return reason
	}
	for port := range need.usage.ports {
		if r.taken.ports[port] > 0 {
			return placePorts
		}
	}
	if fits, err := need.affinity.Match(r.Node); err != nil || !fits {
		return placeMemberOf
	}
	if need.Distinct() && (slices.ContainsFunc(r.taking, need.Apart) || slices.ContainsFunc(r.present(), need.Apart)) {
		return placeDistinct
	}
	return ""
}

// Exceeds says which resource is too small for a task.
func (u Usage) Exceeds(left Usage) PlacementReason {
	switch {
	case u.CPU > 0 && u.CPU > left.CPU:
		return placeCPU
	case u.Memory > 0 && u.Memory > left.Memory:
		return placeMemory
	case u.GPU > 0 && u.GPU > left.GPU:
		return placeGPU
	}
	return ""
}

// Usage is what the task takes.
func (n *Need) Usage() Usage { return n.usage }

// hostPorts are those that the pod holds as long as it runs: an init container
// that ends gives its own back.
func hostPorts(pod *corev1.Pod) []portKey {
	var ports []portKey
	add := func(c *corev1.Container) {
		for _, port := range c.Ports {
			if port.HostPort != 0 {
				ports = append(ports, portKey{port.HostPort, port.Protocol})
			}
		}
	}
	for i := range pod.Spec.Containers {
		add(&pod.Spec.Containers[i])
	}
	for i := range pod.Spec.InitContainers {
		if c := &pod.Spec.InitContainers[i]; value(c.RestartPolicy) == corev1.ContainerRestartPolicyAlways {
			add(c)
		}
	}
	return ports
}
