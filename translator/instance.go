package translator

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	podresource "k8s.io/component-helpers/resource"
)

const nodeNameField = "metadata.name"

// PlaceOn lets the pod run on that node alone. It is the node's name in an
// affinity and not spec.nodeName: the scheduler then keeps account of the node,
// and a pod that does not fit waits instead of being refused by the kubelet.
func PlaceOn(spec *corev1.PodSpec, node string) {
	if spec.Affinity == nil {
		spec.Affinity = &corev1.Affinity{}
	}
	affinity := spec.Affinity
	if affinity.NodeAffinity == nil {
		affinity.NodeAffinity = &corev1.NodeAffinity{}
	}
	required := affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	if required == nil {
		required = &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{}}}
		affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution = required
	}
	for i := range required.NodeSelectorTerms { // one of them has to hold
		term := &required.NodeSelectorTerms[i]
		term.MatchFields = append(term.MatchFields, corev1.NodeSelectorRequirement{
			Key: nodeNameField, Operator: corev1.NodeSelectorOpIn, Values: []string{node},
		})
	}
}

// NodeName is the node that the pod is on, or that PlaceOn let it be on; empty
// where the scheduler has yet to choose.
func NodeName(pod *corev1.Pod) string {
	affinity := pod.Spec.Affinity
	if pod.Spec.NodeName != "" || affinity == nil || affinity.NodeAffinity == nil ||
		affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return pod.Spec.NodeName
	}
	for _, term := range affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		for _, field := range term.MatchFields {
			if field.Key == nodeNameField && len(field.Values) == 1 {
				return field.Values[0]
			}
		}
	}
	return ""
}

// The reasons of ECS for an instance that cannot take a task (Developer Guide,
// API failure reasons).
const (
	placeInactive = "INACTIVE"
	placeAgent    = "AGENT"
	placeCPU      = "RESOURCE:CPU"
	placeMemory   = "RESOURCE:MEMORY"
	placePorts    = "RESOURCE:PORTS"
)

// CannotPlace says in ECS's words why the node cannot take the pod beside the
// tasks that it has; empty where it can. As on ECS only tasks are counted: what
// else is on the node is between the pod and the scheduler.
func CannotPlace(pod *corev1.Pod, node *corev1.Node, present []*corev1.Pod) string {
	switch ready := NodeReady(node); {
	case node.Spec.Unschedulable:
		// A node that takes no pods is an instance that is DRAINING. What ECS says of
		// one is not documented; it takes no task either.
		return placeInactive
	case !ready:
		return placeAgent
	}
	room := node.Status.Allocatable.DeepCopy()
	ports := map[portKey]bool{}
	for _, other := range present {
		if Observe(other).Terminal() {
			continue
		}
		for name, quantity := range podresource.PodRequests(other, podresource.PodResourcesOptions{}) {
			left := room[name]
			left.Sub(quantity)
			room[name] = left
		}
		for _, port := range hostPorts(other) {
			ports[port] = true
		}
	}
	wanted := podresource.PodRequests(pod, podresource.PodResourcesOptions{})
	switch {
	case exceeds(wanted, room, corev1.ResourceCPU):
		return placeCPU
	case exceeds(wanted, room, corev1.ResourceMemory):
		return placeMemory
	}
	for _, port := range hostPorts(pod) {
		if ports[port] {
			return placePorts
		}
	}
	return ""
}

func exceeds(wanted, room corev1.ResourceList, name corev1.ResourceName) bool {
	quantity, left := wanted[name], room[name]
	return quantity.Cmp(resource.Quantity{}) > 0 && quantity.Cmp(left) > 0
}

// NodeReady says whether the kubelet of the node reports, and reports well.
func NodeReady(node *corev1.Node) bool {
	for i := range node.Status.Conditions {
		if condition := &node.Status.Conditions[i]; condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

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
