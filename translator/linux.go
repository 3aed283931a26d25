package translator

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

const (
	pidTaskRule = "the containers see each other's processes"
	initRule    = "the pod's own process is the first of all its containers and reaps what they leave, as an init process does; the containers see each other's processes"
	pidHostRule = "the node's processes are seen, and its first process reaps what the containers leave"
	ipcTaskRule = "the containers of a pod share memory and semaphores as they are"
)

// linuxFields are what Docker and Linux can do beyond the fields of other files.
var linuxFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/capabilities/add", Class: Translated,
		To: "Pod /spec/containers/*/securityContext/capabilities/add", Rule: "as given",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/capabilities/drop", Class: Translated,
		To: "Pod /spec/containers/*/securityContext/capabilities/drop", Rule: "as given",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/devices", Class: Refused,
		Rule: "a pod gets devices of its node from a device plugin alone, by the name of a resource",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/initProcessEnabled", Class: Translated,
		To: "Pod /spec/shareProcessNamespace", Rule: initRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/maxSwap", Class: Refused,
		Rule:     "how much a container may swap is a setting of its node",
		Harmless: isZero, Except: "0: no swap, as on nodes whose kubelet was given no other setting",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/swappiness", Class: Represented,
		Rule: "counts with maxSwap alone",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/ulimits", Class: Refused,
		Rule: "Kubernetes has no limits of this kind for a container: it has those of the node's container runtime",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/interactive", Class: Translated,
		To: "Pod /spec/containers/*/stdin", Rule: "as given",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/pseudoTerminal", Class: Translated,
		To: "Pod /spec/containers/*/tty", Rule: "as given",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/dockerLabels/*", Class: Represented,
		Rule: "labels of a Docker container, which no process in it sees; stored, and given back",
	},
	{
		Document: TaskDefinition, Path: "/ipcMode", Class: Translated, To: "Pod /spec/hostIPC",
		Rule: "host: the node's. task: " + ipcTaskRule, Except: "none is refused",
	},
	{
		Document: TaskDefinition, Path: "/pidMode", Class: Translated, To: "Pod /spec/hostPID, /spec/shareProcessNamespace",
		Rule: "host: " + pidHostRule + ". task: " + pidTaskRule,
	},
	{
		Document: TaskDefinition, Path: "/enableFaultInjection", Class: Refused,
		Rule:     "Gantry has no endpoint that injects faults",
		Harmless: isFalse, Except: "false: no faults are injected",
	},
}

// namespaces shares what a definition says its containers share.
func (r *renderer) namespaces() {
	def := r.in.TaskDefinition
	pid, ipc := source{TaskDefinition, "/pidMode"}, source{TaskDefinition, "/ipcMode"}
	switch def.PidMode {
	case "":
	case types.PidModeHost:
		r.spec.HostPID = true
		r.translatedAs(pid, "/spec/hostPID", pidHostRule)
	case types.PidModeTask:
		r.spec.ShareProcessNamespace = new(true)
		r.translatedAs(pid, "/spec/shareProcessNamespace", pidTaskRule)
	default:
		r.refuse(pid, "neither host nor task")
	}
	switch def.IpcMode {
	case "":
	case types.IpcModeHost:
		r.spec.HostIPC = true
		r.translatedAs(ipc, "/spec/hostIPC", "the node's")
	case types.IpcModeTask:
		r.translatedAs(ipc, "/spec/hostIPC", ipcTaskRule)
	default:
		r.refuse(ipc, "the containers of a pod always share memory and semaphores")
	}
}

func (r *renderer) linux(c *container) {
	if c.def.Interactive != nil {
		c.out.Stdin = *c.def.Interactive
		r.translated(c.member("interactive"), c.pointer("stdin"))
	}
	if c.def.PseudoTerminal != nil {
		c.out.TTY = *c.def.PseudoTerminal
		r.translated(c.member("pseudoTerminal"), c.pointer("tty"))
	}
	l := c.def.LinuxParameters
	if l == nil {
		return
	}
	at := c.member("linuxParameters")
	r.capabilities(c, l.Capabilities, at.child("capabilities"))
	r.initProcess(l.InitProcessEnabled, at.child("initProcessEnabled"))
	r.memoryVolumes(c, l, at)
}

func (r *renderer) capabilities(c *container, in *types.KernelCapabilities, at source) {
	if in == nil || len(in.Add)+len(in.Drop) == 0 {
		return
	}
	out := &corev1.Capabilities{}
	for _, list := range []struct {
		member string
		from   []string
		to     *[]corev1.Capability
	}{{"add", in.Add, &out.Add}, {"drop", in.Drop, &out.Drop}} {
		for _, name := range list.from {
			*list.to = append(*list.to, corev1.Capability(strings.TrimPrefix(name, "CAP_")))
		}
		if len(list.from) > 0 {
			r.translated(at.child(list.member), c.pointer("securityContext/capabilities/"+list.member))
		}
	}
	c.security().Capabilities = out
}

// initProcess: with the node's processes in view there is an init process already.
func (r *renderer) initProcess(enabled *bool, at source) {
	switch {
	case enabled == nil:
	case !*enabled:
		r.translatedAs(at, "/spec/shareProcessNamespace", "the container's own process is its first")
	case r.spec.HostPID:
		r.translatedAs(at, "/spec/hostPID", pidHostRule)
	default:
		r.spec.ShareProcessNamespace = new(true)
		r.translatedAs(at, "/spec/shareProcessNamespace", initRule)
	}
}
