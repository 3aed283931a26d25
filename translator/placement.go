package translator

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

var placementFields = []Field{
	{
		Document: Task, Path: "/launchType", Class: Represented,
		Rule: "stored, and given back; every task runs on a node of the cluster",
	},
	{
		Document: Task, Path: "/containerInstances", Class: Translated,
		To:   "Pod /spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution",
		Rule: "a pod for each, on the node whose UID is the instance's id",
	},
	{
		Document: TaskDefinition, Path: "/runtimePlatform/cpuArchitecture", Class: Translated, To: "Pod /spec/nodeSelector/kubernetes.io~1arch",
		Rule: "the node's label: X86_64 is amd64, ARM64 is arm64",
	},
	{
		Document: TaskDefinition, Path: "/runtimePlatform/operatingSystemFamily", Class: Translated, To: "Pod /spec/nodeSelector/kubernetes.io~1os",
		Rule: "the node's label: LINUX is linux", Except: "Windows is refused",
	},
	{Document: TaskDefinition, Path: "/requiresAttributes/*/name", Class: Represented, Rule: computedRule},
	{Document: TaskDefinition, Path: "/requiresAttributes/*/value", Class: Represented, Rule: computedRule},
	{Document: TaskDefinition, Path: "/requiresAttributes/*/targetId", Class: Represented, Rule: computedRule},
	{Document: TaskDefinition, Path: "/requiresAttributes/*/targetType", Class: Represented, Rule: computedRule},
}

func (r *renderer) runtimePlatform() {
	p := r.in.TaskDefinition.RuntimePlatform
	if p == nil {
		return
	}
	at := source{TaskDefinition, "/runtimePlatform"}
	switch p.CpuArchitecture {
	case "":
	case types.CPUArchitectureX8664:
		r.selectNode(at.child("cpuArchitecture"), corev1.LabelArchStable, "amd64")
	case types.CPUArchitectureArm64:
		r.selectNode(at.child("cpuArchitecture"), corev1.LabelArchStable, "arm64")
	default:
		r.refuse(at.child("cpuArchitecture"), "not an architecture that ECS knows")
	}
	switch p.OperatingSystemFamily {
	case "":
	case types.OSFamilyLinux:
		r.selectNode(at.child("operatingSystemFamily"), corev1.LabelOSStable, "linux")
	default:
		r.refuse(at.child("operatingSystemFamily"), "Gantry has no tasks for nodes of "+strings.ToLower(string(p.OperatingSystemFamily)))
	}
}

func (r *renderer) selectNode(at source, label, text string) {
	if r.spec.NodeSelector == nil {
		r.spec.NodeSelector = map[string]string{}
	}
	r.spec.NodeSelector[label] = text
	r.translated(at, "/spec/nodeSelector/"+escapePointer(label))
}
