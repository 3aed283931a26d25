package translator

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// TestStatusOfARollback: a deployment that failed beside the one before is taken
// back by one write, the service's list. What is there before it does not say that
// it was, and what comes after only remembers.
func TestStatusOfARollback(t *testing.T) {
	entry := func(number int64) v1alpha1.DeploymentEntry { return v1alpha1.DeploymentEntry{Number: number} }
	first, second, third := entry(1), entry(2), entry(3)
	for name, test := range map[string]struct {
		entries    []v1alpha1.DeploymentEntry
		rollbackTo int64
		remembered *v1alpha1.DeploymentEntry
		want       types.ServiceDeploymentStatus
	}{
		"failed, and the old side grows":   {[]v1alpha1.DeploymentEntry{first, second}, 1, nil, types.ServiceDeploymentStatusRollbackInProgress},
		"failed for good":                  {[]v1alpha1.DeploymentEntry{first, second}, 0, nil, types.ServiceDeploymentStatusStopped},
		"made again without a deployment":  {nil, 1, nil, types.ServiceDeploymentStatusStopped},
		"an update came first":             {[]v1alpha1.DeploymentEntry{first, second, third}, 1, nil, types.ServiceDeploymentStatusStopped},
		"taken back, its tasks still go":   {[]v1alpha1.DeploymentEntry{second, first}, 1, nil, types.ServiceDeploymentStatusRollbackInProgress},
		"taken back, and an update after":  {[]v1alpha1.DeploymentEntry{second, first, third}, 1, &first, types.ServiceDeploymentStatusRollbackInProgress},
		"its tasks are gone":               {[]v1alpha1.DeploymentEntry{first}, 1, &first, types.ServiceDeploymentStatusRollbackSuccessful},
		"gone since another one has begun": {[]v1alpha1.DeploymentEntry{first, third}, 1, &first, types.ServiceDeploymentStatusRollbackSuccessful},
	} {
		t.Run(name, func(t *testing.T) {
			svc := &v1alpha1.ECSService{}
			svc.Spec.Deployments = test.entries
			svc.Status = v1alpha1.ECSServiceStatus{Completed: &first, FailedDeployment: 2, RollbackTo: test.rollbackTo}
			failed := &v1alpha1.ServiceDeployment{ObjectMeta: metav1.ObjectMeta{UID: "2"}}
			failed.Spec.DeploymentEntry = second
			failed.Status = v1alpha1.ServiceDeploymentStatus{RollbackTo: test.remembered, FinishedAt: &metav1.MicroTime{}}
			if got := (ServiceView{Service: svc}).ServiceDeploymentStatus(failed); got != test.want {
				t.Errorf("it is %s, want %s", got, test.want)
			}
		})
	}
}

// TestRevisionsAreListedOnce: a rollback beside what is left of the deployment
// whose revision it has.
func TestRevisionsAreListedOnce(t *testing.T) {
	of := func(arn string, requested, running, pending int32) types.ServiceCurrentRevisionSummary {
		return types.ServiceCurrentRevisionSummary{Arn: &arn, RequestedTaskCount: requested, RunningTaskCount: running, PendingTaskCount: pending}
	}
	var list []types.ServiceCurrentRevisionSummary
	for _, summary := range []types.ServiceCurrentRevisionSummary{of("a", 2, 0, 1), of("b", 0, 1, 0), of("a", 0, 1, 0)} {
		list = addRevision(list, summary)
	}
	if len(list) != 2 || *list[0].Arn != "a" || list[0].RequestedTaskCount != 2 || list[0].RunningTaskCount != 1 || list[0].PendingTaskCount != 1 {
		t.Errorf("the revisions are %+v, want a with 2, 1 and 1, and b", list)
	}
}

