package service

// Side is one of a service's deployments, as the count function sees it.
type Side struct {
	// Replicas is what its Deployment asks for, Active the tasks that are there
	// and not stopping. Running are those of them that are RUNNING and not
	// UNHEALTHY, Healthy those that count for the lower limit: a task without a
	// health check does so only after a while.
	Replicas, Active, Running, Healthy int32
}

// present is the number of tasks that are there or will be.
func (s Side) present() int32 { return max(s.Replicas, s.Active) }

// Counts decides the replicas of each deployment of a ROLLING service, given
// oldest first; the last one is to run desired tasks, the others none. lower and
// upper bound the healthy and the present tasks on the way (API reference,
// DeploymentConfiguration). It never goes over upper, and never under lower by
// its own doing.
func Counts(desired, lower, upper int32, sides []Side) []int32 {
	counts := make([]int32, len(sides))
	for i, side := range sides {
		counts[i] = side.Replicas
	}
	newest := len(sides) - 1
	// What the newest has too many is not wanted by anyone: what stays is desired,
	// and so not under the lower limit.
	counts[newest] = min(counts[newest], desired)
	var healthy, present int32
	for i, side := range sides {
		healthy += min(side.Healthy, counts[i])
		present += side.present()
	}
	enough, spare := healthy >= lower, max(0, healthy-lower)
	for i := range sides[:newest] {
		counts[i] -= stoppable(sides[i], enough, &spare)
	}
	if room := upper - present; room > 0 {
		counts[newest] += min(desired-counts[newest], room)
	}
	return counts
}

// stoppable is how many tasks of an old deployment may go: those that do not run
// or are UNHEALTHY freely; healthy ones as long as there are some to spare. One
// that runs and does not count yet serves all the same: it goes freely only
// where enough others count.
func stoppable(side Side, enough bool, spare *int32) int32 {
	free := max(0, side.Replicas-side.Running)
	if enough {
		free = max(0, side.Replicas-side.Healthy)
	}
	fromSpare := min(side.Replicas-free, *spare)
	*spare -= fromSpare
	return free + fromSpare
}

// Blocked says whether a rollout cannot move although nothing is on its way:
// the limits leave no room to start and none to stop.
func Blocked(desired, lower, upper int32, sides []Side) bool {
	counts := Counts(desired, lower, upper, sides)
	var unfinished bool
	for i, side := range sides {
		if counts[i] != side.Replicas || side.Active != side.Replicas || side.Healthy != side.Active {
			return false
		}
		if i < len(sides)-1 && side.Replicas > 0 || i == len(sides)-1 && side.Replicas != desired {
			unfinished = true
		}
	}
	return unfinished
}
