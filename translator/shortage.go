package translator

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Shortage is what there is too little of for a task to have a place.
type Shortage int

// The shortages; NoShortage is another cause, as a volume that is missing.
const (
	NoShortage Shortage = iota
	NoInstances
	ShortOfCPU
	ShortOfMemory
	ShortOfPorts
	NotDistinct
	NoMember
)

// shortages are the words of the scheduler that tell them; the first that applies
// counts.
var shortages = []struct {
	words string
	is    Shortage
}{
	{"0/0 nodes", NoInstances},
	{"no nodes available", NoInstances},
	{"Insufficient cpu", ShortOfCPU},
	{"Insufficient memory", ShortOfMemory},
	{"free ports", ShortOfPorts},
	{"anti-affinity rules", NotDistinct},
	{"node affinity/selector", NoMember},
	// Cordoned, drained or lost: instances that are not ACTIVE do not count.
	{"were unschedulable", NoInstances},
	{"untolerated taint", NoInstances},
}

// ShortageOf reads what the scheduler says of a pod that it cannot place.
func ShortageOf(message string) Shortage {
	for _, s := range shortages {
		if strings.Contains(message, s.words) {
			return s.is
		}
	}
	return NoShortage
}

// ReasonNoCapacity is what ECS says on Fargate, where there are no instances,
// whatever there is too little of (recorded failures of RunTask).
const ReasonNoCapacity = "Capacity is unavailable at this time. Please try again later or in a different availability zone"

// unplacedReason turns what the scheduler says into ECS's short form where it
// has one (API reference, API failures).
func unplacedReason(pod *corev1.Pod) string {
	condition := PodCondition(pod, corev1.PodScheduled)
	if condition == nil || condition.Message == "" {
		return ReasonFailedToStart
	}
	shortage := ShortageOf(condition.Message)
	if shortage != NoShortage && OnFargate(pod) {
		return ReasonNoCapacity
	}
	switch shortage {
	case ShortOfMemory:
		return "RESOURCE:MEMORY"
	case ShortOfCPU:
		return "RESOURCE:CPU"
	case ShortOfPorts:
		return "RESOURCE:PORTS"
	default:
		return condition.Message
	}
}
