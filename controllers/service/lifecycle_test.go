package service

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// standing is a service of four tasks whose second deployment begins beside the first.
func standing(config types.DeploymentConfiguration) *world { return standingOf(2, config) }

// standingOf is the same service with so many deployments, each newer one
// superseding the one before, and tasks of the first only.
func standingOf(count int64, config types.DeploymentConfiguration) *world {
	svc := &v1alpha1.ECSService{}
	svc.Spec.DesiredCount, svc.Spec.MinimumHealthyPercent, svc.Spec.MaximumPercent = 4, 100, 200
	svc.Status.Completed = &v1alpha1.DeploymentEntry{Number: 1}
	w := &world{now: time.Unix(1000, 0), service: svc, settings: types.Service{DeploymentConfiguration: &config}}
	for number := range count {
		w.deployments = append(w.deployments, &deployment{
			entry: v1alpha1.DeploymentEntry{Number: number + 1}, rollout: &v1alpha1.ServiceDeployment{},
		})
	}
	w.deployments[0].side = at(4, 4, 4, 4)
	return w
}

// obey lets the cluster do at once what is wanted of all deployments.
func (w *world) obey() {
	lower, upper := w.limits()
	for i, count := range Counts(lower, upper, w.sides()) {
		side := &w.deployments[i].side
		side.Replicas, side.Active, side.Running, side.Healthy = count, count, count, count
	}
}

// moment is one state that the deployment goes through.
type moment struct {
	stage       types.ServiceDeploymentLifecycleStage
	green, blue int32
	traffic     [2]Traffic // of blue and green
}

// play lets the cluster do at once what is wanted, and the deployment go on as
// far as it does without waiting.
func (w *world) play() []moment {
	var seen []moment
	for range 50 {
		w.plan()
		blue, green := w.deployments[0], w.deployments[1]
		m := moment{
			types.ServiceDeploymentLifecycleStage(green.rollout.Status.LifecycleStage), green.side.Wanted, blue.side.Wanted,
			[2]Traffic{blue.traffic, green.traffic},
		}
		if len(seen) == 0 || seen[len(seen)-1] != m {
			seen = append(seen, m)
		}
		w.obey()
		status := *green.rollout.Status.DeepCopy()
		w.advance(green, &status)
		green.rollout = &v1alpha1.ServiceDeployment{Spec: green.rollout.Spec, Status: status}
	}
	return seen
}

// TestWhatServesStays: a revision whose deployment never completed, and that has got the
// production traffic, keeps its tasks and its traffic until the next one takes over.
func TestWhatServesStays(t *testing.T) {
	for name, test := range map[string]struct {
		permille []int32 // of the deployments before the newest
		failed   int64
		serves   int // which of them
	}{
		"it serves":                            {[]int32{1000}, 0, 0},
		"it serves, and its deployment failed": {[]int32{1000}, 1, 0},
		"a canary beside it failed":            {[]int32{1000, 100}, 2, 0},
		"a canary beside it was superseded":    {[]int32{1000, 100}, 0, 0},
		"a failed one and a canary":            {[]int32{1000, 100}, 1, 0},
		"the canary had grown":                 {[]int32{1000, 700}, 0, 1},
		"none has begun":                       {[]int32{0, 0}, 0, -1},
	} {
		t.Run(name, func(t *testing.T) {
			w := standingOf(int64(len(test.permille)+1), types.DeploymentConfiguration{Strategy: types.DeploymentStrategyBlueGreen})
			w.service.Status.Completed, w.service.Status.FailedDeployment = nil, test.failed
			for i, permille := range test.permille {
				w.deployments[i].rollout = &v1alpha1.ServiceDeployment{Status: v1alpha1.ServiceDeploymentStatus{ProductionPermille: permille}}
				w.deployments[i].side, w.deployments[i].traffic = at(4, 4, 4, 4), NoTraffic
			}
			w.plan()
			for i := range test.permille {
				d, wanted, traffic := w.deployments[i], int32(0), NoTraffic
				if i == test.serves {
					wanted, traffic = 4, ProductionTraffic
				}
				if d.side.Wanted != wanted || d.traffic != traffic {
					t.Errorf("deployment %d: %d tasks are wanted, want %d; its traffic is %v", i+1, d.side.Wanted, wanted, d.traffic)
				}
			}
		})
	}
}

