package service

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

const (
	keptEvents = 100
	// repeatAfter is how long an event with the same words is left out, and how
	// often a steady service says that it is (Developer Guide, service event
	// messages: about six hours).
	repeatAfter = 6 * time.Hour
	// announceWindow covers tasks that the watch showed late.
	announceWindow = time.Minute
	// settleDelay is how long tasks that start together are waited for.
	settleDelay = time.Second
	// manyFailures is how many tasks in a row must fail before the service is said
	// to be unable to start any: ECS's number is not known.
	manyFailures = 3
)

// ring adds events to those of a service, newest first.
type ring struct {
	service string
	now     time.Time
	events  []v1alpha1.ServiceEvent
}

// add prepends an event.
func (r *ring) add(format string, args ...any) {
	message := "(service " + r.service + ") " + fmt.Sprintf(format, args...)
	event := v1alpha1.ServiceEvent{ID: uuid.NewString(), CreatedAt: metav1.NewMicroTime(r.now), Message: message}
	// A new list: the old one is a cache's, and what it has room for is not ours.
	r.events = append([]v1alpha1.ServiceEvent{event}, r.events...)
	if len(r.events) > keptEvents {
		r.events = r.events[:keptEvents]
	}
}

// once adds an event unless the same words were said within six hours.
func (r *ring) once(format string, args ...any) {
	message := "(service " + r.service + ") " + fmt.Sprintf(format, args...)
	for _, event := range r.events {
		if event.Message == message && r.now.Sub(event.CreatedAt.Time) < repeatAfter {
			return
		}
	}
	r.add("%s", fmt.Sprintf(format, args...))
}

// mentions says whether an event that holds word names the task.
func (r *ring) mentions(word, taskID string) bool {
	return slices.ContainsFunc(r.events, func(event v1alpha1.ServiceEvent) bool {
		return strings.Contains(event.Message, word) && strings.Contains(event.Message, "(task "+taskID+")")
	})
}

// announce tells what has happened to the service's tasks since the last time.
// It returns up to when all tasks have been announced.
func (w *world) announce(r *ring) *metav1.MicroTime {
	upTo, since := w.service.Status.AnnouncedUpTo, w.unannouncedSince()
	var started, stopped []string
	for _, d := range w.deployments {
		for _, t := range d.tasks {
			id, created := t.id(), t.pod.CreationTimestamp.Time
			if !created.Before(since.Truncate(time.Second)) && !r.mentions("has started", id) {
				started = append(started, id)
				if upTo == nil || created.After(upTo.Time) {
					upTo = timeOf(created.UTC())
				}
			}
			at, stopping := w.stoppedByScheduler(t)
			if at.Before(since) {
				continue
			}
			if stopping && t.state.Started() && !r.mentions("has stopped", id) {
				stopped = append(stopped, id)
			}
			announceUnhealthy(r, t)
		}
	}
	if len(stopped) > 0 {
		r.add("has stopped %d running tasks: %s.", len(stopped), taskList(stopped))
	}
	if len(started) > 0 && w.settling() {
		w.lookAgain(settleDelay)
		return w.service.Status.AnnouncedUpTo
	}
	if len(started) > 0 {
		r.add("has started %d tasks: %s.", len(started), taskList(started))
	}
	return upTo
}

// unannouncedSince is from when on something may have happened that no event tells.
func (w *world) unannouncedSince() time.Time {
	since := w.service.Spec.CreatedAt.Add(-time.Second)
	if upTo := w.service.Status.AnnouncedUpTo; upTo != nil && upTo.Add(-announceWindow).After(since) {
		return upTo.Add(-announceWindow)
	}
	return since
}

// announceUnhealthy tells once of a task that was stopped for its health.
func announceUnhealthy(r *ring, t *task) {
	const failed = "failed container health checks"
	if t.pod.Annotations[v1alpha1.StoppedReasonAnnotation] == translator.ReasonUnhealthy && !r.mentions(failed, t.id()) {
		r.add("(task %s) "+failed+".", t.id())
	}
}

// settling is true while a deployment gets its tasks, so that one event tells of
// all that start together; a second after the newest it no longer waits.
func (w *world) settling() bool {
	for _, d := range w.deployments {
		if d.side.Active >= d.side.Replicas {
			continue
		}
		for _, t := range d.tasks {
			if w.now.Sub(t.pod.CreationTimestamp.Time) < 2*settleDelay {
				return true
			}
		}
	}
	return false
}

// stoppedByScheduler is when the service's scheduler decided to stop the task.
func (w *world) stoppedByScheduler(t *task) (time.Time, bool) {
	at, ok := translator.ParseTime(t.pod.Annotations[v1alpha1.StoppingAtAnnotation])
	return at, ok && t.pod.Annotations[v1alpha1.StopCodeAnnotation] == "ServiceSchedulerInitiated"
}

func taskList(ids []string) string {
	slices.Sort(ids)
	items := make([]string, len(ids))
	for i, id := range ids {
		items[i] = "(task " + id + ")"
	}
	return strings.Join(items, " ")
}

const troubleshooting = " For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."

// complain tells what keeps the service from its desired count.
func (w *world) complain(r *ring) {
	if lower, upper := w.limits(); Blocked(lower, upper, w.sides()) {
		r.once("was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.")
	}
	for _, d := range w.deployments {
		if d.side.Protected > d.side.Wanted {
			r.once("was unable to reach steady state because (task set %s) was unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks.", d.id)
		}
		if d.rollout.Status.FailedTasks >= manyFailures {
			r.once("is unable to consistently start tasks successfully." + troubleshooting)
		}
		if d.object == nil {
			continue
		}
		for _, condition := range d.object.Status.Conditions {
			// A quota, Pod Security or a webhook refuses the pods.
			if condition.Type == "ReplicaFailure" && condition.Status == corev1.ConditionTrue {
				r.once("was unable to place a task. Reason: %s.", refusalOf(condition.Message))
			}
		}
		for _, t := range d.tasks {
			if reason := unplaced(t); reason != "" {
				r.once("was unable to place a task because no container instance met all of its requirements. %s%s", reason, troubleshooting)
			}
		}
	}
}

var podNamed = regexp.MustCompile(`pods? "[^"]*" is forbidden: `)

// refusalOf is what a refusal says besides the name of the pod and the numbers of
// the moment: each try would be another event.
func refusalOf(message string) string {
	message, _, _ = strings.Cut(podNamed.ReplaceAllString(message, ""), ", requested: ")
	return strings.TrimSuffix(message, ".")
}

// unplaced says in ECS's words why no node takes the task (Developer Guide,
// service event messages); empty where it waits for nothing.
func unplaced(t *task) string {
	if t.state.Stopping() || t.pod.Spec.NodeName != "" {
		return ""
	}
	for _, condition := range t.pod.Status.Conditions {
		if condition.Type != corev1.PodScheduled || condition.Reason != corev1.PodReasonUnschedulable {
			continue
		}
		switch message := condition.Message; {
		case strings.HasPrefix(message, "0/0 nodes"), strings.Contains(message, "no nodes available"):
			return "Reason: No Container Instances were found in your cluster."
		case strings.Contains(message, "Insufficient cpu"):
			return "The closest matching container-instance has insufficient CPU units available."
		case strings.Contains(message, "Insufficient memory"):
			return "The closest matching container-instance has insufficient memory available."
		case strings.Contains(message, "free ports"):
			return "The closest matching container-instance is already using a port required by your task."
		default:
			return "Reason: " + message
		}
	}
	return ""
}
