package translator

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

const (
	// defaultStopTimeout is ECS's, in seconds (Developer Guide,
	// task_definition_parameters: the agent's ECS_CONTAINER_STOP_TIMEOUT).
	defaultStopTimeout = 30
	// deregistrationSeconds is for how long a stopping pod that requests are led to
	// still serves, so that all proxies have heard that it is leaving before
	// SIGTERM: a kube-proxy of a node whose processors are all busy was seen to take
	// more than 4 seconds. Of ECS's own it is the target group's deregistration delay,
	// 300 seconds where nobody changed it.
	deregistrationSeconds = 15
)

var stopTimeoutFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/stopTimeout", Class: Translated,
		To:   "Pod /spec/terminationGracePeriodSeconds",
		Rule: "the largest of all containers, 30 where one has none; where a target group, a registry or Service Connect leads to the task 15 seconds more, in which the pod still serves before SIGTERM",
	},
}

// stopTimeout gives the pod the time that its slowest container may take.
func (r *renderer) stopTimeout() {
	var grace int64
	for _, c := range r.containers {
		grace = max(grace, int64(valueOr(c.def.StopTimeout, defaultStopTimeout)))
	}
	for _, c := range r.containers {
		if c.def.StopTimeout == nil {
			continue
		}
		at, rule := c.member("stopTimeout"), r.rule(c.member("stopTimeout"))
		if own := int64(*c.def.StopTimeout); own < grace {
			rule += "; this container gets " + strconv.FormatInt(grace, 10) + " seconds instead of " + strconv.FormatInt(own, 10)
		}
		r.translatedAs(at, "/spec/terminationGracePeriodSeconds", rule)
	}
	if r.in.Routed {
		grace += deregistrationSeconds
	}
	r.spec.TerminationGracePeriodSeconds = &grace
}

// deregister keeps a stopping container that requests are led to serving for a
// while. An init container that ends has no hooks.
func (r *renderer) deregister(c *container) {
	if r.in.Routed && !c.ends {
		c.lifecycle().PreStop = &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: deregistrationSeconds}}
	}
}
