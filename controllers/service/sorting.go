package service

import (
	"slices"
	"strings"
	"time"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// namedTasks is how many tasks an event names at the most; it counts all. ECS's
// events name those that started together, and it starts ten together: what it
// says of more is not documented.
const namedTasks = 10

// sorting parts the tasks that an event has told of from those that none has.
type sorting struct {
	// counted are those that an event has counted and not named; before are those of
	// them that still matter, and news the ids that no event has told of.
	counted      map[string]bool
	before, news []string
	first        time.Time // of the news
}

// add is true for a task that no event has told of; at is when it came to it.
func (s *sorting) add(r *ring, word, id string, at time.Time) bool {
	switch {
	case s.counted[id]:
		s.before = append(s.before, id)
		return false
	case r.mentions(word, id):
		return false
	}
	if len(s.news) == 0 || at.Before(s.first) {
		s.first = at
	}
	s.news = append(s.news, id)
	return true
}

// addStopped adds a task that the scheduler has stopped; one that was moved from a
// zone has an event of its own.
func (s *sorting) addStopped(r *ring, t *task, at time.Time) {
	switch zone := t.pod.Annotations[v1alpha1.RebalancedFromAnnotation]; {
	case zone == "":
		s.add(r, "has stopped", t.id(), at)
	case !r.mentions("has stopped", t.id()):
		r.add("has stopped 1 running tasks in %s due to AZ rebalancing: (task %s).", zone, t.id())
	}
}

// tell adds an event of each part of the news; it returns the tasks that events have
// counted and not named.
func (s *sorting) tell(r *ring, parts []part, format string) (unnamed []string) {
	unnamed = s.before
	for _, part := range parts {
		unnamed = append(unnamed, r.name(part, format)...)
	}
	return ordered(unnamed)
}

// name adds an event of a deployment, or of none, that counts the tasks and names the
// first of them; it returns the others.
func (r *ring) name(of part, format string) (unnamed []string) {
	ids := of.tasks
	slices.Sort(ids)
	named := ids[:min(len(ids), namedTasks)]
	items := make([]string, len(named))
	for i, id := range named {
		items[i] = "(task " + id + ")"
	}
	r.addOf(of.deployment, format+"%s", len(ids), strings.Join(items, " "), of.more)
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
