package service

// Side is one of a service's deployments, as the count function sees it.
type Side struct {
	// Wanted is what the strategy wants the deployment to run in the end.
	Wanted int32
	// Replicas is what its Deployment asks for, Active the tasks that are there
	// and not stopping. Running are those of them that are RUNNING and not
	// UNHEALTHY, Healthy those that count for the lower limit: a task without a
	// health check does so only after a while. Protected are those that no
	// scale-in may stop.
	Replicas, Active, Running, Healthy, Protected int32
}

// present is the number of tasks that are there or will be.
func (s Side) present() int32 { return max(s.Replicas, s.Active) }

// Counts decides the replicas of each of a service's deployments, given oldest
// first. lower and upper bound the healthy and the present tasks on the way (API
// reference, DeploymentConfiguration). It never goes over upper, and never under
// lower by its own doing; and it stops no protected task.
func Counts(lower, upper int32, sides []Side) []int32 {
	counts := make([]int32, len(sides))
	var healthy, present int32
	for i, side := range sides {
		counts[i] = side.Replicas
		if side.Wanted > 0 {
			// What it has too many is wanted by nobody, and what stays is as many as
			// the strategy asks for.
			counts[i] = min(side.Replicas, max(side.Wanted, side.Protected))
		}
		healthy += min(side.Healthy, counts[i])
		present += side.present()
	}
	enough, spare := healthy >= lower, max(0, healthy-lower)
	for i, side := range sides {
		if side.Wanted == 0 {
			counts[i] -= stoppable(side, enough, &spare)
		}
	}
	room := upper - present
	for i := len(sides) - 1; i >= 0 && room > 0; i-- {
		if more := min(sides[i].Wanted-counts[i], room); more > 0 {
			counts[i] += more
			room -= more
		}
	}
	return counts
}

// stoppable is how many tasks of a deployment that drains may go: those that do
// not run or are UNHEALTHY freely; healthy ones as long as there are some to
// spare. One that runs and does not count yet serves all the same: it goes freely
// only where enough others count.
func stoppable(side Side, enough bool, spare *int32) int32 {
	free := max(0, side.Replicas-side.Running)
	if enough {
		free = max(0, side.Replicas-side.Healthy)
	}
	may := max(0, side.Replicas-side.Protected)
	free = min(free, may)
	fromSpare := min(may-free, *spare)
	*spare -= fromSpare
	return free + fromSpare
}

// Blocked says whether a rollout cannot move although nothing is on its way:
// the limits leave no room to start and none to stop.
func Blocked(lower, upper int32, sides []Side) bool {
	counts := Counts(lower, upper, sides)
	var unfinished bool
	for i, side := range sides {
		if counts[i] != side.Replicas || side.Active != side.Replicas || side.Healthy != side.Active {
			return false
		}
		unfinished = unfinished || side.Replicas != side.Wanted && side.Protected == 0
	}
	return unfinished
}
