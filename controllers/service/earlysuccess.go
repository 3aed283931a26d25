package service

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// earlySuccess says whether a rolling deployment is complete before the service is
// steady: as many of its tasks as its configuration names are healthy, and where
// that says BLOCKING the old tasks are gone (Developer Guide, early success
// criteria). The tasks that are missing come by scaling, and the circuit breaker
// looks at them no more. One that has failed by now has failed.
func (w *world) earlySuccess(status *v1alpha1.ECSServiceStatus) bool {
	newest, early := w.newest(), w.settings.DeploymentConfiguration.EarlySuccessCriteria
	if early == nil || !early.Enable || !w.rolling() || newest.rollout == nil || newest.object == nil ||
		status.FailedDeployment == newest.entry.Number || w.stateOf(newest) != types.DeploymentRolloutStateInProgress {
		return false
	}
	enough, _ := translator.Limits(w.desired(), aws.ToInt32(early.HealthyPercent), 0) // rounded up
	if newest.side.Healthy < enough {
		return false
	}
	if early.SourceServiceRevisionCleanup == types.ServiceRevisionCleanupDeferred {
		return true
	}
	return w.replaced()
}
