package translator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// ServiceSettings are the members of ECS's Service that the service keeps.
func ServiceSettings(svc *v1alpha1.ECSService) (types.Service, error) {
	settings := types.Service{}
	if err := awsjson.Unmarshal(svc.Spec.Definition.Raw, &settings); err != nil {
		return settings, fmt.Errorf("decode service %s: %w", svc.Spec.Name, err)
	}
	if settings.DeploymentConfiguration == nil {
		settings.DeploymentConfiguration = &types.DeploymentConfiguration{}
	}
	// A service that ECS does not deploy has none.
	if breaker := settings.DeploymentConfiguration.DeploymentCircuitBreaker; breaker != nil {
		settings.DeploymentConfiguration.DeploymentCircuitBreaker = completeBreaker(breaker)
	}
	return settings, nil
}

// RolloutState is the rollout state of one of the service's deployments. The
// service's status says in the same moment as its events that one completed or
// failed; the deployment's own status follows, and remembers.
func RolloutState(svc *v1alpha1.ECSService, entry v1alpha1.DeploymentEntry, rollout *v1alpha1.ServiceDeployment) types.DeploymentRolloutState {
	switch completed := svc.Status.Completed; {
	case completed != nil && completed.Number == entry.Number:
		return types.DeploymentRolloutStateCompleted
	case svc.Status.FailedDeployment == entry.Number:
		return types.DeploymentRolloutStateFailed
	case rollout != nil && rollout.Status.RolloutState != "":
		return types.DeploymentRolloutState(rollout.Status.RolloutState)
	}
	return types.DeploymentRolloutStateInProgress
}

// Rolling says whether a deployment takes over from the one before task by task;
// else two stand side by side. One that takes another back has no side to turn to:
// it goes through no stages and hooks, whatever the strategy.
func Rolling(entry v1alpha1.DeploymentEntry, config *types.DeploymentConfiguration) bool {
	return entry.Rollback != nil || config.Strategy == "" || config.Strategy == types.DeploymentStrategyRolling
}

// ServiceRolls is Rolling for the newest deployment of a service, by the configuration
// that it began with; rollout is nil where it has not begun.
func ServiceRolls(svc *v1alpha1.ECSService, newest v1alpha1.DeploymentEntry, rollout *v1alpha1.ServiceDeployment) (bool, error) {
	settings, err := ServiceSettings(svc)
	if err != nil {
		return false, err
	}
	config, err := ConfigurationOf(rollout, settings.DeploymentConfiguration)
	return err == nil && Rolling(newest, config), err
}

// ServesBefore is which of the deployments, the oldest first, has the production traffic
// beside a newer one: the last that completed, or where none has, the newest that was
// given most of it or takes another back, or else some. One that failed gave it back, if
// another could take it. It is -1 without one.
func ServesBefore(svc *v1alpha1.ECSService, older []v1alpha1.DeploymentEntry, rollouts map[int64]*v1alpha1.ServiceDeployment) int {
	share := func(e v1alpha1.DeploymentEntry) int32 {
		if r := rollouts[e.Number]; r != nil {
			return r.Status.ProductionPermille
		}
		return 0
	}
	failed := func(e v1alpha1.DeploymentEntry) bool {
		return RolloutState(svc, e, rollouts[e.Number]) == types.DeploymentRolloutStateFailed
	}
	for _, serves := range []func(v1alpha1.DeploymentEntry) bool{
		func(e v1alpha1.DeploymentEntry) bool {
			return svc.Status.Completed != nil && e.Number == svc.Status.Completed.Number
		},
		func(e v1alpha1.DeploymentEntry) bool {
			return !failed(e) && (e.Rollback != nil || share(e) > WholePermille)
		},
		func(e v1alpha1.DeploymentEntry) bool { return share(e) > WholePermille },
		func(e v1alpha1.DeploymentEntry) bool { return !failed(e) && share(e) > 0 },
		func(e v1alpha1.DeploymentEntry) bool { return share(e) > 0 },
	} {
		for i, e := range slices.Backward(older) {
			if serves(e) {
				return i
			}
		}
	}
	return -1
}

