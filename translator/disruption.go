package translator

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// matchDisrupted ignores a condition that came after the containers had ended:
// a drain marks finished pods too.
func matchDisrupted(f *facts) (Stop, bool) {
	condition := PodCondition(f.pod, corev1.DisruptionTarget)
	if condition == nil || condition.Status != corev1.ConditionTrue {
		return Stop{}, false
	}
	if end := f.state.EndedAt(); f.state.Terminal() && !end.IsZero() && condition.LastTransitionTime.Time.After(end) {
		return Stop{}, false
	}
	return f.disruption(condition.Reason), true
}

// disruption says what ECS calls it when a task must leave its host.
//
// Kubernetes' reasons are those for which the host goes (DeletionByTaintManager,
// DeletionByPodGC) and those for which the task is told to go
// (EvictionByEvictionAPI, PreemptionByScheduler, TerminationByKubelet). On ECS
//   - a FARGATE_SPOT task is interrupted, whatever the cause;
//   - a task on Fargate has no host that its user knows: it stops for maintenance,
//     the service scheduler's doing where it is a service's (seen), and announced
//     by a termination notice where it is not (Developer Guide, task maintenance:
//     standalone tasks are stopped and nobody replaces them);
//   - DRAINING moves a service's tasks to other instances and leaves standalone
//     ones alone until their host ends (API reference,
//     UpdateContainerInstancesState): what a Kubernetes drain does to one comes
//     closest to that end.
func (f *facts) disruption(reason string) Stop {
	hostEnds := reason == "DeletionByTaintManager" || reason == "DeletionByPodGC"
	switch {
	case f.capacityProvider() == fargateSpot:
		return Stop{Code: types.TaskStopCodeSpotInterruption, Reason: ReasonSpotInterrupted}
	case f.inService() && !(hostEnds && !f.fargate):
		return Stop{Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: ReasonMaintenance}
	case f.fargate:
		return Stop{Code: types.TaskStopCodeTerminationNotice, Reason: ReasonMaintenance}
	default:
		return Stop{
			Code:   types.TaskStopCodeTerminationNotice,
			Reason: "Host EC2 (instance " + f.pod.Spec.NodeName + ") terminated.",
		}
	}
}

const fargateSpot = "FARGATE_SPOT"

// capacityProvider is the one that the task was placed by, "" where none was.
func (f *facts) capacityProvider() string {
	if provider := f.pod.Annotations[v1alpha1.CapacityProviderAnnotation]; provider != "" {
		return provider // the task's own, of a strategy with several
	}
	var task types.Task
	if awsjson.Unmarshal([]byte(f.pod.Annotations[v1alpha1.TaskAnnotation]), &task) != nil {
		return "" // nothing else tells it
	}
	return aws.ToString(task.CapacityProviderName)
}
