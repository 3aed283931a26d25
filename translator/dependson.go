package translator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

const (
	startRule         = "order of the containers: the kubelet starts them one after the other"
	successRule       = "an init container: all others wait until it has ended with 0; another code ends the task"
	completeRule      = "an init container: all others wait until it has ended; a code other than 0 ends the task, which it would not on ECS"
	hookRule          = "a postStart hook that runs the health check in the image's shell until it succeeds: the kubelet starts the next container when the hook has ended; after startPeriod + retries × interval the task stops with TaskFailedToStart"
	sidecarRule       = "an init container that stays, with the health check as its startup probe: the others wait for it. After startPeriod + retries × interval, or when it exits before, the task stops with TaskFailedToStart. It ends when the last ordinary container has, and the kubelet starts it again when it exits; where it is essential Gantry ends the task then"
	staysRule         = "an init container that stays: what waits for it is an init container itself. It ends when the last ordinary container has"
	startTimeoutRule  = "bounds the wait of those that depend on its health"
	unusedTimeoutRule = "no container waits for its health or its end, which alone it bounds"
	endTimeoutRule    = "Kubernetes has no time limit for one init container"
	endsRule          = "an init container, since another container waits for its end: this one waits for its end too"
)

var dependsOnFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/dependsOn/*/containerName", Class: Translated,
		To: "Pod /spec/containers, /spec/initContainers", Rule: "decides list and order of the containers",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/dependsOn/*/condition", Class: Translated,
		To: "Pod /spec/containers, /spec/initContainers",
		Rule: "START: " + startRule + ". SUCCESS: " + successRule + ". COMPLETE: " + completeRule +
			". HEALTHY with a CMD-SHELL check: " + hookRule + ". HEALTHY with a CMD check: " + sidecarRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/startTimeout", Class: Translated,
		To:     "Pod /spec/containers/*/lifecycle/postStart, /spec/initContainers/*/startupProbe",
		Rule:   startTimeoutRule,
		Except: "with nobody who waits for it: " + unusedTimeoutRule + ". Where one waits for its end it is refused: " + endTimeoutRule,
	},
}

// NotHealthyMark is what the hook of a HEALTHY dependency leaves in the
// container's termination message when it gives up.
const NotHealthyMark = "gantry: not HEALTHY in time"

// waitUntilHealthy runs a check ($1) once a second, as often as $2 says. A
// postStart hook is run raw: nothing in it is expanded by Kubernetes.
const waitUntilHealthy = `n=0
until /bin/sh -c "$1"; do
  n=$((n+1))
  if [ "$n" -ge "$2" ]; then echo "` + NotHealthyMark + `" >/dev/termination-log; exit 1; fi
  sleep 1
done`

// dependency is one entry of a dependsOn.
type dependency struct {
	on        *container
	condition types.ContainerCondition
	at        source
}

// order decides for each container whether it is an init container and at which
// place it stands.
func (r *renderer) order() {
	byName := map[string]*container{}
	for _, c := range r.containers {
		byName[value(c.def.Name)] = c
	}
	for _, c := range r.containers {
		for i, d := range c.def.DependsOn {
			at := c.member("dependsOn").child(strconv.Itoa(i))
			on, known := byName[value(d.ContainerName)]
			if !known || on == c {
				r.refuse(at, "no other container of the task has this name")
				continue
			}
			c.dependsOn = append(c.dependsOn, dependency{on, d.Condition, at})
		}
		for _, link := range c.def.Links {
			name, _, _ := strings.Cut(link, ":")
			if on := byName[name]; on != nil && on != c {
				c.dependsOn = append(c.dependsOn, dependency{on, types.ContainerConditionStart, c.member("links")})
			}
		}
	}
	sorted := r.sorted()
	r.chooseInit(sorted)
	var inits, ordinary int
	for _, c := range sorted {
		count := &ordinary
		if c.place.init {
			count = &inits
		}
		c.place.index = *count
		*count++
	}
}

// sorted returns the containers so that each stands after those it depends on,
// in the definition's order where it is free.
func (r *renderer) sorted() []*container {
	sorted := make([]*container, 0, len(r.containers))
	done := map[*container]bool{}
	for len(sorted) < len(r.containers) {
		next := firstReady(r.containers, done)
		if next == nil {
			r.refuse(source{TaskDefinition, "/containerDefinitions"}, "the containers depend on each other in a circle")
			return r.containers
		}
		done[next] = true
		sorted = append(sorted, next)
	}
	return sorted
}

func firstReady(containers []*container, done map[*container]bool) *container {
	for _, c := range containers {
		ready := !done[c]
		for _, d := range c.dependsOn {
			ready = ready && done[d.on]
		}
		if ready {
			return c
		}
	}
	return nil
}