// WholePermille is up to which share of the new deployment the old one has all tasks.
const WholePermille = 500

// Bridges says whether a deployment that is over has to serve on: it was given more than
// half of the traffic, and the one before, which was made smaller for that, has so many
// tasks of those that are desired.
func Bridges(rollout *v1alpha1.ServiceDeployment, tasks, desired int32) bool {
	return rollout != nil && rollout.Status.ProductionPermille > WholePermille && tasks < desired
}

// TakenBackTo is the deployment that serves again in the place of another one, which
// stood beside it: it comes after a newer one in the service's list. nil where none does.
func TakenBackTo(svc *v1alpha1.ECSService, number int64) *v1alpha1.DeploymentEntry {
	entries := svc.Spec.Deployments
	at := slices.IndexFunc(entries, func(entry v1alpha1.DeploymentEntry) bool { return entry.Number == number })
	if at < 0 {
		return nil
	}
	for i := range entries[at:] {
		if entry := &entries[at+i]; entry.Number < number {
			return entry.DeepCopy()
		}
	}
	return nil
}

// RolloutReason is ECS's text for a rollout's state (texts seen in EventBridge
// events of the Developer Guide and in recordings); id makes a deployment's id
// of its number. What ECS says of a deployment that a lifecycle hook ended is not known:
// the text follows the others.
func RolloutReason(state types.DeploymentRolloutState, entry v1alpha1.DeploymentEntry, rollout *v1alpha1.ServiceDeployment, id func(number int64) string) string {
	switch state {
	case types.DeploymentRolloutStateCompleted:
		return "ECS deployment " + id(entry.Number) + " completed."
	case types.DeploymentRolloutStateFailed:
		switch {
		case rollout != nil && rollout.Spec.Stop != "":
			return "ECS deployment failed." // beside the event "deployment failure." (public reports)
		case HookFailed(rollout):
			return "ECS deployment failed: hook execution failure(s) detected."
		}
		return "ECS deployment circuit breaker: tasks failed to start."
	case types.DeploymentRolloutStateInProgress:
	}
	if entry.Rollback != nil {
		cause := "circuit breaker"
		if entry.Rollback.Stopped {
			cause = "stopped"
		}
		return "ECS deployment " + cause + ": rolling back to deploymentId " + id(entry.Rollback.To) + "."
	}
	return "ECS deployment " + id(entry.Number) + " in progress."
}

// HookPassed says whether a lifecycle hook lets its deployment go on.
func HookPassed(hook v1alpha1.LifecycleHook) bool {
	return hook.Status == string(types.DeploymentLifecycleHookStatusSucceeded) ||
		hook.Status == string(types.DeploymentLifecycleHookStatusTimedOut) && hook.TimeoutAction == string(types.DeploymentLifecycleHookActionContinue)
}

// HookFailed says whether a lifecycle hook has ended the deployment.
func HookFailed(rollout *v1alpha1.ServiceDeployment) bool { return failedHook(rollout) >= 0 }

func failedHook(rollout *v1alpha1.ServiceDeployment) int {
	if rollout == nil {
		return -1
	}
	return slices.IndexFunc(rollout.Status.Hooks, func(hook v1alpha1.LifecycleHook) bool {
		return hook.Status != string(types.DeploymentLifecycleHookStatusAwaitingAction) && !HookPassed(hook)
	})
}

// HookReason says that a lifecycle hook has ended the deployment, as the deployment's
// status reason and the service's event do (public reports); empty where none has.
func HookReason(rollout *v1alpha1.ServiceDeployment) string {
	i := failedHook(rollout)
	if i < 0 {
		return ""
	}
	stage, _, _ := strings.Cut(rollout.Status.Hooks[i].Key, "/")
	return "Service deployment rolled back because " + stage + " lifecycle hook(s) failed."
}
