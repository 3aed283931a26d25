package service

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/translator"
)

// plan says how many tasks each deployment is to run in the end.
func (w *world) plan() {
	for _, d := range w.deployments {
		d.side.Wanted = 0
	}
	newest := w.newest()
	if w.stateOf(newest) == types.DeploymentRolloutStateFailed && w.service.Spec.DeletedAt == nil {
		w.freeze()
		return
	}
	newest.side.Wanted = w.desired()
}

// freeze keeps what runs after a deployment that failed and is not taken back:
// it starts nothing more, and the older ones go on with what they have (API
// reference, DeploymentCircuitBreaker).
func (w *world) freeze() {
	newest := w.newest()
	for _, d := range w.deployments {
		d.side.Wanted = min(d.side.Replicas, w.desired())
	}
	newest.side.Wanted = min(newest.side.Wanted, newest.side.Running)
}

// limits bound the tasks during a deployment.
func (w *world) limits() (lower, upper int32) {
	return translator.Limits(w.desired(), w.service.Spec.MinimumHealthyPercent, w.service.Spec.MaximumPercent)
}
