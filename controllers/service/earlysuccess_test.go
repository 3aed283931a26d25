package service

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	appsv1 "k8s.io/api/apps/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func TestEarlySuccess(t *testing.T) {
	for name, test := range map[string]struct {
		cleanup  types.ServiceRevisionCleanup
		old, new Side
		failed   bool
		want     bool
	}{
		"half are healthy, the old are there": {types.ServiceRevisionCleanupDeferred, at(2, 2, 2, 2), at(4, 4, 4, 2), false, true},
		"fewer are healthy":                   {types.ServiceRevisionCleanupDeferred, at(2, 2, 2, 2), at(4, 4, 4, 1), false, false},
		"the old have to go first":            {types.ServiceRevisionCleanupBlocking, at(2, 2, 2, 2), at(4, 4, 4, 2), false, false},
		"the old are gone":                    {types.ServiceRevisionCleanupBlocking, Side{}, at(4, 4, 4, 2), false, true},
		"it has failed":                       {types.ServiceRevisionCleanupDeferred, Side{}, at(4, 4, 4, 2), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := standing(types.DeploymentConfiguration{
				Strategy: types.DeploymentStrategyRolling, EarlySuccessCriteria: &types.DeploymentEarlySuccessCriteria{
					Enable: true, HealthyPercent: aws.Int32(50), SourceServiceRevisionCleanup: test.cleanup,
				},
			})
			w.deployments[0].side, w.deployments[1].side = test.old, test.new
			w.newest().object = &appsv1.Deployment{}
			status := w.service.Status
			if test.failed {
				status.FailedDeployment = 2
			}
			r := &ring{service: "web", now: w.now}
			w.tellCompleted(r, &status)
			if done := status.Completed.Number == 2; done != test.want || done != (len(r.events) == 1) {
				t.Errorf("completed is %v, with %d events", status.Completed, len(r.events))
			}
			w.service.Status = status
			if w.plan(); test.want && (w.newest().side.Wanted != 4 || w.deployments[0].side.Wanted != 0) {
				t.Errorf("afterwards the sides want %d and %d", w.deployments[0].side.Wanted, w.newest().side.Wanted)
			}
		})
	}
}

// TestCompletedOnce: what completed early says so no second time when the service
// is steady.
func TestCompletedOnce(t *testing.T) {
	w := standing(types.DeploymentConfiguration{Strategy: types.DeploymentStrategyRolling})
	w.deployments[0].side, w.deployments[1].side = Side{}, at(4, 4, 4, 4)
	status := v1alpha1.ECSServiceStatus{Completed: &v1alpha1.DeploymentEntry{Number: 2}}
	r := &ring{service: "web", now: w.now}
	w.tellCompleted(r, &status)
	if len(r.events) != 0 {
		t.Errorf("the events are %v", r.events)
	}
}
