package service

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// measured are the deployments whose tasks the scale subresource shows. An
// autoscaler reckons the next desired count from how many there are: of task sets
// it must see as many tasks as are desired, and no second set beside them. Where
// no choice of them has that many, it sees none, and holds.
func (w *world) measured() []*deployment {
	if !w.external() {
		return w.deployments
	}
	// Those that drain want nothing, however many there are; of the others there are few.
	wanting := slices.DeleteFunc(slices.Clone(w.deployments), func(d *deployment) bool { return d.side.Wanted == 0 })
	var best []*deployment
	for choice := range 1 << len(wanting) {
		var chosen []*deployment
		var wanted int32
		for i, d := range wanting {
			if choice>>i&1 == 1 {
				chosen, wanted = append(chosen, d), wanted+d.side.Wanted
			}
		}
		if wanted == w.desired() && (best == nil || !w.hasPrimary(best) && w.hasPrimary(chosen)) {
			best = chosen
		}
	}
	return best
}

func (w *world) hasPrimary(deployments []*deployment) bool {
	return slices.ContainsFunc(deployments, func(d *deployment) bool { return d.entry.Number == w.service.Spec.PrimaryTaskSet })
}

// running counts the tasks that the scale subresource shows, and selector finds them.
func (w *world) running() int32 {
	var running int32
	for _, d := range w.measured() {
		for _, t := range d.tasks {
			if t.state.Running() {
				running++
			}
		}
	}
	return running
}

func (w *world) selector() string {
	all := v1alpha1.ServiceLabel + "=" + w.service.Name
	if !w.external() {
		return all
	}
	numbers := []string{noDeployment}
	if measured := w.measured(); len(measured) > 0 {
		numbers = nil
		for _, d := range measured {
			numbers = append(numbers, strconv.FormatInt(d.entry.Number, 10))
		}
	}
	return all + "," + v1alpha1.DeploymentLabel + " in (" + strings.Join(numbers, ",") + ")"
}
