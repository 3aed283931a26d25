package service

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/translator"
)

// rolling says whether one deployment takes over from the other task by task;
// else two stand side by side, and traffic moves.
func (w *world) rolling() bool {
	strategy := w.settings.DeploymentConfiguration.Strategy
	return strategy == "" || strategy == types.DeploymentStrategyRolling
}

// plan says how many tasks each deployment is to run in the end, and what
// traffic comes to them.
func (w *world) plan() {
	newest, state := w.newest(), w.stateOf(w.newest())
	for _, d := range w.deployments {
		d.side.Wanted = 0
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
		newest.side.Wanted = w.desired()
	}
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
	if blue := w.blue(); blue != nil && !w.rolling() {
		blue.traffic, newest.traffic = ProductionTraffic, NoTraffic
		blue.side.Wanted = w.desired() // it serves alone, and may have been made smaller
	}
}

// blue is the deployment that served before the newest one; nil where none did.
func (w *world) blue() *deployment {
	for _, d := range w.deployments[:len(w.deployments)-1] {
		if completed := w.service.Status.Completed; completed != nil && d.entry.Number == completed.Number {
			return d
		}
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
	blue.side.Wanted = blueWants
	if permille < 1000 {
		blue.traffic = ProductionTraffic
	} else if stage != types.ServiceDeploymentLifecycleStageCleanUp {
		blue.side.Wanted = min(blue.side.Replicas, w.desired()) // it stands by
	}
}

// shares are the numbers of tasks of the new and the old deployment that give
// the new one its share of the traffic: a Kubernetes Service spreads it over all
// tasks alike.
func shares(desired, permille int32) (green, blue int32) {
	switch {
	case permille >= 1000:
		return desired, desired
	case permille <= 500:
		return min(desired, (desired*permille+999-permille)/(1000-permille)), desired
	}
	return desired, min(desired, max(1, desired*(1000-permille)/permille))
}

// limits bound the tasks during a deployment. Side by side there may be twice as
// many.
func (w *world) limits() (lower, upper int32) {
	lower, upper = translator.Limits(w.desired(), w.service.Spec.MinimumHealthyPercent, w.service.Spec.MaximumPercent)
	if !w.rolling() {
		upper = 2 * w.desired()
	}
	return lower, upper
}
