package kube

import "time"

// atOnce is a wait that is next to none: none at all would be never.
const atOnce = time.Millisecond

// Recheck is when a reconciliation is to come again although no object has changed.
type Recheck struct {
	// After is how long from now; 0 is never.
	After time.Duration
}

// LookAgain asks for a reconciliation after the wait, if none comes sooner; what is
// due already is looked at at once.
func (r *Recheck) LookAgain(wait time.Duration) {
	wait = max(wait, atOnce)
	if r.After == 0 || wait < r.After {
		r.After = wait
	}
}
