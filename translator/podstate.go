package translator

import (
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// ECS's lastStatus values (Developer Guide, task lifecycle).
const (
	StatusProvisioning   = "PROVISIONING"
	StatusPending        = "PENDING"
	StatusActivating     = "ACTIVATING"
	StatusRunning        = "RUNNING"
	StatusDeactivating   = "DEACTIVATING"
	StatusStopping       = "STOPPING"
	StatusDeprovisioning = "DEPROVISIONING"
	StatusStopped        = "STOPPED"
)

// PodState is a task's pod, looked at with ECS's eyes. Containers that the task
// definition does not name (a webhook's) count in nothing.
type PodState struct {
	pod        *corev1.Pod
	containers []containerState
}

// containerState is one ECS container and its Kubernetes status, if there is one.
type containerState struct {
	name      string
	essential bool
	// checked is true for a container with an ECS health check, which is UNHEALTHY
	// where it is not ready after its window.
	checked bool
	window  time.Duration
	// restartPeriod is for how long a container with an ECS restart policy must
	// run before it may begin again.
	restartPeriod time.Duration
	// spec is nil for a container that the pod does not have.
	spec *corev1.Container
	// status is the pod's own, or that of no container before the kubelet has said
	// anything: known is false then.
	status *corev1.ContainerStatus
	known  bool
	init   bool
}

// unknownStatus is shared by all that have none. Nothing writes to a status.
var unknownStatus corev1.ContainerStatus

// Observe reads a task's pod.
func Observe(pod *corev1.Pod) *PodState {
	s := &PodState{pod: pod, containers: make([]containerState, 0, len(pod.Spec.InitContainers)+len(pod.Spec.Containers))}
	named := containerNames(pod.Annotations[v1alpha1.ContainersAnnotation])
	s.add(named, pod.Spec.InitContainers, pod.Status.InitContainerStatuses, true)
	s.add(named, pod.Spec.Containers, pod.Status.ContainerStatuses, false)
	for _, name := range containerNames(pod.Annotations[v1alpha1.EssentialAnnotation]) {
		if c := s.container(name); c != nil {
			c.essential = true
		}
	}
	for _, item := range splitList(pod.Annotations[v1alpha1.HealthCheckedAnnotation]) {
		name, seconds, _ := strings.Cut(item, "=")
		if c := s.container(ContainerName(name)); c != nil {
			n, _ := strconv.Atoi(seconds)
			c.checked, c.window = true, time.Duration(n)*time.Second
		}
	}
	for _, item := range splitList(pod.Annotations[v1alpha1.RestartPeriodsAnnotation]) {
		name, seconds, _ := strings.Cut(item, "=")
		if c := s.container(ContainerName(name)); c != nil {
			n, _ := strconv.Atoi(seconds)
			c.restartPeriod = time.Duration(n) * time.Second
		}
	}
	return s
}

// containerNames are those of the Kubernetes containers for a list of ECS ones.
func containerNames(list string) []string {
	names := splitList(list)
	for i := range names {
		names[i] = ContainerName(names[i])
	}
	return names
}

func (s *PodState) add(named []string, specs []corev1.Container, statuses []corev1.ContainerStatus, init bool) {
	for i := range specs {
		if !slices.Contains(named, specs[i].Name) {
			continue
		}
		c := containerState{name: specs[i].Name, spec: &specs[i], init: init, status: &unknownStatus}
		for n := range statuses {
			if statuses[n].Name == c.name {
				c.status, c.known = &statuses[n], true
			}
		}
		s.containers = append(s.containers, c)
	}
}

func splitList(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// started says whether the container has run, be it that it has ended since.
func (c *containerState) started() bool {
	state := c.status.State
	if state.Running != nil || c.betweenRuns() {
		return true
	}
	return state.Terminated != nil && state.Terminated.Reason != reasonStartError && !invented(state.Terminated)
}

// betweenRuns is true while a container with a restart policy waits to run again.
func (c *containerState) betweenRuns() bool {
	return c.restartPeriod > 0 && c.status.State.Waiting != nil && c.status.LastTerminationState.Terminated != nil
}

// invented is true for the end that the kubelet makes up for a container that it
// never made, when its pod is stopped.
func invented(t *corev1.ContainerStateTerminated) bool {
	return t.Reason == reasonContainerStatusUnknown && t.ContainerID == ""
}

// sidecar says whether the container is an init container that stays.
func (c *containerState) sidecar() bool {
	return c.init && c.spec.RestartPolicy != nil && *c.spec.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// Terminal says whether no container will run any more.
func (s *PodState) Terminal() bool { return Done(s.pod) }

// Done is Terminal for those that need not know more of the pod.
func Done(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// Ended says whether every container that ever started has ended. The phase alone
// does not tell: a busy kubelet can report it before the containers' ends.
func (s *PodState) Ended() bool {
	if s.Terminal() {
		return !s.anyRunning()
	}
	if s.pod.DeletionTimestamp == nil {
		return false
	}
	if s.pod.Spec.NodeName == "" {
		return true
	}
	for i := range s.containers {
		if c := &s.containers[i]; c.status.State.Terminated == nil && !(c.known && c.status.State.Waiting != nil && c.neverStarted()) {
			return false
		}
	}
	return true
}

// neverStarted is true for a container that waits and has no past.
func (c *containerState) neverStarted() bool {
	return c.status.LastTerminationState.Terminated == nil && c.status.ContainerID == "" &&
		c.status.State.Waiting != nil && c.status.State.Waiting.Reason != reasonPodInitializing &&
		c.status.State.Waiting.Reason != reasonContainerCreating
}

// Stopping says whether the task's desired status is STOPPED. One that is chosen
// to go in a scale-in is not before it does: a state never goes back. One that yields
// is not before the other is there.
func (s *PodState) Stopping() bool {
	return s.pod.DeletionTimestamp != nil || s.Terminal() ||
		s.pod.Annotations[v1alpha1.StopCodeAnnotation] != "" && !s.Chosen() && !s.Yields()
}

// Yields says whether the task is to be stopped as soon as another that takes its
// place is HEALTHY. Its ReplicaSet counts it no more; in answers it runs on as it does
// (API reference, DeploymentConfiguration.maximumPercent: an unhealthy task is stopped
// when its replacement is healthy).
func (s *PodState) Yields() bool {
	return s.pod.Annotations[v1alpha1.StopAtAnnotation] != "" &&
		s.pod.DeletionTimestamp == nil && s.pod.Spec.ActiveDeadlineSeconds == nil && !s.Terminal()
}

// Chosen says whether the task is to go in a scale-in and nothing has stopped it yet.
// A ReplicaSet that has not seen the marks may stop another in its place.
func (s *PodState) Chosen() bool {
	return s.pod.Annotations[corev1.PodDeletionCost] != "" && s.pod.Annotations[v1alpha1.StopAtAnnotation] == "" &&
		s.pod.DeletionTimestamp == nil && s.pod.Spec.ActiveDeadlineSeconds == nil && !s.Terminal()
}

// InReplicaSet says whether the task's ReplicaSet counts it: a stop takes it out.
func (s *PodState) InReplicaSet() bool { return !s.Stopping() && !s.Yields() }

// Stays says whether nothing has told the task to go.
func (s *PodState) Stays() bool { return s.InReplicaSet() && !s.Chosen() }

// Started says whether all containers have started: the task is or was RUNNING.
func (s *PodState) Started() bool {
	if s.pod.Spec.NodeName == "" {
		return false
	}
	for i := range s.containers {
		if !s.containers[i].started() {
			return false
		}
	}
	return len(s.containers) > 0
}

// LastStatus is the task's lastStatus. A task is ACTIVATING as long as its pod has
// no address that it could be registered by; what the endpoint controller does
// then the pod does not tell. A kubelet tells of the address with the containers'
// start, so that the state is rarely seen.
func (s *PodState) LastStatus(eni bool, now time.Time) string {
	switch {
	case s.Ended() && (s.Terminal() || !s.held()):
		return StatusStopped
	case s.Stopping():
		return s.stoppingStatus(eni, now)
	case s.Started() && s.pod.Status.PodIP == "" && s.activates():
		return StatusActivating
	case s.Started():
		return StatusRunning
	case s.pod.Spec.NodeName == "" && eni:
		// Before placement only a task with its own network interface, or one that
		// waits for capacity, is PROVISIONING; a bridge task starts as PENDING.
		return StatusProvisioning
	default:
		return StatusPending
	}
}

func (s *PodState) stoppingStatus(eni bool, now time.Time) string {
	switch {
	case s.deactivating(now):
		return StatusDeactivating
	case !s.anyRunning() && eni:
		return StatusDeprovisioning
	default:
		return StatusStopping
	}
}

// held is true until the record of a deleted task is written: only then is it
// known why it stopped, by whom it was deleted.
func (s *PodState) held() bool { return slices.Contains(s.pod.Finalizers, v1alpha1.TaskFinalizer) }

// Running says whether the task's lastStatus is RUNNING and its desired status
// too.
func (s *PodState) Running() bool {
	return !s.Stopping() && s.LastStatus(false, time.Time{}) == StatusRunning // the time is for tasks that stop
}

func (s *PodState) anyRunning() bool {
	for i := range s.containers {
		if s.containers[i].status.State.Running != nil {
			return true
		}
	}
	return false
}

// CountsAsHealthy says whether a task counts for the lower limit of a service:
// HEALTHY where it has a health check, its port open where it has a load balancer,
// else RUNNING for as long as after, ECS's 40 seconds (API reference,
// DeploymentConfiguration.minimumHealthyPercent); or how long it takes until then.
// A daemon's task is taken for healthy by the same rule: ECS's is not documented.
func (s *PodState) CountsAsHealthy(after time.Duration, now time.Time) (healthy bool, wait time.Duration) {
	healthy, checked := s.Healthy()
	serving, balanced := s.Serving()
	if checked || balanced {
		return (healthy || !checked) && (serving || !balanced), 0
	}
	since := s.RunningSince()
	if since.IsZero() || s.EssentialEnded() {
		return false, 0 // its pod may say a while longer that it runs
	}
	wait = since.Add(after).Sub(now)
	return wait <= 0, wait
}

// EssentialEnded says whether an essential container has ended: the task is about
// to stop, or its container to be started again.
func (s *PodState) EssentialEnded() bool {
	for i := range s.containers {
		if c := &s.containers[i]; c.essential && c.status.State.Terminated != nil {
			return true
		}
	}
	return false
}

// Healthy says whether every essential container with a health check is HEALTHY,
// and whether there is any such container.
func (s *PodState) Healthy() (healthy, checked bool) {
	healthy = true
	for i := range s.containers {
		c := &s.containers[i]
		if !c.checked {
			continue
		}
		checked = true
		if !c.status.Ready || c.status.State.Running == nil {
			healthy = false
		}
	}
	return healthy && checked, checked
}

// Unhealthy says whether an essential container is UNHEALTHY.
func (s *PodState) Unhealthy(now time.Time) bool {
	for i := range s.containers {
		if s.health(&s.containers[i], now) == healthUnhealthy {
			return true
		}
	}
	return false
}

// RunningSince is when the last container started; zero before that.
func (s *PodState) RunningSince() time.Time {
	var last time.Time
	if !s.Started() {
		return last
	}
	for i := range s.containers {
		if at := s.startedAt(&s.containers[i]); at.After(last) {
			last = at
		}
	}
	return last
}

// RanFor is how long all containers of a task that has ended had run together;
// zero where they never did.
func (s *PodState) RanFor() time.Duration {
	since := s.RunningSince()
	if since.IsZero() {
		return 0
	}
	return max(0, s.EndedAt().Sub(since))
}

// startedAt is when the container first started; zero where it has not, or
// where the kubelet invented the status (StartError has the year 1970).
func (s *PodState) startedAt(c *containerState) time.Time {
	state := c.status.State
	switch {
	// When it ran first is not known any more, but a start does not move.
	case c.restartPeriod > 0 && (c.status.RestartCount > 0 || c.betweenRuns()) && s.pod.Status.StartTime != nil:
		return s.pod.Status.StartTime.Time
	case state.Running != nil:
		return state.Running.StartedAt.Time
	case state.Terminated != nil && state.Terminated.StartedAt.Unix() > 0:
		return state.Terminated.StartedAt.Time
	}
	return time.Time{}
}

// end is how the container, which has ended, did so; where something started it a
// second time, how it did the first time: ECS starts it once.
func (c *containerState) end() *corev1.ContainerStateTerminated {
	if first := c.status.LastTerminationState.Terminated; first != nil && c.status.RestartCount > 0 && len(c.spec.RestartPolicyRules) == 0 {
		return first
	}
	return c.status.State.Terminated
}

func (c *containerState) finishedAt() time.Time {
	if t := c.status.State.Terminated; t != nil && t.FinishedAt.Unix() > 0 {
		return t.FinishedAt.Time
	}
	return time.Time{}
}
