package translator

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func matchStartError(f *facts) (Stop, bool) {
	for i := range f.state.containers {
		c := &f.state.containers[i]
		for _, t := range []*corev1.ContainerStateTerminated{c.status.State.Terminated, c.status.LastTerminationState.Terminated} {
			if t != nil && t.Reason == reasonStartError {
				return f.failedToStart(c.name, cannotStart+f.startText(t.Message)), true
			}
		}
	}
	return Stop{}, false
}

// matchHealthKill sees the liveness net at work: the kubelet killed a container
// that had been UNHEALTHY for long, with no Gantry there to stop the task.
func matchHealthKill(f *facts) (Stop, bool) {
	if !f.inService() {
		return Stop{}, false
	}
	for i := range f.state.containers {
		c := &f.state.containers[i]
		t := c.status.State.Terminated
		if !c.checked || t == nil || t.ExitCode != exitKilled || t.Reason == reasonOOMKilled || f.endedFromOutside(t) {
			continue
		}
		ready := PodCondition(f.pod, corev1.ContainersReady)
		if ready != nil && ready.Status == corev1.ConditionFalse && ready.LastTransitionTime.Time.Before(t.FinishedAt.Add(-c.window)) {
			return Stop{Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: ReasonUnhealthy}, true
		}
	}
	return Stop{}, false
}

func matchDependencyFailed(f *facts) (Stop, bool) {
	for i := range f.state.containers {
		c := &f.state.containers[i]
		t := c.status.State.Terminated
		failed := c.init && !c.sidecar() && t != nil && t.ExitCode != 0
		gaveUp := t != nil && strings.Contains(t.Message, NotHealthyMark)
		if failed || gaveUp || f.state.neverHealthy(i, f.Now) {
			return Stop{Code: types.TaskStopCodeTaskFailedToStart, Reason: ReasonFailedToStart}, true
		}
	}
	return Stop{}, false
}

// matchEssentialExited also holds for a container that is to be restarted by
// policy only where it stays down: a policy's restart shows as waiting or running.
func matchEssentialExited(f *facts) (Stop, bool) {
	for i := range f.state.containers {
		c := &f.state.containers[i]
		t := c.status.State.Terminated
		if c.essential && t != nil && t.Reason != reasonContainerStatusUnknown && !f.endedFromOutside(t) {
			return Stop{Code: types.TaskStopCodeEssentialContainerExited, Reason: ReasonEssentialExited}, true
		}
	}
	return Stop{}, false
}

// endedFromOutside says whether a container ended after its pod was deleted or
// disrupted, and so because of it. Both times count in seconds: in the same one,
// the deletion came first.
func (f *facts) endedFromOutside(t *corev1.ContainerStateTerminated) bool {
	if f.pod.DeletionTimestamp != nil && !t.FinishedAt.Time.Before(deletedAt(f.pod)) && !f.clearedAway(t) {
		return true
	}
	disruption := PodCondition(f.pod, corev1.DisruptionTarget)
	return disruption != nil && disruption.Status == corev1.ConditionTrue && !t.FinishedAt.Before(&disruption.LastTransitionTime)
}

// clearedAway says whether a container ended by itself in a daemon's pod that its
// DaemonSet then deleted, which it does with each ended pod at once: the API
// server gives the deletion of an ended pod no grace.
func (f *facts) clearedAway(t *corev1.ContainerStateTerminated) bool {
	grace := f.pod.DeletionGracePeriodSeconds
	return f.pod.Labels[v1alpha1.DaemonLabel] != "" && grace != nil && *grace == 0 && !t.FinishedAt.After(f.pod.DeletionTimestamp.Time)
}

// deletedAt is when the pod's deletion was asked for: its timestamp is when the
// grace is over. The kubelet's last word sets the grace to none and the timestamp
// to that moment: the asking was then up to the pod's own grace earlier.
func deletedAt(pod *corev1.Pod) time.Time {
	grace := pod.DeletionGracePeriodSeconds
	if grace != nil && *grace == 0 {
		grace = pod.Spec.TerminationGracePeriodSeconds
	}
	if grace == nil {
		return pod.DeletionTimestamp.Time
	}
	return pod.DeletionTimestamp.Add(-time.Duration(*grace) * time.Second)
}

