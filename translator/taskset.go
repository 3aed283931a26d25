package translator

import (
	"fmt"
	"math"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// ECS's task set states (API reference, TaskSet.status).
const (
	TaskSetPrimary  = "PRIMARY"
	TaskSetActive   = "ACTIVE"
	TaskSetDraining = "DRAINING"
)

// UsesTaskSets says whether a service's deployments are task sets: somebody else
// than ECS makes, scales and deletes them (API reference, DeploymentController).
func UsesTaskSets(settings *types.Service) bool {
	controller := settings.DeploymentController
	return controller != nil && (controller.Type == types.DeploymentControllerTypeExternal || controller.Type == types.DeploymentControllerTypeCodeDeploy)
}

// TaskSetMembers are the members of ECS's TaskSet that a task set keeps; none of
// a deployment that is no task set.
func TaskSetMembers(entry v1alpha1.DeploymentEntry) (types.TaskSet, error) {
	set := types.TaskSet{}
	if entry.TaskSet == nil {
		return set, nil
	}
	if err := awsjson.Unmarshal(entry.TaskSet.Definition.Raw, &set); err != nil {
		return set, fmt.Errorf("decode task set %d: %w", entry.Number, err)
	}
	return set, nil
}

// TaskSetStatus is ECS's status of a task set. Those of a service that was deleted
// drain with it.
func TaskSetStatus(svc *v1alpha1.ECSService, entry v1alpha1.DeploymentEntry) string {
	switch {
	case svc.Spec.DeletedAt != nil, entry.TaskSet == nil, entry.TaskSet.DeletedAt != nil:
		return TaskSetDraining
	case svc.Spec.PrimaryTaskSet == entry.Number:
		return TaskSetPrimary
	}
	return TaskSetActive
}

// ComputedDesiredCount is how many tasks a task set is to run: its share of the
// service's desired count, rounded up (API reference, TaskSet.computedDesiredCount);
// none once it drains.
func ComputedDesiredCount(svc *v1alpha1.ECSService, entry v1alpha1.DeploymentEntry, scale *types.Scale) int32 {
	if scale == nil || TaskSetStatus(svc, entry) == TaskSetDraining {
		return 0
	}
	// A share that is a whole number stays one, whatever its binary fraction.
	return int32(math.Ceil(math.Round(float64(svc.Spec.DesiredCount)*scale.Value*1e4) / 1e6))
}

// taskSets lists a service's task sets in place of its deployments.
func (v ServiceView) taskSets(svc *types.Service) error {
	svc.TaskSets = []types.TaskSet{}
	if aws.ToString(svc.Status) == ServiceInactive {
		return nil
	}
	if err := takePrimary(svc, v.Service.Spec); err != nil {
		return err
	}
	var err error
	svc.TaskSets, err = v.TaskSets()
	return err
}

// TaskSets are ECS's TaskSets of the service, oldest first.
func (v ServiceView) TaskSets() ([]types.TaskSet, error) {
	sets, counts := []types.TaskSet{}, v.Counts()
	for _, entry := range v.Service.Spec.Deployments {
		set, err := v.taskSet(entry, counts[entry.Number])
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}

func (v ServiceView) taskSet(entry v1alpha1.DeploymentEntry, counts TaskCounts) (types.TaskSet, error) {
	set, err := TaskSetMembers(entry)
	if err != nil {
		return set, err
	}
	spec, id := v.Service.Spec, v.IDs.Deployment(entry.Number)
	set.Id, set.TaskSetArn = &id, aws.String(arn.TaskSet(spec.Identity, spec.Cluster, spec.Name, id))
	set.ServiceArn = aws.String(arn.Service(spec.Identity, spec.Cluster, spec.Name))
	set.ClusterArn = aws.String(arn.Cluster(spec.Identity, spec.Cluster))
	set.Status = aws.String(TaskSetStatus(v.Service, entry))
	set.ComputedDesiredCount = ComputedDesiredCount(v.Service, entry, set.Scale)
	set.RunningCount, set.PendingCount = counts.Running, counts.Pending
	set.CreatedAt = aws.Time(entry.RequestedAt.Time)
	v.tellStability(entry, &set)
	return set, nil
}

// tellStability says whether the task set has come to rest. That it has is
// written by the controller, with an event; a call that has changed the count
// since is seen at once (API reference, TaskSet.stabilityStatus).
func (v ServiceView) tellStability(entry v1alpha1.DeploymentEntry, set *types.TaskSet) {
	updated := entry.RequestedAt.Time
	if entry.TaskSet != nil {
		updated = entry.TaskSet.UpdatedAt.Time
	}
	set.StabilityStatus, set.StabilityStatusAt, set.UpdatedAt = types.StabilityStatusStabilizing, aws.Time(updated), aws.Time(updated)
	state, known := TaskSetStateOf(v.Service, entry.Number)
	if !known {
		return
	}
	settled := set.RunningCount == set.ComputedDesiredCount && set.PendingCount == 0
	set.UpdatedAt = aws.Time(latest(updated, state.StableAt.Time))
	switch {
	case !state.Stable:
		set.StabilityStatusAt = aws.Time(state.StableAt.Time)
	case settled && state.ComputedDesiredCount == set.ComputedDesiredCount:
		set.StabilityStatus, set.StabilityStatusAt = types.StabilityStatusSteadyState, aws.Time(state.StableAt.Time)
	}
}

// TaskSetStateOf is what the controller wrote last of a task set.
func TaskSetStateOf(svc *v1alpha1.ECSService, number int64) (v1alpha1.TaskSetState, bool) {
	i := slices.IndexFunc(svc.Status.TaskSets, func(s v1alpha1.TaskSetState) bool { return s.Number == number })
	if i < 0 {
		return v1alpha1.TaskSetState{}, false
	}
	return svc.Status.TaskSets[i], true
}

// NewTaskSetState is what is said of a task set before the controller has looked at it.
func NewTaskSetState(entry v1alpha1.DeploymentEntry) v1alpha1.TaskSetState {
	return v1alpha1.TaskSetState{Number: entry.Number, StableAt: entry.RequestedAt}
}

// ServiceStrategies are the items of all capacity provider strategies by which a
// service's tasks are placed.
func ServiceStrategies(svc *v1alpha1.ECSService) ([]types.CapacityProviderStrategyItem, error) {
	settings, err := ServiceSettings(svc)
	if err != nil {
		return nil, err
	}
	items := slices.Clone(settings.CapacityProviderStrategy)
	for _, entry := range svc.Spec.Deployments {
		set, err := TaskSetMembers(entry)
		if err != nil {
			return nil, err
		}
		items = append(items, set.CapacityProviderStrategy...)
	}
	return items, nil
}

// takePrimary gives the service the members of its primary task set. Without one
// it has those that it was created with (Developer Guide, external deployment).
func takePrimary(svc *types.Service, spec v1alpha1.ECSServiceSpec) error {
	for _, entry := range spec.Deployments {
		if entry.Number != spec.PrimaryTaskSet || entry.TaskSet == nil {
			continue
		}
		set, err := TaskSetMembers(entry)
		if err != nil {
			return err
		}
		svc.TaskDefinition = set.TaskDefinition
		svc.LaunchType, svc.CapacityProviderStrategy = set.LaunchType, set.CapacityProviderStrategy
		svc.PlatformVersion, svc.PlatformFamily = set.PlatformVersion, set.PlatformFamily
		svc.NetworkConfiguration = set.NetworkConfiguration
		svc.LoadBalancers, svc.ServiceRegistries = set.LoadBalancers, set.ServiceRegistries
	}
	return nil
}
