package service

// Side is one of a service's deployments, as the count function sees it.
type Side struct {
	// Wanted is what the strategy wants the deployment to run in the end.
	Wanted int32
	// Replicas is what its Deployment asks for, Active the tasks that are there
	// and not stopping. Running are those of them that are RUNNING and not
	// UNHEALTHY, Healthy those that count for the lower limit: a task without a
	// health check does so only after a while. Protected are those that no
	// scale-in may stop, ProtectedRunning and ProtectedHealthy are those of them
	// that are so.
	Replicas, Active, Running, Healthy, Protected int32
	ProtectedRunning, ProtectedHealthy            int32
	// Leaving are the tasks on instances that are DRAINING, LeavingHealthy those of
	// them that are healthy: others are to take their places. Protected ones stay.
	Leaving, LeavingHealthy int32
	// Failed says that the deployment has failed: of those that drain it goes first.
	Failed bool
	// Held says that no task is started for now, not even in the place of one that
	// has ended.
	Held bool
	// Shrinking is true until its ReplicaSet is seen to have no more tasks than
	// Replicas: it may have made some that are not seen yet.
	Shrinking bool
}

// present is the number of tasks that are there or will be.
func (s Side) present() int32 { return max(s.Replicas, s.Active) }

// sought is how many tasks a side is to have for now: those that it wants, beside
// those that are to be replaced.
func (s Side) sought() int32 {
	switch {
	case s.Wanted == 0:
		return 0
	case s.Held:
		return min(s.Wanted, s.Running)
	}
	return s.Wanted + s.Leaving
}

// kept is how many tasks a side goes on with that is to get no new ones. Tasks
// that have to leave are replaced only where it has all that are desired: what it
// has for the time of a move does not tell from what it had before.
func (s Side) kept(desired int32) int32 {
	if s.Replicas >= desired {
		return desired
	}
	return max(0, s.Replicas-s.Leaving)
}

// Counts decides the replicas of each of a service's deployments, given oldest
// first. lower and upper bound the healthy and the present tasks on the way (API
// reference, DeploymentConfiguration). It never goes over upper, and never under
// lower by its own doing; and it stops no protected task. What has to leave its
// instance goes when others are healthy in its place, or where the lower limit
// spares it and there is no room to start any before.
func Counts(lower, upper int32, sides []Side) []int32 {
	counts := make([]int32, len(sides))
	var healthy, present int32
	for _, side := range sides {
		healthy += min(side.Healthy, side.Replicas)
		present += side.present()
	}
	room := upper - present
	enough, spare := healthy >= lower, max(0, healthy-lower)
	for i, side := range sides {
		counts[i] = side.Replicas - surplus(side, &spare)
	}
	for _, i := range givingWay(sides) {
		switch side := sides[i]; {
		case side.Shrinking:
			room = 0 // and which of its tasks stay is not known either
		default:
			counts[i] -= stoppable(side, enough, &spare)
		}
	}
	for i := len(sides) - 1; i >= 0 && room > 0; i-- {
		if more := min(sides[i].sought()-counts[i], room); more > 0 {
			counts[i] += more
			room -= more
		}
	}
	for i, side := range sides {
		if side.Leaving > 0 && side.Wanted > 0 && counts[i] == side.Replicas {
			counts[i] -= replaceable(side, lower, &spare)
		}
	}
	return counts
}

// givingWay are the sides that are to go, in the order in which they give way: what
// serves until a rollback has its tasks is the deployment from before, not the one
// that failed.
func givingWay(sides []Side) []int {
	var failed, others []int
	for i, side := range sides {
		switch {
		case side.Wanted > 0:
		case side.Failed:
			failed = append(failed, i)
		default:
			others = append(others, i)
		}
	}
	return append(failed, others...)
}

// surplus is how many tasks of a deployment go that it has too many.
func surplus(side Side, spare *int32) int32 {
	if side.Wanted == 0 {
		return 0
	}
	return going(side, max(0, side.Replicas-side.sought()), side.Healthy-side.ProtectedHealthy, spare)
}

// replaceable is how many of the tasks that have to leave may go now. Two sides of
// a deployment do not stand in for each other, so the lower limit is kept by those
// of the side alone. None goes while one that stays is not healthy: it is that one
// which a ReplicaSet would take.
func replaceable(side Side, lower int32, spare *int32) int32 {
	if side.Healthy-side.LeavingHealthy < side.Active-side.Leaving || side.Active != side.Replicas {
		return 0
	}
	n := max(0, min(side.Leaving, side.Healthy-min(lower, side.Wanted), *spare))
	*spare -= n
	return n
}

// stoppable is how many tasks of a deployment that drains may go: those that do
// not run or are UNHEALTHY freely; healthy ones as long as there are some to
// spare. One that runs and does not count yet serves all the same: it goes freely
// only where enough others count.
func stoppable(side Side, enough bool, spare *int32) int32 {
	needed := side.Running - side.ProtectedRunning
	if enough {
		needed = side.Healthy - side.ProtectedHealthy
	}
	return going(side, side.Replicas, needed, spare)
}

// going is how many of the tasks that nobody wants may go: no protected ones, and
// of those that are needed only as many as there are to spare. The others go first.
func going(side Side, unwanted, needed int32, spare *int32) int32 {
	may := max(0, side.Replicas-side.Protected)
	free := min(unwanted, max(0, may-needed))
	fromSpare := min(unwanted-free, may-free, *spare)
	*spare -= fromSpare
	return free + fromSpare
}

// Blocked says whether a rollout cannot move although nothing is on its way:
// the limits leave no room to start and none to stop.
func Blocked(lower, upper int32, sides []Side) bool {
	counts := Counts(lower, upper, sides)
	var unfinished bool
	for i, side := range sides {
		if counts[i] != side.Replicas || side.Active != side.Replicas || side.Healthy != side.Active || side.Held || side.Shrinking {
			return false
		}
		unfinished = unfinished || side.Replicas != side.Wanted && side.Protected == 0 || side.Leaving > 0 && side.Wanted > 0
	}
	return unfinished
}
