package service

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// namedTasks is how many tasks an event names at the most; it counts all. ECS's
// events name those that started together, and it starts ten together: what it
// says of more is not documented.
const namedTasks = 10

// announce tells what has happened to the service's tasks since the last time, and
// notes up to when all tasks have been announced.
func (w *world) announce(r *ring, status *v1alpha1.ECSServiceStatus) {
	w.passAnnounced(status)
	since := w.unannouncedSince(status)
	started := sorting{counted: setOf(status.StartedUnnamed)}
	stopped := sorting{counted: setOf(status.StoppedUnnamed)}
	pending := sorting{counted: stopped.counted}
	upTo := status.AnnouncedUpTo
	for _, d := range w.deployments {
		for _, t := range d.tasks {
			placed, ok := placedAt(t.pod)
			recent := ok && !placed.Before(since.Truncate(time.Second))
			if recent && w.addStarted(&started, r, t) && (upTo == nil || placed.After(upTo.Time)) {
				upTo = timeOf(placed.UTC())
			}
			at, stopping := w.stoppedByScheduler(t)
			if !stopping && pending.counted[t.id()] { // it has outlived that, and may be chosen again
				pending.before = append(pending.before, t.id())
			}
			if at.Before(since) {
				continue
			}
			switch { // told when it is chosen: its pod may be gone at the next look
			case !stopping:
			case t.state.Started():
				stopped.addStopped(r, t)
			default:
				pending.add(r, "has stopped", t.id())
			}
			announceUnhealthy(r, t)
		}
	}
	if len(pending.news) > 0 { // it names none (public reports)
		r.add("has stopped %d pending tasks.", len(pending.news))
	}
	unnamed := slices.Concat(pending.before, pending.news)
	status.StoppedUnnamed = ordered(append(unnamed, stopped.tell(r, together(stopped.news), "has stopped %d running tasks: %s.")...))
	if len(started.news) > 0 && w.settling() {
		status.StartedUnnamed = ordered(started.before)
		w.LookAgain(settleDelay)
		return
	}
	status.StartedUnnamed, status.AnnouncedUpTo = started.tell(r, w.ofTaskSets(started.news), "has started %d tasks: %s."), upTo
	if len(status.StartedUnnamed) > 0 {
		w.LookAgain(upTo.Add(announceWindow).Sub(w.now) + time.Second)
	}
}

// sorting parts the tasks that an event has told of from those that none has.
type sorting struct {
	// counted are those that an event has counted and not named; before are those of
	// them that still matter, and news the ids that no event has told of.
	counted      map[string]bool
	before, news []string
}

// add is true for a task that no event has told of.
func (s *sorting) add(r *ring, word, id string) bool {
	switch {
	case s.counted[id]:
		s.before = append(s.before, id)
		return false
	case r.mentions(word, id):
		return false
	}
	s.news = append(s.news, id)
	return true
}

// addStarted adds a task that was started; one that is to take the place of another
// in a zone has an event of its own.
func (w *world) addStarted(s *sorting, r *ring, t *task) bool {
	if r.mentions("has started", t.id()) || !w.startedToBalance(r, t) {
		return s.add(r, "has started", t.id())
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

// addStopped adds a task that the scheduler has stopped; one that was moved from a
// zone has an event of its own.
func (s *sorting) addStopped(r *ring, t *task) {
	switch zone := t.pod.Annotations[v1alpha1.RebalancedFromAnnotation]; {
	case zone == "":
		s.add(r, "has stopped", t.id())
	case !r.mentions("has stopped", t.id()):
		r.add("has stopped 1 running tasks in %s due to AZ rebalancing: (task %s).", zone, t.id())
	}
}

// tell adds an event of each part of the news; it returns the tasks that events have
// counted and not named.
func (s *sorting) tell(r *ring, parts []part, format string) (unnamed []string) {
	unnamed = s.before
	for _, part := range parts {
		unnamed = append(unnamed, r.name(part.deployment, format, part.tasks)...)
	}
	return ordered(unnamed)
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

// name adds an event of a deployment, or of none, that counts the tasks and names the
// first of them; it returns the others.
func (r *ring) name(deployment, format string, ids []string) (unnamed []string) {
	slices.Sort(ids)
	named := ids[:min(len(ids), namedTasks)]
	items := make([]string, len(named))
	for i, id := range named {
		items[i] = "(task " + id + ")"
	}
	r.addOf(deployment, format, len(ids), strings.Join(items, " "))
	return ids[len(named):]
}

func setOf(ids []string) map[string]bool {
	set := map[string]bool{}
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// ordered is the list in an order that does not depend on that of the pods.
func ordered(ids []string) []string {
	slices.Sort(ids)
	return ids
}

// unannouncedSince is from when on something may have happened that no event tells.
func (w *world) unannouncedSince(status *v1alpha1.ECSServiceStatus) time.Time {
	since := w.service.Spec.CreatedAt.Add(-time.Second)
	if upTo := status.AnnouncedUpTo; upTo != nil && upTo.Add(-announceWindow).After(since) {
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
