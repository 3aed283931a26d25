package translator

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
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

// roomyNode has two CPUs and a gibibyte.
func roomyNode(change ...func(*corev1.Node)) *corev1.Node {
	n := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "n1", Labels: map[string]string{corev1.LabelArchStable: "amd64", corev1.LabelTopologyZone: "a"}},
		Status: corev1.NodeStatus{
			Allocatable: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourceMemory: resource.MustParse("1Gi")},
			Conditions:  []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
		},
	}
	for _, c := range change {
		c(n)
	}
	return n
}

// inGroup gives the pod the label of a task group.
func inGroup(pod *corev1.Pod, group string) *corev1.Pod {
	pod.Labels = map[string]string{v1alpha1.GroupLabel: group}
	return pod
}

// apart keeps the pod off the nodes of its group.
func apart(pod *corev1.Pod) *corev1.Pod {
	r := &renderer{in: TaskInput{Group: pod.Labels[v1alpha1.GroupLabel]}}
	r.distinctInstance()
	pod.Spec.Affinity = r.spec.Affinity
	return pod
}

func TestRoomRefuses(t *testing.T) {
	cordoned := func(n *corev1.Node) { n.Spec.Unschedulable = true }
	lost := func(n *corev1.Node) {
		n.Status.Conditions[0].Status = corev1.ConditionUnknown
		n.Spec.Taints = []corev1.Taint{{Key: corev1.TaintNodeUnreachable, Effect: corev1.TaintEffectNoSchedule}}
	}
	kept := func(n *corev1.Node) {
		n.Spec.Taints = []corev1.Taint{{Key: "node-role.kubernetes.io/control-plane", Effect: corev1.TaintEffectNoSchedule}}
	}
	ended := sizedPod("2", "1Gi", 80)
	ended.Status.Phase = corev1.PodSucceeded
	arm := sizedPod("1m", "1Mi")
	arm.Spec.NodeSelector = map[string]string{corev1.LabelArchStable: "arm64"}
	zoned := sizedPod("1m", "1Mi")
	zoned.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
			MatchExpressions: []corev1.NodeSelectorRequirement{{Key: corev1.LabelTopologyZone, Operator: corev1.NodeSelectorOpIn, Values: []string{"b"}}},
		}}},
	}}
	accelerated := sizedPod("1m", "1Mi")
	accelerated.Spec.Containers[0].Resources.Limits = corev1.ResourceList{gpuResource: resource.MustParse("1")}
	small := func() *corev1.Pod { return sizedPod("1m", "1Mi") }
	for name, tc := range map[string]struct {
		pod     *corev1.Pod
		node    *corev1.Node
		present []*corev1.Pod
		want    PlacementReason
	}{
		"room":                {sizedPod("1", "512Mi", 80), roomyNode(), nil, ""},
		"exactly the rest":    {sizedPod("1", "512Mi"), roomyNode(), []*corev1.Pod{sizedPod("1", "512Mi")}, ""},
		"too much CPU":        {sizedPod("1100m", "1Mi"), roomyNode(), []*corev1.Pod{sizedPod("1", "1Mi")}, "RESOURCE:CPU"},
		"too much memory":     {sizedPod("1m", "513Mi"), roomyNode(), []*corev1.Pod{sizedPod("1", "512Mi")}, "RESOURCE:MEMORY"},
		"port taken":          {sizedPod("1m", "1Mi", 80), roomyNode(), []*corev1.Pod{sizedPod("1m", "1Mi", 80)}, "RESOURCE:PORTS"},
		"no GPU":              {accelerated, roomyNode(), nil, "RESOURCE:GPU"},
		"ended tasks yield":   {sizedPod("1", "1Mi", 80), roomyNode(), []*corev1.Pod{ended}, ""},
		"cordoned":            {sizedPod("1", "1Mi"), roomyNode(cordoned), nil, "INACTIVE"},
		"not ready":           {sizedPod("1", "1Mi"), roomyNode(lost), nil, "AGENT"},
		"kept for others":     {sizedPod("1", "1Mi"), roomyNode(kept), nil, "ATTRIBUTE"},
		"another machine":     {arm, roomyNode(), nil, "ATTRIBUTE"},
		"another zone":        {zoned, roomyNode(), nil, "MemberOf placement constraint unsatisfied."},
		"one of the group":    {apart(inGroup(small(), "g")), roomyNode(), []*corev1.Pod{inGroup(small(), "g")}, "DistinctInstance placement constraint unsatisfied."},
		"one of another":      {apart(inGroup(small(), "g")), roomyNode(), []*corev1.Pod{inGroup(small(), "h")}, ""},
		"one that is to stop": {apart(inGroup(small(), "g")), roomyNode(), []*corev1.Pod{small()}, ""},
		"no node's own":       {small(), &corev1.Node{Status: corev1.NodeStatus{Conditions: roomyNode().Status.Conditions}}, nil, "RESOURCE:CPU"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := RoomBeside(tc.node, tc.present).Refuses(NewNeed(tc.pod)); got != tc.want {
				t.Errorf("it answers %q, want %q", got, tc.want)
			}
		})
	}
}

func TestRoomTake(t *testing.T) {
	room, pod := RoomBeside(roomyNode(), nil), NewNeed(sizedPod("1", "1Mi"))
	for i := range 2 {
		if got := room.Refuses(pod); got != "" {
			t.Fatalf("task %d is refused with %q", i, got)
		}
		room.Take(pod)
	}
	if got := room.Refuses(pod); got != "RESOURCE:CPU" {
		t.Errorf("a third task of one CPU gets %q of two, want RESOURCE:CPU", got)
	}
}

// A task that waits will have its port on some node: one that wants the same is
// not beside it.
func TestRoomMeetsAPort(t *testing.T) {
	withPort := func(port int32) *corev1.Pod {
		pod := sizedPod("100m", "1Mi")
		pod.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80, HostPort: port, Protocol: corev1.ProtocolTCP}}
		return pod
	}
	waiting, need := withPort(18088), NewNeed(withPort(18088))
	if !need.Alone() || !need.Evades(waiting) || need.Evades(withPort(18089)) {
		t.Fatal("a task evades those alone that want its port")
	}
	room := RoomBeside(roomyNode(), nil)
	room.Meet(waiting)
	if got := room.Refuses(need); got != placePorts {
		t.Errorf("beside a task that waits with its port it gets %q, want %s", got, placePorts)
	}
	if got := room.Refuses(NewNeed(withPort(18089))); got != "" {
		t.Errorf("with another port it gets %q", got)
	}
}

func TestCloser(t *testing.T) {
	for _, tc := range []struct {
		a, b PlacementReason
		want bool
	}{
		{"RESOURCE:CPU", "AGENT", true},
		{"AGENT", "RESOURCE:CPU", false},
		{placeDistinct, placeMemberOf, true},
		{"RESOURCE:MEMORY", "RESOURCE:MEMORY", false},
		{"INACTIVE", "", true},
	} {
		if got := Closer(tc.a, tc.b); got != tc.want {
			t.Errorf("Closer(%q, %q) is %v", tc.a, tc.b, got)
		}
	}
}
