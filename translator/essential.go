package translator

import corev1 "k8s.io/api/core/v1"

const (
	neverRule   = "the container ends for good; when an essential one has ended Gantry stops the task, and when all have the pod is Succeeded or Failed"
	sidecarEnds = "the kubelet starts the container again when it exits; an essential one ends the task then"
	oldKubeRule = "this Kubernetes has no restart policy of a container: the kubelet starts it again when it exits, and an essential one ends the task then"
)

var essentialFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/essential", Class: Translated,
		To: "Pod /spec/containers/*/restartPolicy", Rule: neverRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/restartPolicy/enabled", Class: Refused,
		Rule:     "Gantry does not translate restart policies yet",
		Harmless: isFalse, Except: "false: the container is not restarted",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/restartPolicy/ignoredExitCodes", Class: Represented,
		Rule: "counts with enabled: true alone",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/restartPolicy/restartAttemptPeriod", Class: Represented,
		Rule: "counts with enabled: true alone",
	},
}

// essential is true by default (API reference, ContainerDefinition).
func (c *container) essential() bool {
	return valueOr(c.def.Essential, true)
}

// restartPolicy lets containers end. A service's template must say Always for
// the pod, so each container says Never for itself; a container that others wait
// for while it runs must say Always.
func (r *renderer) restartPolicy(c *container) {
	rule, pointer := neverRule, "/spec/restartPolicy"
	switch {
	case c.place.init && !c.ends:
		c.out.RestartPolicy = new(corev1.ContainerRestartPolicyAlways)
		rule, pointer = sidecarEnds, c.pointer("restartPolicy")
	case r.in.InService && r.in.Capabilities.ContainerRestartRules:
		c.out.RestartPolicy = new(corev1.ContainerRestartPolicyNever)
		pointer = c.pointer("restartPolicy")
	case r.in.InService:
		rule = oldKubeRule
	}
	if c.def.Essential != nil {
		r.translatedAs(c.member("essential"), pointer, rule)
	}
}
