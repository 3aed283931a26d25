package service

import (
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// stages are the life of a deployment that stands beside the one before, in order
// (API reference, ServiceDeployment.lifecycleStage).
var stages = []types.ServiceDeploymentLifecycleStage{
	types.ServiceDeploymentLifecycleStageReconcileService,
	types.ServiceDeploymentLifecycleStagePreScaleUp,
	types.ServiceDeploymentLifecycleStageScaleUp,
	types.ServiceDeploymentLifecycleStagePostScaleUp,
	types.ServiceDeploymentLifecycleStageTestTrafficShift,
	types.ServiceDeploymentLifecycleStagePostTestTrafficShift,
	types.ServiceDeploymentLifecycleStageProductionTrafficShift,
	types.ServiceDeploymentLifecycleStagePostProductionTrafficShift,
	types.ServiceDeploymentLifecycleStageBakeTime,
	types.ServiceDeploymentLifecycleStageCleanUp,
}

// advance takes the newest deployment at most one stage further, or one step of
// its traffic shift: what the stage wants of tasks and routes is done before the
// next one begins.
func (w *world) advance(d *deployment, status *v1alpha1.ServiceDeploymentStatus) {
	if w.rolling() || d != w.newest() || w.stateOf(d) != types.DeploymentRolloutStateInProgress || w.service.Spec.DeletedAt != nil {
		return
	}
	stage := types.ServiceDeploymentLifecycleStage(status.LifecycleStage)
	switch {
	case stage == "":
		w.enter(status, w.firstStage())
	case !w.hooksDone(d, status, hookStages(stage)):
	case !w.stageDone(d, stage, status):
	default:
		w.enter(status, following(stage))
	}
}

// firstStage is RECONCILE_SERVICE only where more than one revision is active at
// the start.
func (w *world) firstStage() types.ServiceDeploymentLifecycleStage {
	if len(w.deployments) > 2 {
		return types.ServiceDeploymentLifecycleStageReconcileService
	}
	return types.ServiceDeploymentLifecycleStagePreScaleUp
}

func following(stage types.ServiceDeploymentLifecycleStage) types.ServiceDeploymentLifecycleStage {
	for i, s := range stages[:len(stages)-1] {
		if s == stage {
			return stages[i+1]
		}
	}
	return stage
}

func (w *world) enter(status *v1alpha1.ServiceDeploymentStatus, stage types.ServiceDeploymentLifecycleStage) {
	status.LifecycleStage, status.StageAt = string(stage), timeOf(w.now)
	if stage == types.ServiceDeploymentLifecycleStageProductionTrafficShift {
		status.ProductionPermille = w.firstPermille()
	}
}

// stageDone says whether the stage has done what it is for.
func (w *world) stageDone(d *deployment, stage types.ServiceDeploymentLifecycleStage, status *v1alpha1.ServiceDeploymentStatus) bool {
	scaled := d.side.Healthy >= d.side.Wanted && d.side.Active == d.side.Wanted
	switch stage {
	case types.ServiceDeploymentLifecycleStageReconcileService:
		// A Service leads to all deployments or to one: shares need two alone.
		return w.blue() == nil || len(w.deployments) <= 2
	case types.ServiceDeploymentLifecycleStageScaleUp:
		return scaled
	case types.ServiceDeploymentLifecycleStageProductionTrafficShift:
		return scaled && w.shifted(d, status)
	case types.ServiceDeploymentLifecycleStageBakeTime:
		return w.blue() == nil || w.waited(status, aws.ToInt32(w.settings.DeploymentConfiguration.BakeTimeInMinutes))
	case types.ServiceDeploymentLifecycleStageCleanUp:
		return false // the deployment completes once the old tasks are gone
	default:
		return true
	}
}

// shifted gives the deployment its next share of the traffic when the last one
// has baked; true once it has all of it.
func (w *world) shifted(d *deployment, status *v1alpha1.ServiceDeploymentStatus) bool {
	if status.ProductionPermille >= 1000 {
		return true
	}
	step, minutes := w.step()
	if !w.waited(status, minutes) || !w.hooksDone(d, status, []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStagePreProductionTrafficShift}) {
		return false
	}
	status.ProductionPermille = min(1000, status.ProductionPermille+step)
	status.StageAt = timeOf(w.now)
	return false
}

// waited says whether the stage, or its step, is so many minutes old.
func (w *world) waited(status *v1alpha1.ServiceDeploymentStatus, minutes int32) bool {
	wait := status.StageAt.Add(time.Duration(minutes) * time.Minute).Sub(w.now)
	if wait > 0 {
		w.LookAgain(wait)
	}
	return wait <= 0
}

// firstPermille is the first share of the production traffic that a deployment
// gets; of a service without tasks before, it is all.
func (w *world) firstPermille() int32 {
	config := w.settings.DeploymentConfiguration
	switch {
	case w.blue() == nil:
		return 1000
	case config.Strategy == types.DeploymentStrategyCanary && config.CanaryConfiguration != nil:
		return permille(config.CanaryConfiguration.CanaryPercent)
	case config.Strategy == types.DeploymentStrategyLinear && config.LinearConfiguration != nil:
		return permille(config.LinearConfiguration.StepPercent)
	}
	return 1000
}

// step is the next share of the traffic, and how many minutes it is waited for.
func (w *world) step() (permilles, minutes int32) {
	config := w.settings.DeploymentConfiguration
	switch {
	case config.Strategy == types.DeploymentStrategyCanary && config.CanaryConfiguration != nil:
		return 1000, aws.ToInt32(config.CanaryConfiguration.CanaryBakeTimeInMinutes)
	case config.Strategy == types.DeploymentStrategyLinear && config.LinearConfiguration != nil:
		return permille(config.LinearConfiguration.StepPercent), aws.ToInt32(config.LinearConfiguration.StepBakeTimeInMinutes)
	}
	return 1000, 0
}

func permille(percent *float64) int32 { return int32(math.Round(aws.ToFloat64(percent) * 10)) }
