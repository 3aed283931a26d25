package translator

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

const sysctlRule = "a kernel parameter of the pod, which all its containers share; a kubelet refuses those beyond its list of safe ones unless it was told to allow them"

var systemControlFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/systemControls/*/namespace", Class: Translated,
		To: "Pod /spec/securityContext/sysctls/*/name", Rule: sysctlRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/systemControls/*/value", Class: Translated,
		To: "Pod /spec/securityContext/sysctls/*/value", Rule: "as given",
	},
}

// ipcSysctls are, beside net. and fs.mqueue., the parameters that a container can have for itself
// (API reference, ContainerDefinition.systemControls).
var ipcSysctls = []string{"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"}

// systemControls collects the parameters of all containers.
func (r *renderer) systemControls() {
	set := map[string]int{}
	for _, c := range r.containers {
		for i, s := range c.def.SystemControls {
			at := c.member("systemControls").child(strconv.Itoa(i))
			name, text := value(s.Namespace), value(s.Value)
			if reason := r.sysctlRefusal(name); reason != "" {
				r.refuse(at, reason)
				continue
			}
			index, known := set[name]
			switch {
			case !known:
				index = len(r.podSecurity().Sysctls)
				set[name] = index
				r.spec.SecurityContext.Sysctls = append(r.spec.SecurityContext.Sysctls, corev1.Sysctl{Name: name, Value: text})
			case r.spec.SecurityContext.Sysctls[index].Value != text:
				r.refuse(at, "another container sets "+name+" to another value, and the containers of a pod share it")
				continue
			}
			pointer := "/spec/securityContext/sysctls/" + strconv.Itoa(index)
			r.translated(at.child("namespace"), pointer+"/name")
			if s.Value != nil {
				r.translated(at.child("value"), pointer+"/value")
			}
		}
	}
}

// sysctlRefusal: a parameter of the network or of shared memory belongs to the
// node where the task has the node's.
func (r *renderer) sysctlRefusal(name string) string {
	switch {
	case strings.HasPrefix(name, "net."):
		if r.spec.HostNetwork {
			return "with the node's network its parameters are the node's"
		}
		return ""
	case strings.HasPrefix(name, "fs.mqueue."), slices.Contains(ipcSysctls, name):
		if r.spec.HostIPC {
			return "with the node's shared memory its parameters are the node's"
		}
		return ""
	default:
		return "no parameter that a container can have for itself"
	}
}

func (r *renderer) podSecurity() *corev1.PodSecurityContext {
	if r.spec.SecurityContext == nil {
		r.spec.SecurityContext = &corev1.PodSecurityContext{}
	}
	return r.spec.SecurityContext
}
