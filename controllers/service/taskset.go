package service

import (
	"slices"
	"time"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// external says whether somebody else than ECS deploys the service: its
// deployments are task sets.
func (w *world) external() bool { return translator.UsesTaskSets(&w.settings) }

// planTaskSets gives each task set its share of the desired count. A deployer
// shifts traffic between target groups; the task sets of one group share it.
func (w *world) planTaskSets() {
	for _, d := range w.deployments {
		d.side.Wanted = translator.ComputedDesiredCount(w.service, d.entry, d.taskSet.Scale)
	}
}

// total is how many tasks the service is to have in the end: what is desired, or
// what its task sets make of it.
func (w *world) total() int32 {
	if !w.external() {
		return w.desired()
	}
	var total int32
	for _, d := range w.deployments {
		total += d.side.Wanted
	}
	return total
}

// countsAfter is how long a task without a health check runs before it counts as
// healthy. The 40 seconds are for the limits of a deployment; a task set is
// stable as soon as its tasks run (API reference, TaskSet.stabilityStatus).
func (w *world) countsAfter() time.Duration {
	if w.external() {
		return 0
	}
	return w.healthyAfter
}

// stable says whether the task set has exactly the tasks that it is to have, all
// are healthy, and none is on an instance that drains (API reference,
// TaskSet.stabilityStatus).
func (d *deployment) stable() bool {
	side := d.side
	return side.Leaving == 0 && side.Healthy == side.Wanted && side.Active == side.Healthy && side.Replicas == side.Healthy
}

// taskSetsStable is the steady state of a service with task sets; without any
// there is none to reach.
func (w *world) taskSetsStable() bool {
	return len(w.deployments) > 0 && !slices.ContainsFunc(w.deployments, func(d *deployment) bool { return !d.stable() })
}

// tellComputed tells which task sets are to run another number of tasks than
// before, and forgets those that are gone.
func (w *world) tellComputed(r *ring, status *v1alpha1.ECSServiceStatus) {
	status.TaskSets = nil
	if !w.external() {
		return
	}
	for _, d := range w.deployments {
		state, known := translator.TaskSetStateOf(w.service, d.entry.Number)
		if !known {
			state = translator.NewTaskSetState(d.entry)
		}
		if state.ComputedDesiredCount != d.side.Wanted {
			state.ComputedDesiredCount = d.side.Wanted
			r.add("updated computedDesiredCount for taskSet %s to %d.", d.id, d.side.Wanted)
		}
		status.TaskSets = append(status.TaskSets, state)
	}
}

// tellStable tells which task sets have come to rest. It follows tellComputed.
func (w *world) tellStable(r *ring, status *v1alpha1.ECSServiceStatus) {
	for i, d := range w.deployments[:len(status.TaskSets)] {
		state := &status.TaskSets[i]
		stable := d.stable() && translator.TaskSetStatus(w.service, d.entry) != translator.TaskSetDraining
		if stable == state.Stable {
			continue
		}
		state.Stable, state.StableAt = stable, *timeOf(w.now)
		if stable {
			r.addOf(d.id, "updated state to STEADY_STATE.")
		}
	}
}

// part are the tasks of one deployment; of none where they are not told apart.
type part struct {
	deployment string
	tasks      []string
	more       string // what the event says besides
}

// together are tasks that are told of by one event; none are told of by none.
func together(ids []string) []part {
	if len(ids) == 0 {
		return nil
	}
	return []part{{tasks: ids}}
}

// ofTaskSets parts tasks by their task sets. Those of a service without task sets
// stay together.
func (w *world) ofTaskSets(ids []string) []part {
	if !w.external() {
		return together(ids)
	}
	return w.ofDeployments(ids)
}

// ofDeployments parts tasks by their deployments, oldest first.
func (w *world) ofDeployments(ids []string) []part {
	var parts []part
	for _, d := range w.deployments {
		own := part{deployment: d.id}
		for _, t := range d.tasks {
			if slices.Contains(ids, t.id()) {
				own.tasks = append(own.tasks, t.id())
			}
		}
		if len(own.tasks) > 0 {
			parts = append(parts, own)
		}
	}
	return parts
}
