package service

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	// to be unable to start any: ECS's number is not known. With a circuit breaker
	// that many were told of by its end alone (public reports).
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
	r.prepend("(service " + r.service + ") " + fmt.Sprintf(format, args...))
}

// addOf prepends an event of one of the service's deployments, which ECS calls a
// task set here; one of none is the service's.
func (r *ring) addOf(deployment, format string, args ...any) {
	if deployment == "" {
		r.add(format, args...)
		return
	}
	r.prepend("(service " + r.service + ", taskSet " + deployment + ") " + fmt.Sprintf(format, args...))
}

func (r *ring) prepend(message string) {
	event := v1alpha1.ServiceEvent{ID: uuid.NewString(), CreatedAt: metav1.NewMicroTime(r.now), Message: message}
	// A new list: the old one is a cache's, and what it has room for is not ours.
	r.events = append([]v1alpha1.ServiceEvent{event}, r.events...)
	if len(r.events) > keptEvents {
		r.events = r.events[:keptEvents]
	}
}

// once adds an event unless the same words were said within six hours, be it of
// another instance.
func (r *ring) once(format string, args ...any) {
	words := fmt.Sprintf(format, args...)
	message := causeOf("(service " + r.service + ") " + words)
	for _, event := range r.events {
		if r.now.Sub(event.CreatedAt.Time) < repeatAfter && causeOf(event.Message) == message {
			return
		}
	}
	r.add("%s", words)
}

var (
	instanceInEvent = regexp.MustCompile(`\(container-instance [^)]*\)`)
	protectedNumber = regexp.MustCompile(`\(reason \d+ tasks under protection\)`)
)

// causeOf is the message without what is another from moment to moment: the id of the
// instance that came closest, none while the nodes are not known, and how many tasks
// are protected.
func causeOf(message string) string {
	return protectedNumber.ReplaceAllString(instanceInEvent.ReplaceAllString(message, instanceNamed("")), "(reason)")
}

// latest is the newest event that holds one of the words; an empty one without any.
func (r *ring) latest(words ...string) v1alpha1.ServiceEvent {
	for _, event := range r.events {
		if slices.ContainsFunc(words, func(word string) bool { return strings.Contains(event.Message, word) }) {
			return event
		}
	}
	return v1alpha1.ServiceEvent{}
}

// mentions says whether an event that holds word names the task.
func (r *ring) mentions(word, taskID string) bool {
	return slices.ContainsFunc(r.events, func(event v1alpha1.ServiceEvent) bool {
		return strings.Contains(event.Message, word) && strings.Contains(event.Message, "(task "+taskID+")")
	})
}

const troubleshooting = " For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."

// complain tells what keeps the service from its desired count.
func (w *world) complain(r *ring) {
	if lower, upper := w.limits(); Blocked(lower, upper, w.sides()) {
		r.once("was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.")
	}
	for _, d := range w.deployments {
		if d.side.Protected > d.side.Wanted {
			r.once("was unable to reach steady state because (taskSet %s) was unable to scale in due to (reason %d tasks under protection)", d.id, d.side.Protected)
		}
		if d.rollout.Status.FailedTasks >= manyFailures && !w.breaks() {
			r.once("is unable to consistently start tasks successfully." + troubleshooting)
		}
		if d.side.Held {
			r.once("operations are being throttled. Will try again later.")
		}
		w.complainOfPods(r, d)
	}
}

// complainOfPods tells what keeps a deployment's pods from being made or placed.
func (w *world) complainOfPods(r *ring, d *deployment) {
	if d.object == nil {
		return
	}
	for _, condition := range d.object.Status.Conditions {
		// A quota, Pod Security or a webhook refuses the pods.
		if condition.Type == "ReplicaFailure" && condition.Status == corev1.ConditionTrue {
			r.once("was unable to place a task. Reason: %s.", refusalOf(condition.Message))
		}
	}
	said := ""
	for _, t := range d.tasks {
		if translator.IsDaemon(w.service) && translator.ShortageOf(unschedulable(t)) == translator.NotDistinct {
			continue // the one before it is still stopping on the instance
		}
		if words := unplaced(t, aws.ToString(d.closest)); words != "" && words != said {
			r.once("was unable to place a task%s", words)
			said = words
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
