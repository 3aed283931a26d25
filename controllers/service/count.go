package service

// Side is one of a service's deployments, as the count function sees it.
type Side struct {
	// Replicas is what its Deployment asks for, Active the tasks that are there
	// and not stopping, Healthy those of them that count for the lower limit.
	Replicas, Active, Healthy int32
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
	var healthy, present int32
	for i, side := range sides {
		counts[i] = side.Replicas
		healthy += min(side.Healthy, side.Replicas)
		present += side.present()
	}
	spare := max(0, healthy-lower)
	for i := range sides[:len(sides)-1] {
		counts[i] -= stoppable(sides[i], sides[i].Replicas, &spare)
	}
	newest := len(sides) - 1
	if extra := sides[newest].Replicas - desired; extra > 0 {
		counts[newest] -= stoppable(sides[newest], extra, &spare)
		return counts
	}
	if room := upper - present; room > 0 {
		counts[newest] += min(desired-counts[newest], room)
	}
	return counts
}

// stoppable is how many of wanted tasks may go: those that are not healthy
// freely, healthy ones as long as there are some to spare.
func stoppable(side Side, wanted int32, spare *int32) int32 {
	unhealthy := max(0, side.Replicas-side.Healthy)
	free := min(wanted, unhealthy)
	fromSpare := min(wanted-free, *spare)
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
