package service

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func linear() types.DeploymentConfiguration {
	return types.DeploymentConfiguration{
		Strategy: types.DeploymentStrategyLinear, BakeTimeInMinutes: aws.Int32(0),
		LinearConfiguration: &types.LinearConfiguration{StepPercent: aws.Float64(25), StepBakeTimeInMinutes: aws.Int32(1)},
	}
}

// shifted has given so much of the traffic to the deployment, and tasks by it.
func (w *world) shiftedTo(i int, permille int32) {
	w.deployments[i].rollout.Status.LifecycleStage = string(types.ServiceDeploymentLifecycleStageProductionTrafficShift)
	w.deployments[i].rollout.Status.ProductionPermille = permille
	green, blue := shares(w.desired(), permille)
	w.deployments[0].side, w.deployments[i].side = at(blue, blue, blue, blue), at(green, green, green, green)
}

func (w *world) fail(back bool) {
	w.service.Status.FailedDeployment, w.service.Status.RollbackTo = w.newest().entry.Number, 0
	if back {
		w.service.Status.RollbackTo = 1
	}
}

// TestTakenBackAboveHalf: the old side was made smaller as its share of the
// traffic was, and has all its tasks before it gets all of it.
func TestTakenBackAboveHalf(t *testing.T) {
	for name, back := range map[string]bool{"taken back": true, "left as it is": false} {
		t.Run(name, func(t *testing.T) {
			w := standing(linear())
			w.shiftedTo(1, 750)
			w.fail(back)
			blue, green := w.deployments[0], w.deployments[1]
			w.plan()
			if blue.side.Wanted != 4 || green.side.Wanted != 4 || blue.traffic != ProductionTraffic || green.traffic != ProductionTraffic {
				t.Errorf("with %d of 4 old tasks %d and %d are wanted, and the traffic is %d and %d", blue.side.Healthy, blue.side.Wanted, green.side.Wanted, blue.traffic, green.traffic)
			}
			w.obey()
			w.plan()
			if blue.side.Healthy != 4 || blue.traffic != ProductionTraffic || green.traffic != NoTraffic {
				t.Errorf("with %d of 4 old tasks the traffic is %d and %d", blue.side.Healthy, blue.traffic, green.traffic)
			}
			if gone := green.side.Wanted == 0; gone != back {
				t.Errorf("of the new side %d tasks are wanted", green.side.Wanted)
			}
		})
	}
}

// TestTakenBackBeforeAnyTraffic: the new side never gets any.
func TestTakenBackBeforeAnyTraffic(t *testing.T) {
	w := standing(linear())
	w.deployments[0].side, w.deployments[1].side = at(4, 4, 4, 3), at(1, 1, 1, 1)
	w.fail(true)
	w.plan()
	if green := w.deployments[1]; green.traffic != NoTraffic || green.side.Wanted != 0 {
		t.Errorf("the new side has traffic %d and wants %d tasks", green.traffic, green.side.Wanted)
	}
}

// TestTakenBackWithoutTheOldSide: what takes it back goes through no stages.
func TestTakenBackWithoutTheOldSide(t *testing.T) {
	config := linear()
	config.LifecycleHooks = []types.DeploymentLifecycleHook{{
		TargetType: types.DeploymentLifecycleHookTargetTypePause, LifecycleStages: []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStagePreScaleUp},
	}}
	w := standing(config)
	w.deployments[0].entry = v1alpha1.DeploymentEntry{Number: 2}
	w.deployments[1].entry = v1alpha1.DeploymentEntry{Number: 3, Rollback: &v1alpha1.RollbackEntry{Of: 2, To: 1}}
	w.service.Status.FailedDeployment = 2
	for range 3 {
		w.plan()
		if w.deployments[0].traffic != ProductionTraffic {
			t.Error("the failed one has no traffic, and nothing else is there")
		}
		w.obey()
		status := w.newest().rollout.Status
		w.advance(w.newest(), &status)
		if status.LifecycleStage != "" || len(status.Hooks) > 0 {
			t.Fatalf("it is at the stage %s with the hooks %v", status.LifecycleStage, status.Hooks)
		}
	}
	if !w.steady() {
		t.Errorf("the sides are %+v", w.sides())
	}
}

// TestSupersededInTheMiddle: a third deployment begins when the second has most of
// the traffic. The second serves until the first, to which the third compares, has
// all its tasks again, and is gone before the third gets any.
func TestSupersededInTheMiddle(t *testing.T) {
	w := standingOf(3, linear())
	w.shiftedTo(1, 750)
	first, second, third := w.deployments[0], w.deployments[1], w.deployments[2]
	w.plan()
	if second.traffic != ProductionTraffic || second.side.Wanted != 4 || first.side.Wanted != 4 || third.traffic != NoTraffic {
		t.Errorf("at the start %d and %d tasks are wanted, and the traffic is %d, %d, %d", first.side.Wanted, second.side.Wanted, first.traffic, second.traffic, third.traffic)
	}
	status := third.rollout.Status
	w.advance(third, &status)
	if status.LifecycleStage != string(types.ServiceDeploymentLifecycleStageReconcileService) {
		t.Fatalf("it begins with %s", status.LifecycleStage)
	}
	third.rollout.Status = status
	w.obey()
	w.plan()
	if first.traffic != ProductionTraffic || second.traffic != NoTraffic || second.side.Wanted != 0 {
		t.Errorf("with all old tasks the traffic is %d, %d, and the second wants %d", first.traffic, second.traffic, second.side.Wanted)
	}
	w.advance(third, &status)
	if status.LifecycleStage != string(types.ServiceDeploymentLifecycleStageReconcileService) {
		t.Error("it goes on although the second is still there")
	}
	w.obey()
	if !second.drained() {
		t.Fatalf("the second has %d tasks", second.side.Active)
	}
	w.deployments = []*deployment{first, third}
	w.plan()
	w.advance(third, &status)
	if status.LifecycleStage != string(types.ServiceDeploymentLifecycleStagePreScaleUp) {
		t.Errorf("it is at %s", status.LifecycleStage)
	}
}

// TestTakenBackAndUpdated: after the first took the place of the second again, a
// third one begins beside it.
func TestTakenBackAndUpdated(t *testing.T) {
	w := standingOf(3, linear())
	w.deployments[0], w.deployments[1] = w.deployments[1], w.deployments[0]
	w.deployments[0].side, w.deployments[1].side = at(2, 2, 2, 2), at(4, 4, 4, 4)
	w.service.Status.FailedDeployment, w.service.Status.RollbackTo = 2, 1
	w.plan()
	if w.blue() != w.deployments[1] || w.goesBackTo() != nil {
		t.Errorf("the side before is %v, and the newest goes back to %v", w.blue(), w.goesBackTo())
	}
	if second := w.deployments[0]; second.traffic != NoTraffic || second.side.Wanted != 0 {
		t.Errorf("the one that was taken back has traffic %d and wants %d tasks", second.traffic, second.side.Wanted)
	}
}