func TestBlueGreen(t *testing.T) {
	w := standing(types.DeploymentConfiguration{Strategy: types.DeploymentStrategyBlueGreen, BakeTimeInMinutes: aws.Int32(5)})
	quiet, tested, shifted := [2]Traffic{ProductionTraffic, NoTraffic}, [2]Traffic{ProductionTraffic, TestTraffic}, [2]Traffic{NoTraffic, ProductionTraffic}
	want := []moment{
		{"", 0, 4, quiet},
		{types.ServiceDeploymentLifecycleStagePreScaleUp, 0, 4, quiet},
		{types.ServiceDeploymentLifecycleStageScaleUp, 4, 4, quiet},
		{types.ServiceDeploymentLifecycleStagePostScaleUp, 4, 4, quiet},
		{types.ServiceDeploymentLifecycleStageTestTrafficShift, 4, 4, tested},
		{types.ServiceDeploymentLifecycleStagePostTestTrafficShift, 4, 4, tested},
		{types.ServiceDeploymentLifecycleStageProductionTrafficShift, 4, 4, shifted},
		{types.ServiceDeploymentLifecycleStagePostProductionTrafficShift, 4, 4, shifted},
		{types.ServiceDeploymentLifecycleStageBakeTime, 4, 4, shifted},
	}
	if got := w.play(); !slices.Equal(got, want) {
		t.Errorf("the deployment goes through\n%v, want\n%v", got, want)
	}
	w.now = w.now.Add(5 * time.Minute)
	got := w.play()
	if last := got[len(got)-1]; last != (moment{types.ServiceDeploymentLifecycleStageCleanUp, 4, 0, shifted}) {
		t.Errorf("after the bake time it is at %v", last)
	}
	if w.deployments[0].side.Active != 0 || !w.steady() {
		t.Errorf("the old deployment has %d tasks, and steady is %v", w.deployments[0].side.Active, w.steady())
	}
	w.deployments[0].side.Shrinking = true
	if w.steady() {
		t.Error("the service is steady before the ReplicaSet has stopped the old tasks")
	}
}

func TestCanary(t *testing.T) {
	w := standing(types.DeploymentConfiguration{
		Strategy: types.DeploymentStrategyCanary, BakeTimeInMinutes: aws.Int32(0),
		CanaryConfiguration: &types.CanaryConfiguration{CanaryPercent: aws.Float64(20), CanaryBakeTimeInMinutes: aws.Int32(10)},
	})
	got := w.play()
	if last := got[len(got)-1]; last != (moment{types.ServiceDeploymentLifecycleStageProductionTrafficShift, 1, 4, [2]Traffic{ProductionTraffic, ProductionTraffic}}) {
		t.Errorf("the canary is at %v: want one new task beside four old ones", last)
	}
	w.now = w.now.Add(10 * time.Minute)
	if got := w.play(); got[len(got)-1].stage != types.ServiceDeploymentLifecycleStageCleanUp {
		t.Errorf("after the canary's bake time it is at %v", got[len(got)-1])
	}
}

// TestFirstSideBySide: nothing has completed before, and the deployment before is
// superseded: it serves until the new one does.
func TestFirstSideBySide(t *testing.T) {
	w := standing(types.DeploymentConfiguration{Strategy: types.DeploymentStrategyBlueGreen})
	w.service.Status.Completed = nil
	w.plan()
	if w.deployments[0].traffic != ProductionTraffic {
		t.Error("nothing serves")
	}
}

func TestFrozenSideBySide(t *testing.T) {
	w := standing(types.DeploymentConfiguration{Strategy: types.DeploymentStrategyLinear})
	w.service.Status.FailedDeployment = 2
	w.deployments[0].side, w.deployments[1].side = at(1, 1, 1, 1), at(4, 4, 4, 4)
	w.plan()
	if blue := w.deployments[0]; blue.traffic != ProductionTraffic || blue.side.Wanted != 4 {
		t.Errorf("the old deployment wants %d tasks", blue.side.Wanted)
	}
}