// TestFailedWithNothingToGoBackTo: a first deployment that fails, or that somebody
// takes back.
func TestFailedWithNothingToGoBackTo(t *testing.T) {
	ended := metav1.NewMicroTime(time.Unix(100, 0))
	breaker := func(rollback string) string {
		return `{"deploymentCircuitBreaker":{"enable":true,"rollback":` + rollback + `}}`
	}
	hookFailed := []v1alpha1.LifecycleHook{{Key: "POST_SCALE_UP/0", Status: string(types.DeploymentLifecycleHookStatusFailed)}}
	for name, test := range map[string]struct {
		configuration string
		stop          types.StopServiceDeploymentStopType
		hooks         []v1alpha1.LifecycleHook
		want          types.ServiceDeploymentStatus
	}{
		"the circuit breaker takes it back":    {breaker("true"), "", nil, types.ServiceDeploymentStatusRollbackFailed},
		"the circuit breaker only stops it":    {breaker("false"), "", nil, types.ServiceDeploymentStatusStopped},
		"somebody takes it back":               {"{}", types.StopServiceDeploymentStopTypeRollback, nil, types.ServiceDeploymentStatusRollbackFailed},
		"somebody stops it":                    {breaker("true"), types.StopServiceDeploymentStopTypeAbort, nil, types.ServiceDeploymentStatusStopped},
		"a hook that failed, or said ROLLBACK": {"{}", "", hookFailed, types.ServiceDeploymentStatusRollbackFailed},
	} {
		t.Run(name, func(t *testing.T) {
			entry := v1alpha1.DeploymentEntry{Number: 1, RevisionNumber: 1}
			rollout := &v1alpha1.ServiceDeployment{
				ObjectMeta: metav1.ObjectMeta{UID: "r"},
				Spec:       v1alpha1.ServiceDeploymentSpec{DeploymentEntry: entry, Stop: string(test.stop), Configuration: runtime.RawExtension{Raw: []byte(test.configuration)}},
				Status:     v1alpha1.ServiceDeploymentStatus{RolloutState: string(types.DeploymentRolloutStateFailed), FinishedAt: &ended, Hooks: test.hooks},
			}
			v := ServiceView{
				Service: &v1alpha1.ECSService{Spec: v1alpha1.ECSServiceSpec{
					Deployments: []v1alpha1.DeploymentEntry{entry}, Definition: runtime.RawExtension{Raw: []byte("{}")},
				}},
				Rollouts: []*v1alpha1.ServiceDeployment{rollout},
			}
			d := types.ServiceDeployment{}
			v.tellRollback(rollout, &d)
			if got := v.ServiceDeploymentStatus(rollout); got != test.want || (d.StatusReason != nil) != (test.want == types.ServiceDeploymentStatusRollbackFailed) {
				t.Errorf("status %s, reason %v, want %s", got, d.StatusReason, test.want)
			}
		})
	}
}

// TestWhoseDeploymentServes: what takes a failed deployment back belongs to that
// one, however it was taken back.
func TestWhoseDeploymentServes(t *testing.T) {
	back := &v1alpha1.RollbackEntry{Of: 2, To: 1}
	for name, test := range map[string]struct {
		entry  v1alpha1.DeploymentEntry
		status v1alpha1.ECSServiceStatus
		want   int64
	}{
		"an update":       {v1alpha1.DeploymentEntry{Number: 2}, v1alpha1.ECSServiceStatus{}, 2},
		"one that failed": {v1alpha1.DeploymentEntry{Number: 2}, v1alpha1.ECSServiceStatus{FailedDeployment: 2, RollbackTo: 1}, 2},
		"a rollback with a deployment of its own": {v1alpha1.DeploymentEntry{Number: 3, Rollback: back}, v1alpha1.ECSServiceStatus{FailedDeployment: 2, RollbackTo: 1}, 2},
		"the one that stood beside":               {v1alpha1.DeploymentEntry{Number: 1}, v1alpha1.ECSServiceStatus{FailedDeployment: 2, RollbackTo: 1}, 2},
		"a rollback that stood beside":            {v1alpha1.DeploymentEntry{Number: 3, Rollback: back}, v1alpha1.ECSServiceStatus{FailedDeployment: 4, RollbackTo: 3}, 4},
		"an update after a rollback":              {v1alpha1.DeploymentEntry{Number: 4}, v1alpha1.ECSServiceStatus{FailedDeployment: 2, RollbackTo: 1}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			v := ServiceView{Service: &v1alpha1.ECSService{Status: test.status}}
			if got := v.reported(test.entry); got != test.want {
				t.Errorf("it belongs to deployment %d, want %d", got, test.want)
			}
		})
	}
}

// TestTrafficAfterARollback: the deployment that was taken back has none, whatever it
// had before.
func TestTrafficAfterARollback(t *testing.T) {
	for name, test := range map[string]struct {
		takenBack *v1alpha1.DeploymentEntry
		want      float64
	}{
		"in the middle of it": {nil, 12.5},
		"taken back":          {&v1alpha1.DeploymentEntry{Number: 1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			rollout := &v1alpha1.ServiceDeployment{Status: v1alpha1.ServiceDeploymentStatus{
				LifecycleStage: "PRODUCTION_TRAFFIC_SHIFT", ProductionPermille: 125, RollbackTo: test.takenBack,
			}}
			rollout.Spec.Number, rollout.Spec.Sources = 2, []v1alpha1.DeploymentEntry{{Number: 1}}
			d := types.ServiceDeployment{TargetServiceRevision: &types.ServiceRevisionSummary{}, SourceServiceRevisions: make([]types.ServiceRevisionSummary, 1)}
			ServiceView{Service: &v1alpha1.ECSService{}}.tellStage(rollout, &d)
			target, source := *d.TargetServiceRevision.RequestedProductionTrafficWeight, *d.SourceServiceRevisions[0].RequestedProductionTrafficWeight
			if target != test.want || source != 100-test.want {
				t.Errorf("the target has %v %%, the source %v %%, want %v %%", target, source, test.want)
			}
		})
	}
}

