package service

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// news is what has happened to the service's tasks that no event has told of.
type news struct {
	started, stopped, pending sorting
	// failed are those that could not start, reasons why.
	failed  sorting
	reasons []string
	// unhealthy are those of the stopped that were stopped for their health.
	unhealthy []string
	// upTo is when the newest of the started was given its instance.
	upTo *metav1.MicroTime
}

// announce tells what has happened to the service's tasks since the last time: which
// have started, come into a target group, stopped and left their target groups, in
// that order, as ECS tells of a rolling update and of an unhealthy task (public
// reports). Where a task has to stop before another has room, the stop comes first
// there too.
func (w *world) announce(r *ring, status *v1alpha1.ECSServiceStatus) {
	w.passAnnounced(status)
	n := w.news(r, status)
	stops := slices.Concat(n.pending.news, n.stopped.news, n.failed.news)
	stopsFirst := len(n.pending.news)+len(n.stopped.news) > 0 && n.firstStop().Before(n.started.first)
	if stopsFirst {
		n.tellStopped(r, status)
	}
	w.tellStarted(r, status, n, stops)
	w.tellRegistered(r, status.Targets)
	slices.Sort(n.reasons)
	for _, reason := range slices.Compact(n.reasons) { // the ring has room for other events
		r.add("was unable to place a task. Reason: %s.", strings.TrimSuffix(reason, "."))
	}
	if !stopsFirst {
		n.tellStopped(r, status)
	}
	w.tellDeregistered(r, status.Targets)
}

func (w *world) news(r *ring, status *v1alpha1.ECSServiceStatus) *news {
	since := w.unannouncedSince(status)
	n := &news{upTo: status.AnnouncedUpTo}
	n.started.counted, n.stopped.counted = setOf(status.StartedUnnamed), setOf(status.StoppedUnnamed)
	n.pending.counted, n.failed.counted = n.stopped.counted, n.stopped.counted
	for _, d := range w.deployments {
		for _, t := range d.tasks {
			w.startOf(n, r, t, since)
			w.stopOf(n, r, t, since)
		}
	}
	return n
}

func (w *world) startOf(n *news, r *ring, t *task, since time.Time) {
	placed, ok := placedAt(t.pod)
	recent := ok && !placed.Before(since.Truncate(time.Second))
	if recent && w.addStarted(&n.started, r, t, placed) && (n.upTo == nil || placed.After(n.upTo.Time)) {
		n.upTo = timeOf(placed.UTC())
	}
}

func (w *world) stopOf(n *news, r *ring, t *task, since time.Time) {
	failed, reason := failedToStart(t)
	if reason != "" && !failed.Before(since) && n.failed.add(r, "unable to place", t.id(), failed) {
		n.reasons = append(n.reasons, reason)
	}
	at, stopping := w.stoppedByScheduler(t)
	if !stopping && reason == "" && n.pending.counted[t.id()] { // it has outlived that, and may be chosen again
		n.pending.before = append(n.pending.before, t.id())
	}
	if !stopping || at.Before(since) {
		return
	}
	if t.state.Started() { // told when it is chosen: its pod may be gone at the next look
		n.stopped.addStopped(r, t, at)
	} else {
		n.pending.add(r, "has stopped", t.id(), at)
	}
	if unhealthy(t) && !r.mentions(failedChecks, t.id()) {
		n.unhealthy = append(n.unhealthy, t.id())
	}
}

func (n *news) firstStop() time.Time {
	if len(n.pending.news) == 0 || len(n.stopped.news) > 0 && n.stopped.first.Before(n.pending.first) {
		return n.stopped.first
	}
	return n.pending.first
}

// failedChecks is what the event of a task that was stopped for its health says.
const failedChecks = "failed container health checks"

// tellStopped tells of tasks that the scheduler has stopped, and of which it did for
// their health.
func (n *news) tellStopped(r *ring, status *v1alpha1.ECSServiceStatus) {
	for _, id := range n.unhealthy {
		r.add("(task %s) "+failedChecks+".", id)
	}
	if len(n.pending.news) > 0 { // it names none (public reports)
		r.add("stopped %d pending tasks.", len(n.pending.news))
	}
	unnamed := slices.Concat(n.pending.before, n.pending.news, n.failed.before, n.failed.news)
	status.StoppedUnnamed = ordered(append(unnamed, n.stopped.tell(r, together(n.stopped.news), "has stopped %d running tasks: %s.")...))
}

// failedToStart is when a task turned out to be unable to start, and why; empty where
// it was not, or where nothing is known but that. ECS tells of it in the words of the
// task's stoppedReason (public reports).
func failedToStart(t *task) (at time.Time, reason string) {
	code, reason := t.stopped()
	if code != types.TaskStopCodeTaskFailedToStart || reason == translator.ReasonFailedToStart {
		return time.Time{}, ""
	}
	at, told := translator.ParseTime(t.pod.Annotations[v1alpha1.StoppingAtAnnotation])
	if !told {
		at = t.state.EndedAt()
	}
	return at, reason
}

