package kube

import "time"

// Recheck is when a reconciliation is to come again although no object has changed.
type Recheck struct {
	// After is how long from now; 0 is never.
	After time.Duration
}

// LookAgain asks for a reconciliation after the wait, if none comes sooner.
func (r *Recheck) LookAgain(wait time.Duration) {
	if r.After == 0 || wait < r.After {
		r.After = wait
	}
}