// matchStartedTwice: an old kubelet ignores a container's own restart policy,
// an essential sidecar is restarted by its nature, and a new sandbox starts all
// containers again in place.
func matchStartedTwice(f *facts) (Stop, bool) {
	for i := range f.state.containers {
		c := &f.state.containers[i]
		if c.essential && c.status.RestartCount > 0 && len(c.spec.RestartPolicyRules) == 0 {
			return Stop{Code: types.TaskStopCodeEssentialContainerExited, Reason: ReasonEssentialExited}, true
		}
	}
	return Stop{}, false
}

// matchRestartedTooSoon: ECS starts a container again only where it ran for its
// restartAttemptPeriod (API reference, ContainerRestartPolicy), the kubelet always.
func matchRestartedTooSoon(f *facts) (Stop, bool) {
	for i := range f.state.containers {
		c := &f.state.containers[i]
		last := c.status.LastTerminationState.Terminated
		if c.essential && c.restartPeriod > 0 && last != nil && last.FinishedAt.Sub(last.StartedAt.Time) < c.restartPeriod {
			return Stop{Code: types.TaskStopCodeEssentialContainerExited, Reason: ReasonEssentialExited}, true
		}
	}
	return Stop{}, false
}

var pullReasons = map[string]bool{
	"ErrImagePull": true, "ImagePullBackOff": true, "ErrImageNeverPull": true, "InvalidImageName": true,
	"ImageInspectError": true, "RegistryUnavailable": true, "SignatureValidationFailed": true,
}

func matchCannotPull(f *facts) (Stop, bool) {
	for i := range f.state.containers {
		c := &f.state.containers[i]
		w := c.status.State.Waiting
		if w == nil || !pullReasons[w.Reason] {
			continue
		}
		start := f.pod.Status.StartTime
		if start == nil || f.Now.Sub(start.Time) < f.PullGrace {
			return Stop{}, false
		}
		return f.failedToStart(c.name, "CannotPullContainerError: "+f.pullText(w)), true
	}
	return Stop{}, false
}

func matchWaiting(reason, name string) func(*facts) (Stop, bool) {
	return func(f *facts) (Stop, bool) {
		for i := range f.state.containers {
			c := &f.state.containers[i]
			if w := c.status.State.Waiting; w != nil && w.Reason == reason {
				return f.failedToStart(c.name, name+": "+w.Message), true
			}
		}
		return Stop{}, false
	}
}

// matchRefused sees a pod that failed before any container did.
func matchRefused(f *facts) (Stop, bool) {
	if f.pod.Status.Phase != corev1.PodFailed || f.pod.Status.Reason == "" || f.state.pulled() ||
		PodCondition(f.pod, corev1.DisruptionTarget) != nil {
		return Stop{}, false
	}
	text := f.pod.Status.Message
	if text == "" {
		text = f.pod.Status.Reason
	}
	return Stop{Code: types.TaskStopCodeTaskFailedToStart, Reason: text}, true
}

func matchNoNode(f *facts) (Stop, bool) {
	if f.inService() || f.pod.Spec.NodeName != "" || f.pod.DeletionTimestamp != nil ||
		f.Now.Sub(f.pod.CreationTimestamp.Time) < f.ProvisioningLimit {
		return Stop{}, false
	}
	return Stop{Code: types.TaskStopCodeTaskFailedToStart, Reason: unplacedReason(f.pod)}, true
}

func matchUnhealthy(f *facts) (Stop, bool) {
	if !f.inService() || f.state.Stopping() || !f.state.Unhealthy(f.Now) || f.Now.Sub(f.state.RunningSince()) < f.HealthGrace {
		return Stop{}, false
	}
	return Stop{Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: ReasonUnhealthy, AfterReplacement: true}, true
}

func matchScaledIn(f *facts) (Stop, bool) {
	if f.pod.DeletionTimestamp == nil || f.ScaledIn == "" {
		return Stop{}, false
	}
	return Stop{Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: ScalingReason(f.ScaledIn)}, true
}

func matchDeleted(f *facts) (Stop, bool) {
	if f.pod.DeletionTimestamp == nil {
		return Stop{}, false
	}
	return Stop{Code: types.TaskStopCodeUserInitiated, Reason: ReasonUserStopped}, true
}

// PodCondition is the pod's condition of that kind; nil where it has none.
func PodCondition(pod *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == kind {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}
