package service

import (
	"slices"
	"time"
)

// A deployment whose tasks run and end at once would fill the API server: its
// ReplicaSet starts the next one within milliseconds. ECS's own limit is the pace
// at which it launches tasks, and its throttle is for those that never run
// (Developer Guide, service throttle logic). Gantry's is this: after floodLimit
// short lives within floodWindow the deployment gets no new task until fewer are
// that young. As many ended pods are kept of a deployment.
const (
	floodLimit  = 20
	floodWindow = time.Minute
)

// holdFlood holds a deployment of which too many tasks have ended by themselves
// before they counted as healthy. Other deployments of the service go on.
func (w *world) holdFlood(d *deployment) {
	var ends []time.Time
	for _, t := range d.tasks {
		if end := t.state.EndedAt(); w.shortLived(t) && w.now.Sub(end) < floodWindow {
			ends = append(ends, end)
		}
	}
	if len(ends) < floodLimit {
		return
	}
	slices.SortFunc(ends, func(a, b time.Time) int { return b.Compare(a) })
	d.side.Held = true
	w.LookAgain(ends[floodLimit-1].Add(floodWindow).Sub(w.now))
}
