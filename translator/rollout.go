package translator

import (
	"fmt"

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

// RolloutReason is ECS's text for a rollout's state (texts seen in EventBridge
// events of the Developer Guide and in recordings); id makes a deployment's id
// of its number. What ECS says of a deployment that a user stopped is not known:
// the text follows the others.
func RolloutReason(state types.DeploymentRolloutState, entry v1alpha1.DeploymentEntry, rollout *v1alpha1.ServiceDeployment, id func(number int64) string) string {
	switch state {
	case types.DeploymentRolloutStateCompleted:
		return "ECS deployment " + id(entry.Number) + " completed."
	case types.DeploymentRolloutStateFailed:
		if rollout != nil && rollout.Spec.Stop != "" {
			return "ECS deployment " + id(entry.Number) + " stopped."
		}
		return "ECS deployment circuit breaker: tasks failed to start."
	case types.DeploymentRolloutStateInProgress:
	}
	if entry.Rollback != nil {
		return "ECS deployment circuit breaker: rolling back to deploymentId " + id(entry.Rollback.To) + "."
	}
	return "ECS deployment " + id(entry.Number) + " in progress."
}
