package service

import (
	"slices"
	"strings"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// targets are the tasks in each target group: those that run and are not being
// stopped. ECS registers a task when it is RUNNING and deregisters it before it
// stops (Developer Guide, task lifecycle).
func (w *world) targets() []v1alpha1.TargetGroup {
	var groups []v1alpha1.TargetGroup
	for _, d := range w.deployments {
		for _, r := range d.routes {
			// The alternate group has the tasks under test, and the other one not.
			if r.TargetGroup == "" || r.Test != (d.traffic == TestTraffic) || d.traffic == NoTraffic {
				continue
			}
			i := slices.IndexFunc(groups, func(g v1alpha1.TargetGroup) bool { return g.ARN == r.TargetGroup })
			if i < 0 {
				i, groups = len(groups), append(groups, v1alpha1.TargetGroup{ARN: r.TargetGroup})
			}
			for _, t := range d.tasks {
				if t.state.Running() {
					groups[i].Tasks = append(groups[i].Tasks, t.id())
				}
			}
		}
	}
	groups = slices.DeleteFunc(groups, func(g v1alpha1.TargetGroup) bool { return len(g.Tasks) == 0 })
	for i := range groups {
		slices.Sort(groups[i].Tasks)
	}
	slices.SortFunc(groups, func(a, b v1alpha1.TargetGroup) int { return strings.Compare(a.ARN, b.ARN) })
	return groups
}

// tellDeregistered tells which tasks have left their target groups; those that
// still run go on answering what they have begun.
func (w *world) tellDeregistered(r *ring, now []v1alpha1.TargetGroup) {
	var draining []string
	for _, group := range w.service.Status.Targets {
		left := missingIn(tasksIn(now, group.ARN), group.Tasks)
		if len(left) == 0 {
			continue
		}
		r.add("deregistered %d targets in (target-group %s)", len(left), group.ARN)
		for _, id := range missingIn(draining, left) {
			if w.draining(id) {
				draining = append(draining, id)
			}
		}
	}
	// Services without task sets tell this by deployment, too, as recorded.
	for _, part := range w.ofDeployments(draining) {
		r.addOf(part.deployment, "has begun draining connections on %d tasks.", len(part.tasks))
	}
}

func (w *world) draining(id string) bool {
	for _, d := range w.deployments {
		for _, t := range d.tasks {
			if t.id() == id {
				return t.state.LastStatus(false, w.now) != translator.StatusStopped
			}
		}
	}
	return false
}

// tellRegistered tells which tasks have come into their target groups.
func (w *world) tellRegistered(r *ring, now []v1alpha1.TargetGroup) {
	for _, group := range now {
		for _, part := range w.ofTaskSets(missingIn(tasksIn(w.service.Status.Targets, group.ARN), group.Tasks)) {
			r.addOf(part.deployment, "registered %d targets in (target-group %s)", len(part.tasks), group.ARN)
		}
	}
}

// registered are the tasks that have come into a target group.
func registered(before, now []v1alpha1.TargetGroup) (ids []string) {
	for _, group := range now {
		ids = append(ids, missingIn(tasksIn(before, group.ARN), group.Tasks)...)
	}
	return ids
}

func tasksIn(groups []v1alpha1.TargetGroup, targetGroup string) []string {
	for _, group := range groups {
		if group.ARN == targetGroup {
			return group.Tasks
		}
	}
	return nil
}

// missingIn are the ids that are not in the list.
func missingIn(list, ids []string) []string {
	var missing []string
	for _, id := range ids {
		if !slices.Contains(list, id) {
			missing = append(missing, id)
		}
	}
	return missing
}
