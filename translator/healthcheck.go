package translator

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

const (
	startPeriodRule = "healthStatus stays UNKNOWN until startPeriod + retries × interval have passed without a success; the liveness probe of a service waits for it too"
	// nonEssentialRule: a readiness probe would take the whole pod out of its
	// Services when a container fails that decides nothing on ECS.
	nonEssentialRule = "no probe: the health of a container that is not essential ends no task; its healthStatus stays UNKNOWN"
	endedRule        = "no probe: the container has ended before the others start"
	livenessRule     = "in a service also a liveness probe with ten times the patience: a task stays UNHEALTHY for ever only while nothing replaces it"
)

var healthCheckFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/healthCheck/command", Class: Translated,
		To:     "Pod /spec/containers/*/readinessProbe/exec/command",
		Rule:   "HEALTHY is ready; CMD-SHELL runs in /bin/sh -c, CMD as it is; every $ doubled",
		Except: "a container that is not essential gets no probe and stays UNKNOWN; " + livenessRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/healthCheck/interval", Class: Translated,
		To: "Pod /spec/containers/*/readinessProbe/periodSeconds", Rule: "as given, 30 by default",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/healthCheck/timeout", Class: Translated,
		To: "Pod /spec/containers/*/readinessProbe/timeoutSeconds", Rule: "as given, 5 by default",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/healthCheck/retries", Class: Translated,
		To: "Pod /spec/containers/*/readinessProbe/failureThreshold", Rule: "as given, 3 by default",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/healthCheck/startPeriod", Class: Translated,
		To: "Pod /spec/containers/*/livenessProbe/initialDelaySeconds", Rule: startPeriodRule,
	},
}

const (
	livenessFailures = 10
	// livenessMinimumPeriod spares the node: an exec probe costs tens of
	// milliseconds of CPU.
	livenessMinimumPeriod = 30
)

// healthCheck is a container's check with ECS's defaults filled in (API
// reference, HealthCheck).
type healthCheck struct {
	// argv is the command to run; shell is the text after CMD-SHELL.
	argv  []string
	shell string
	// seconds and counts
	interval, timeout, retries, startPeriod int32
}

// patience is the time after which ECS calls a container UNHEALTHY that never
// succeeded.
func (h healthCheck) patience() int32 {
	return h.startPeriod + h.retries*h.interval
}

func parseHealthCheck(in *types.HealthCheck) (healthCheck, bool) {
	h := healthCheck{
		interval:    max(valueOr(in.Interval, 30), 1),
		timeout:     max(valueOr(in.Timeout, 5), 1),
		retries:     max(valueOr(in.Retries, 3), 1),
		startPeriod: value(in.StartPeriod),
	}
	if len(in.Command) < 2 {
		return h, false
	}
	switch in.Command[0] {
	case "CMD-SHELL":
		h.argv = append([]string{"/bin/sh", "-c"}, in.Command[1:]...)
		h.shell = in.Command[1]
	case "CMD":
		h.argv = in.Command[1:]
	default:
		return h, false
	}
	return h, true
}

func (h healthCheck) probe() *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:     corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: literals(h.argv)}},
		PeriodSeconds:    h.interval,
		TimeoutSeconds:   h.timeout,
		FailureThreshold: h.retries,
		SuccessThreshold: 1,
	}
}

func (h healthCheck) liveness() *corev1.Probe {
	probe := h.probe()
	probe.InitialDelaySeconds = h.startPeriod
	probe.PeriodSeconds = max(h.interval*h.retries, livenessMinimumPeriod)
	probe.FailureThreshold = livenessFailures
	return probe
}

// readiness gives a container the probe that stands for its health.
func (r *renderer) readiness(c *container) {
	if c.def.HealthCheck == nil {
		return
	}
	at := c.member("healthCheck")
	h, ok := parseHealthCheck(c.def.HealthCheck)
	switch {
	case !ok:
		r.refuse(at, "a health check is CMD or CMD-SHELL and a command")
		return
	case c.ends:
		r.note(at, Ignored, endedRule)
		return
	case !c.essential():
		if !c.awaited {
			r.note(at, Ignored, nonEssentialRule)
		}
		return
	}
	c.out.ReadinessProbe = h.probe()
	r.probeFindings(c, "readinessProbe")
	if r.in.InService {
		c.out.LivenessProbe = h.liveness()
		r.translatedAs(at.child("command"), c.pointer("livenessProbe"), livenessRule)
	}
}

// probeFindings notes where the members of a health check went.
func (r *renderer) probeFindings(c *container, probe string) {
	at := c.member("healthCheck")
	r.translated(at.child("command"), c.pointer(probe+"/exec/command"))
	for _, m := range []struct {
		ecs, kubernetes string
		given           *int32
	}{
		{"interval", "periodSeconds", c.def.HealthCheck.Interval},
		{"timeout", "timeoutSeconds", c.def.HealthCheck.Timeout},
		{"retries", "failureThreshold", c.def.HealthCheck.Retries},
	} {
		if m.given != nil {
			r.translated(at.child(m.ecs), c.pointer(probe+"/"+m.kubernetes))
		}
	}
	if c.def.HealthCheck.StartPeriod == nil {
		return
	}
	if r.in.InService {
		r.translated(at.child("startPeriod"), c.pointer("livenessProbe/initialDelaySeconds"))
	} else {
		r.translated(at.child("startPeriod"), "")
	}
}

func valueOr[T any](p *T, fallback T) T {
	if p == nil {
		return fallback
	}
	return *p
}