// TestCountsOfARevision: after a rollback the tasks of the source's revision are
// those of another deployment.
func TestCountsOfARevision(t *testing.T) {
	source := v1alpha1.DeploymentEntry{Number: 1, RevisionNumber: 1}
	v := ServiceView{Service: &v1alpha1.ECSService{Spec: v1alpha1.ECSServiceSpec{
		Deployments: []v1alpha1.DeploymentEntry{{Number: 2, RevisionNumber: 2}, {Number: 3, RevisionNumber: 1}},
	}}}
	counts := map[int64]TaskCounts{1: {Running: 1, Active: 1}, 2: {Pending: 5, Active: 5}, 3: {Running: 2, Pending: 1, Active: 3}}
	if got, want := v.countsOfRevision(source, counts), (TaskCounts{Running: 3, Pending: 1, Active: 4}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
}

// TestTrafficOfTwoSources: of two older deployments one has the traffic, so that all
// shares together are the whole.
func TestTrafficOfTwoSources(t *testing.T) {
	share := func(number int64, permille int32) *v1alpha1.ServiceDeployment {
		r := &v1alpha1.ServiceDeployment{Status: v1alpha1.ServiceDeploymentStatus{ProductionPermille: permille}}
		r.Spec.Number = number
		return r
	}
	for name, test := range map[string]struct {
		completed *v1alpha1.DeploymentEntry
		rollouts  []*v1alpha1.ServiceDeployment
		want      []float64
	}{
		"the first completed":             {&v1alpha1.DeploymentEntry{Number: 1}, []*v1alpha1.ServiceDeployment{share(1, 1000), share(2, 250)}, []float64{75, 0}},
		"none has, the second has shares": {nil, []*v1alpha1.ServiceDeployment{share(1, 0), share(2, 1000)}, []float64{0, 75}},
		"only the newest is known":        {nil, nil, []float64{0, 75}},
	} {
		t.Run(name, func(t *testing.T) {
			rollout := share(3, 250)
			rollout.Status.LifecycleStage = "PRODUCTION_TRAFFIC_SHIFT"
			rollout.Spec.Sources = []v1alpha1.DeploymentEntry{{Number: 1}, {Number: 2}}
			d := types.ServiceDeployment{TargetServiceRevision: &types.ServiceRevisionSummary{}, SourceServiceRevisions: make([]types.ServiceRevisionSummary, 2)}
			ServiceView{Service: &v1alpha1.ECSService{Status: v1alpha1.ECSServiceStatus{Completed: test.completed}}, Rollouts: test.rollouts}.tellStage(rollout, &d)
			got := []float64{*d.SourceServiceRevisions[0].RequestedProductionTrafficWeight, *d.SourceServiceRevisions[1].RequestedProductionTrafficWeight}
			if *d.TargetServiceRevision.RequestedProductionTrafficWeight != 25 || !slices.Equal(got, test.want) {
				t.Errorf("the sources have %v, want %v", got, test.want)
			}
		})
	}
}

// TestTestTraffic: it is told from its shift on, where a rule sends it.
func TestTestTraffic(t *testing.T) {
	ruled := `{"loadBalancers":[{"targetGroupArn":"tg","advancedConfiguration":{"testListenerRule":"rule"}}]}`
	for name, test := range map[string]struct {
		stage, inputs string
		want          *float64
	}{
		"before the shift": {"POST_SCALE_UP", ruled, nil},
		"from it on":       {"TEST_TRAFFIC_SHIFT", ruled, aws.Float64(100)},
		"without a rule":   {"TEST_TRAFFIC_SHIFT", `{}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			rollout := &v1alpha1.ServiceDeployment{Status: v1alpha1.ServiceDeploymentStatus{LifecycleStage: test.stage}}
			rollout.Spec.Revision = "r"
			v := ServiceView{Service: &v1alpha1.ECSService{}, Revisions: map[string]*v1alpha1.ServiceRevision{
				"r": {Spec: v1alpha1.ServiceRevisionSpec{Inputs: runtime.RawExtension{Raw: []byte(test.inputs)}}},
			}}
			d := types.ServiceDeployment{TargetServiceRevision: &types.ServiceRevisionSummary{}}
			v.tellStage(rollout, &d)
			if got := d.TargetServiceRevision.RequestedTestTrafficWeight; (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
				t.Errorf("the target has %v of the test traffic", got)
			}
		})
	}
}