// chooseInit goes from the last container to the first, so that a container is
// known to be an init container before those it waits for are looked at.
func (r *renderer) chooseInit(sorted []*container) {
	for _, c := range slices.Backward(sorted) {
		for _, d := range c.dependsOn {
			switch d.condition {
			case types.ContainerConditionSuccess, types.ContainerConditionComplete:
				d.on.place.init, d.on.ends = true, true
			case types.ContainerConditionHealthy:
				d.on.awaited = true
				if !d.on.hasShellCheck() {
					d.on.place.init = true
				}
			case types.ContainerConditionStart:
			}
			if c.place.init {
				d.on.place.init = true
			}
		}
	}
}

func (c *container) hasShellCheck() bool {
	if c.def.HealthCheck == nil {
		return false
	}
	h, ok := parseHealthCheck(c.def.HealthCheck)
	return ok && h.shell != ""
}

// dependencies makes the containers that others wait for wait-able, and notes it.
func (r *renderer) dependencies(c *container) {
	for _, d := range c.dependsOn {
		switch {
		case d.condition == types.ContainerConditionSuccess:
			r.translatedAs(d.at, d.on.place.pointer(), successRule)
		case d.condition == types.ContainerConditionComplete:
			r.translatedAs(d.at, d.on.place.pointer(), completeRule)
		case d.condition == types.ContainerConditionHealthy:
			r.awaitHealthy(d)
		case d.condition != types.ContainerConditionStart:
			r.refuse(d.at, "the condition is none of START, COMPLETE, SUCCESS, HEALTHY")
		case d.on.ends:
			r.translatedAs(d.at, d.on.place.pointer(), endsRule)
		case d.on.place.init:
			r.translatedAs(d.at, d.on.place.pointer(), staysRule)
		default:
			r.translatedAs(d.at, d.on.place.pointer(), startRule)
		}
	}
}

func (r *renderer) awaitHealthy(d dependency) {
	if d.on.def.HealthCheck == nil {
		r.refuse(d.at, "the container that is waited for has no health check")
		return
	}
	h, ok := parseHealthCheck(d.on.def.HealthCheck)
	switch {
	case !ok:
		r.refuse(d.at, "the health check of the container that is waited for is none")
	case d.on.ends:
		r.refuse(d.at, "one container waits for the health of this container and another for its end")
	case d.on.place.init:
		d.on.out.StartupProbe = h.startup(d.on.wait(h))
		r.awaitFinding(d, "startupProbe", sidecarRule)
	default:
		d.on.lifecycle().PostStart = &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: []string{
			"/bin/sh", "-c", waitUntilHealthy, "gantry", h.shell, strconv.Itoa(int(d.on.wait(h))),
		}}}
		r.awaitFinding(d, "lifecycle/postStart", hookRule)
	}
}

// awaitFinding notes the mechanism, and with a container that has no other probe
// the health check too.
func (r *renderer) awaitFinding(d dependency, kubernetes, rule string) {
	r.translatedAs(d.at, d.on.pointer(kubernetes), rule)
	if !d.on.essential() {
		r.translatedAs(d.on.member("healthCheck"), d.on.pointer(kubernetes),
			"run until it succeeds once, for the containers that wait for it; then "+nonEssentialRule)
	}
}

// startup gives up after a number of seconds.
func (h healthCheck) startup(limit int32) *corev1.Probe {
	probe := h.probe()
	probe.FailureThreshold = max((limit+h.interval-1)/h.interval, 1)
	return probe
}

// wait is for how many seconds others wait for the container's health: until ECS
// would call it UNHEALTHY, or for its startTimeout where that is shorter.
func (c *container) wait(h healthCheck) int32 {
	return min(h.patience(), valueOr(c.def.StartTimeout, h.patience()))
}

// startTimeout notes what a time limit bounds.
func (r *renderer) startTimeout(c *container) {
	at := c.member("startTimeout")
	switch {
	case c.def.StartTimeout == nil:
	case c.ends:
		r.refuse(at, endTimeoutRule)
	case !c.awaited:
		r.note(at, Represented, unusedTimeoutRule)
	case c.place.init:
		r.translatedAs(at, c.pointer("startupProbe/failureThreshold"), startTimeoutRule)
	default:
		r.translatedAs(at, c.pointer("lifecycle/postStart"), startTimeoutRule)
	}
}

func (c *container) lifecycle() *corev1.Lifecycle {
	if c.out.Lifecycle == nil {
		c.out.Lifecycle = &corev1.Lifecycle{}
	}
	return c.out.Lifecycle
}