// tellStarted tells of tasks that have started, or waits a moment for those that start
// together with them. It does not wait where another event is about to tell of them.
func (w *world) tellStarted(r *ring, status *v1alpha1.ECSServiceStatus, n *news, stops []string) {
	awaited := slices.Concat(stops, registered(w.service.Status.Targets, status.Targets))
	if len(n.started.news) > 0 && w.settling() && len(missingIn(awaited, n.started.news)) == len(n.started.news) {
		status.StartedUnnamed = ordered(n.started.before)
		w.LookAgain(settleDelay)
		return
	}
	parts := w.ofTaskSets(n.started.news)
	for i := range parts {
		if replaced := w.replacedUnhealthy(r, n, parts[i]); replaced > 0 {
			parts[i].more = fmt.Sprintf(" Amazon ECS replaced %d tasks due to an unhealthy status.", replaced)
		}
	}
	status.StartedUnnamed, status.AnnouncedUpTo = n.started.tell(r, parts, "has started %d tasks: %s."), n.upTo
	if len(status.StartedUnnamed) > 0 {
		w.LookAgain(n.upTo.Add(announceWindow).Sub(w.now) + time.Second)
	}
}

// replacedUnhealthy is how many unhealthy tasks the started ones take the place of, as
// the event adds (public reports): those that were found unhealthy after the last
// event of started tasks, a little before the first of these was given its instance or
// until the newest was.
func (w *world) replacedUnhealthy(r *ring, n *news, of part) (count int) {
	since := n.started.first.Add(-announceWindow)
	if last := r.latest("has started").CreatedAt.Time; last.After(since) {
		since = last
	}
	for _, d := range w.deployments {
		for _, t := range d.tasks {
			at, ok := foundUnhealthy(t)
			if ok && (of.deployment == "" || of.deployment == d.id) && at.After(since) && !at.Truncate(time.Second).After(n.upTo.Time) {
				count++
			}
		}
	}
	return min(count, len(of.tasks))
}

// foundUnhealthy is when a task was marked to go for its health; ok is false where it
// was not, or has been replaced already.
func foundUnhealthy(t *task) (at time.Time, ok bool) {
	if !unhealthy(t) || t.pod.Annotations[v1alpha1.StopAtAnnotation] != "" && !t.state.Yields() {
		return time.Time{}, false
	}
	return translator.ParseTime(t.pod.Annotations[v1alpha1.StoppingAtAnnotation])
}

func unhealthy(t *task) bool {
	return t.pod.Annotations[v1alpha1.StoppedReasonAnnotation] == translator.ReasonUnhealthy
}

// addStarted adds a task that was started; one that is to take the place of another
// in a zone has an event of its own.
func (w *world) addStarted(s *sorting, r *ring, t *task, at time.Time) bool {
	if r.mentions("has started", t.id()) || !w.startedToBalance(r, t) {
		return s.add(r, "has started", t.id(), at)
	}
	r.add("has started 1 tasks in %s "+toBalance+": (task %s).", t.zone, t.id())
	return true
}

// placedAt is when the task was given an instance: until then ECS has not started it.
// ok is false while it has none.
func placedAt(pod *corev1.Pod) (at time.Time, ok bool) {
	at = pod.CreationTimestamp.Time
	if scheduled := translator.ScheduledAt(pod); scheduled.After(at) {
		at = scheduled
	}
	return at, pod.Spec.NodeName != ""
}

// passAnnounced forgets the tasks that were counted and not named once the watch
// has shown all that came with them.
func (w *world) passAnnounced(status *v1alpha1.ECSServiceStatus) {
	upTo := status.AnnouncedUpTo
	if upTo == nil || len(status.StartedUnnamed) == 0 {
		return
	}
	if wait := upTo.Add(announceWindow).Sub(w.now); wait > 0 {
		w.LookAgain(wait + time.Second)
		return
	}
	status.AnnouncedUpTo, status.StartedUnnamed = timeOf(upTo.Add(announceWindow+time.Second)), nil
}

// unannouncedSince is from when on something may have happened that no event tells.
func (w *world) unannouncedSince(status *v1alpha1.ECSServiceStatus) time.Time {
	since := w.service.Spec.CreatedAt.Add(-time.Second)
	if upTo := status.AnnouncedUpTo; upTo != nil && upTo.Add(-announceWindow).After(since) {
		return upTo.Add(-announceWindow)
	}
	return since
}

// settling is true while a deployment gets its tasks, and they their instances, so
// that one event tells of all that start together; a second after the newest it no
// longer waits.
func (w *world) settling() bool {
	for _, d := range w.deployments {
		for _, t := range d.tasks {
			awaited := d.side.Active < d.side.Replicas || translator.Waiting(t.pod) && !t.state.Stopping()
			if awaited && w.now.Sub(t.pod.CreationTimestamp.Time) < 2*settleDelay {
				return true
			}
		}
	}
	return false
}

// stoppedByScheduler is when the service's scheduler decided to stop the task.
func (w *world) stoppedByScheduler(t *task) (time.Time, bool) {
	at, ok := translator.ParseTime(t.pod.Annotations[v1alpha1.StoppingAtAnnotation])
	return at, ok && t.pod.Annotations[v1alpha1.StopCodeAnnotation] == "ServiceSchedulerInitiated" && !t.state.Yields()
}
