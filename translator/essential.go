package translator

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

const (
	neverRule   = "the container ends for good; when an essential one has ended Gantry stops the task, and when all have the pod is Succeeded or Failed"
	sidecarEnds = "the kubelet starts the container again when it exits; an essential one ends the task then"
	againRule   = "the kubelet starts the container again when it exits with another code than those ignored, waiting longer each time"
	periodRule  = "an essential container that ran for less before it ended is not to run again: Gantry ends the task. One that is not essential runs again all the same, which it would not on ECS"
	noRestarts  = "counts with enabled: true alone"
	oldKubeRule = "this Kubernetes has no restart policy of a container: the kubelet starts it again when it exits, and an essential one ends the task then"
)

var essentialFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/essential", Class: Translated,
		To: "Pod /spec/containers/*/restartPolicy", Rule: neverRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/restartPolicy/enabled", Class: Translated,
		To: "Pod /spec/containers/*/restartPolicyRules", Rule: againRule,
		Except: "refused for a container that others wait for with SUCCESS, COMPLETE or a HEALTHY of an init container, and where this Kubernetes has no restart rules of a container",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/restartPolicy/ignoredExitCodes", Class: Translated,
		To: "Pod /spec/containers/*/restartPolicyRules/*/exitCodes/values", Rule: "after these codes the container ends for good",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/restartPolicy/restartAttemptPeriod", Class: Translated,
		To: "Pod /metadata/annotations/gantry.dev~1restart-periods", Rule: "seconds, 300 by default: " + periodRule,
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
	if c.def.RestartPolicy != nil {
		r.restartRules(c, c.def.RestartPolicy)
	}
}

// restartRules lets a container begin again. An init container cannot: those
// that end are waited for, and those that stay begin again by their nature.
func (r *renderer) restartRules(c *container, p *types.ContainerRestartPolicy) {
	at := c.member("restartPolicy")
	if !value(p.Enabled) {
		r.note(at.child("enabled"), Represented, "false: the container is not started again")
		if len(p.IgnoredExitCodes) > 0 {
			r.note(at.child("ignoredExitCodes"), Represented, noRestarts)
		}
		if p.RestartAttemptPeriod != nil {
			r.note(at.child("restartAttemptPeriod"), Represented, noRestarts)
		}
		return
	}
	switch {
	case !r.in.Capabilities.ContainerRestartRules:
		r.refuse(at, "this Kubernetes has no restart rules of a container")
		return
	case c.place.init:
		r.refuse(at, "another container waits for this one, which makes it an init container: those have no restart rules")
		return
	}
	c.out.RestartPolicy = new(corev1.ContainerRestartPolicyNever)
	c.out.RestartPolicyRules = []corev1.ContainerRestartRule{{
		Action: corev1.ContainerRestartRuleActionRestart,
		ExitCodes: &corev1.ContainerRestartRuleOnExitCodes{
			Operator: corev1.ContainerRestartRuleOnExitCodesOpNotIn, Values: p.IgnoredExitCodes,
		},
	}}
	r.translated(at.child("enabled"), c.pointer("restartPolicyRules"))
	if len(p.IgnoredExitCodes) > 0 {
		r.translated(at.child("ignoredExitCodes"), c.pointer("restartPolicyRules/0/exitCodes/values"))
	}
	if p.RestartAttemptPeriod != nil {
		r.translated(at.child("restartAttemptPeriod"), "/metadata/annotations/"+escapePointer(v1alpha1.RestartPeriodsAnnotation))
	}
}

// restartPeriods says for each container with a restart policy for how many
// seconds it must run before it may begin again, as name=seconds.
func restartPeriods(def *types.TaskDefinition) string {
	var periods []string
	for _, c := range def.ContainerDefinitions {
		if p := c.RestartPolicy; p != nil && value(p.Enabled) {
			periods = append(periods, fmt.Sprintf("%s=%d", value(c.Name), valueOr(p.RestartAttemptPeriod, defaultRestartPeriod)))
		}
	}
	return strings.Join(periods, ",")
}

// defaultRestartPeriod is in seconds (API reference, ContainerRestartPolicy).
const defaultRestartPeriod = 300