func TestChangedStrategyWaitsForTheNextDeployment(t *testing.T) {
	w := standing(types.DeploymentConfiguration{Strategy: types.DeploymentStrategyRolling})
	w.newest().rollout.Spec.Configuration.Raw = []byte(`{"strategy":"CANARY","canaryConfiguration":{"canaryPercent":20}}`)
	if err := w.keepStrategy(); err != nil || w.rolling() || w.firstPermille() != 200 {
		t.Errorf("the deployment goes on with %s (%v)", w.settings.DeploymentConfiguration.Strategy, err)
	}
}

func TestSharesOfNone(t *testing.T) {
	if green, blue := shares(0, 750); green != 0 || blue != 0 {
		t.Errorf("of no tasks %d and %d are wanted", green, blue)
	}
}

func TestLinearTakesEveryStep(t *testing.T) {
	w := standing(types.DeploymentConfiguration{
		Strategy: types.DeploymentStrategyLinear, BakeTimeInMinutes: aws.Int32(0),
		LinearConfiguration: &types.LinearConfiguration{StepPercent: aws.Float64(25), StepBakeTimeInMinutes: aws.Int32(1)},
	})
	var shares []int32
	for range 5 {
		w.play()
		shares = append(shares, w.newest().rollout.Status.ProductionPermille)
		w.now = w.now.Add(time.Minute)
	}
	if want := []int32{250, 500, 750, 1000, 1000}; !slices.Equal(shares, want) {
		t.Errorf("the shares are %v, want %v", shares, want)
	}
}

func TestPauseHook(t *testing.T) {
	hook := types.DeploymentLifecycleHook{
		TargetType:      types.DeploymentLifecycleHookTargetTypePause,
		LifecycleStages: []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStagePostScaleUp},
		TimeoutConfiguration: &types.DeploymentLifecycleHookTimeoutConfiguration{
			TimeoutInMinutes: aws.Int32(7), Action: types.DeploymentLifecycleHookActionRollback,
		},
	}
	paused := func(t *testing.T) (*world, v1alpha1.LifecycleHook) {
		w := standing(types.DeploymentConfiguration{Strategy: types.DeploymentStrategyBlueGreen, LifecycleHooks: []types.DeploymentLifecycleHook{hook}})
		w.play()
		status := w.newest().rollout.Status
		if status.LifecycleStage != "POST_SCALE_UP" || len(status.Hooks) != 1 || status.Hooks[0].Status != "AWAITING_ACTION" {
			t.Fatalf("the deployment is at %s with hooks %v, want one that waits at POST_SCALE_UP", status.LifecycleStage, status.Hooks)
		}
		return w, status.Hooks[0]
	}
	for name, test := range map[string]struct {
		act    func(*world, v1alpha1.LifecycleHook)
		failed bool
		status string
	}{
		"continued": {func(w *world, h v1alpha1.LifecycleHook) {
			w.newest().rollout.Spec.HookActions = []v1alpha1.HookAction{{ID: h.ID, Action: "CONTINUE"}}
		}, false, "SUCCEEDED"},
		"taken back": {func(w *world, h v1alpha1.LifecycleHook) {
			w.newest().rollout.Spec.HookActions = []v1alpha1.HookAction{{ID: h.ID, Action: "ROLLBACK"}}
		}, true, "FAILED"},
		"timed out": {func(w *world, _ v1alpha1.LifecycleHook) { w.now = w.now.Add(7 * time.Minute) }, true, "TIMED_OUT"},
	} {
		t.Run(name, func(t *testing.T) {
			w, h := paused(t)
			test.act(w, h)
			w.play()
			status := w.newest().rollout.Status
			if status.Hooks[0].Status != test.status || (w.failing() != nil) != test.failed {
				t.Errorf("the hook is %s, and the deployment fails: %v", status.Hooks[0].Status, w.failing() != nil)
			}
			if went := status.LifecycleStage != "POST_SCALE_UP"; went == test.failed {
				t.Errorf("the deployment is at %s", status.LifecycleStage)
			}
		})
	}
}
