package service

import (
	"math"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// rolling says whether one deployment takes over from the other task by task;
// else two stand side by side, and traffic moves.
func (w *world) rolling() bool {
	return translator.Rolling(w.newest().entry, w.settings.DeploymentConfiguration)
}

// plan says how many tasks each deployment is to run in the end, and what
// traffic comes to them.
func (w *world) plan() {
	if w.external() {
		w.planTaskSets()
		return
	}
	if w.newest() == nil {
		return
	}
	newest, state := w.newest(), w.stateOf(w.newest())
	for _, d := range w.deployments {
		d.side.Wanted, d.side.Failed = 0, w.stateOf(d) == types.DeploymentRolloutStateFailed
		// Without one that served before, whatever is there goes on to serve.
		if d != newest && !w.rolling() && (w.blue() != nil || state != types.DeploymentRolloutStateInProgress) {
			d.traffic = NoTraffic
		}
	}
	switch {
	case w.service.Spec.DeletedAt != nil:
	case state == types.DeploymentRolloutStateFailed:
		w.freeze()
	case state == types.DeploymentRolloutStateInProgress && !w.rolling():
		w.sideBySide()
	default:
		newest.side.Wanted = w.desired() + w.extra()
	}
}

// freeze keeps what runs after a deployment that failed: it starts nothing more,
// and the older ones go on with what they have (API reference,
// DeploymentCircuitBreaker).
func (w *world) freeze() {
	newest := w.newest()
	for _, d := range w.deployments {
		d.side.Wanted = d.side.kept(w.desired())
	}
	newest.side.Wanted = min(newest.side.Wanted, newest.side.Running)
	if blue := w.blue(); blue != nil && !w.rolling() {
		w.turnBack(newest, blue)
	}
}

// turnBack lets the side before serve again; the failed one goes then, if it is
// taken back.
func (w *world) turnBack(green, blue *deployment) {
	blue.traffic, blue.side.Wanted = ProductionTraffic, w.desired()
	if w.bridges(green, blue) {
		return
	}
	green.traffic = NoTraffic
	if w.goesBackTo() != nil {
		green.side.Wanted = 0
	}
}

// bridges says whether a deployment that is over has to serve on until the side before
// has all its tasks again.
func (w *world) bridges(d, blue *deployment) bool {
	return translator.Bridges(d.rollout, blue.side.Healthy, w.desired())
}

// blue is the deployment that served before the newest one; nil where none did.
func (w *world) blue() *deployment {
	older := w.deployments[:len(w.deployments)-1]
	entries, rollouts := make([]v1alpha1.DeploymentEntry, len(older)), map[int64]*v1alpha1.ServiceDeployment{}
	for i, d := range older {
		entries[i], rollouts[d.entry.Number] = d.entry, d.rollout
	}
	if i := translator.ServesBefore(w.service, entries, rollouts); i >= 0 {
		return older[i]
	}
	return nil
}

// sideBySide is the plan of a BLUE_GREEN, LINEAR or CANARY deployment at its
// stage (API reference, ServiceDeployment.lifecycleStage).
func (w *world) sideBySide() {
	green, blue, stage := w.newest(), w.blue(), types.ServiceDeploymentLifecycleStage("")
	permille := int32(0)
	if green.rollout != nil {
		stage, permille = types.ServiceDeploymentLifecycleStage(green.rollout.Status.LifecycleStage), green.rollout.Status.ProductionPermille
	}
	greenWants, blueWants := int32(0), w.desired()
	green.traffic = NoTraffic
	switch stage {
	case types.ServiceDeploymentLifecycleStageScaleUp, types.ServiceDeploymentLifecycleStagePostScaleUp:
		greenWants, _ = shares(w.desired(), w.firstPermille())
	case types.ServiceDeploymentLifecycleStageTestTrafficShift, types.ServiceDeploymentLifecycleStagePostTestTrafficShift:
		greenWants, _ = shares(w.desired(), w.firstPermille())
		green.traffic = TestTraffic
	case types.ServiceDeploymentLifecycleStageProductionTrafficShift, types.ServiceDeploymentLifecycleStagePostProductionTrafficShift,
		types.ServiceDeploymentLifecycleStageBakeTime:
		greenWants, blueWants = shares(w.desired(), permille)
		green.traffic = ProductionTraffic
	case types.ServiceDeploymentLifecycleStageCleanUp:
		greenWants, blueWants = w.desired(), 0
		green.traffic = ProductionTraffic
	default: // green has nothing yet
	}
	green.side.Wanted = greenWants
	if blue == nil {
		return
	}
	for _, d := range w.deployments {
		if d != green && d != blue && w.bridges(d, blue) {
			d.traffic, d.side.Wanted = ProductionTraffic, d.side.kept(w.desired())
		}
	}
	blue.side.Wanted = blueWants
	if permille < 1000 {
		blue.traffic = ProductionTraffic
	} else if stage != types.ServiceDeploymentLifecycleStageCleanUp {
		blue.side.Wanted = blue.side.kept(w.desired()) // it stands by
	}
}

// shares are the numbers of tasks of the new and the old deployment that give
// the new one its share of the traffic: a Kubernetes Service spreads it over all
// tasks alike.
func shares(desired, permille int32) (green, blue int32) {
	switch {
	case permille >= 1000:
		return desired, desired
	case permille <= translator.WholePermille:
		return min(desired, (desired*permille+999-permille)/(1000-permille)), desired
	}
	return desired, min(desired, max(1, desired*(1000-permille)/permille))
}

// limits bound the tasks during a deployment. Task sets are bound by nothing: who
// scales them decides.
func (w *world) limits() (lower, upper int32) {
	if w.external() {
		return 0, math.MaxInt32
	}
	return translator.ServiceLimits(w.service, w.desired(), w.rolling())
}
