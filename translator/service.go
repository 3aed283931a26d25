package translator

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// ECS's service states.
const (
	ServiceActive   = "ACTIVE"
	ServiceDraining = "DRAINING"
	ServiceInactive = "INACTIVE"
)

// ServiceIDs makes the ids of a service's deployments.
type ServiceIDs struct {
	// Deployment, ServiceDeployment and Revision take a deployment's number.
	Deployment, ServiceDeployment, Revision func(number int64) string
}

// ServiceView is all that a service's answers come from.
type ServiceView struct {
	Service *v1alpha1.ECSService
	// Rollouts are the service's deployments that are recorded, in no order.
	Rollouts []*v1alpha1.ServiceDeployment
	// Revisions are the service's, by object name.
	Revisions map[string]*v1alpha1.ServiceRevision
	// Deployments are those of the service's deployments that there are, in no order.
	Deployments []*appsv1.Deployment
	// Pods are all pods of tasks of the service's name.
	Pods []*corev1.Pod
	IDs  ServiceIDs
}

// TaskCounts counts the tasks of one deployment, or of all.
type TaskCounts struct{ Running, Pending, Active int32 }

// Counts counts tasks by the state derived from their pods, for each deployment
// number; those that are to stop count no more, and those that yield are none that
// the deployment wants.
func (v ServiceView) Counts() map[int64]TaskCounts {
	counts := map[int64]TaskCounts{}
	for _, pod := range v.Pods {
		number, ok := DeploymentNumber(pod)
		if !ok {
			continue
		}
		c, state := counts[number], Observe(pod)
		if state.Stopping() {
			continue
		}
		if !state.Yields() {
			c.Active++
		}
		if state.Running() {
			c.Running++
		} else {
			c.Pending++
		}
		counts[number] = c
	}
	return counts
}

// Status is ACTIVE, DRAINING while tasks are left that do not stop yet or may still
// be started, as by a controller that does not know of the deletion yet; then INACTIVE.
func (v ServiceView) Status() string {
	if v.Service.Spec.DeletedAt == nil {
		return ServiceActive
	}
	if v.Service.Status.ObservedGeneration < v.Service.Generation || slices.ContainsFunc(v.Service.Spec.Deployments, v.mayStart) {
		return ServiceDraining
	}
	for _, c := range v.Counts() {
		if c.Active > 0 || c.Running > 0 {
			return ServiceDraining
		}
	}
	return ServiceInactive
}

// mayStart says whether tasks of a deployment may still be started: its Deployment
// asks for some, or what it was last asked for is not done.
func (v ServiceView) mayStart(entry v1alpha1.DeploymentEntry) bool {
	return slices.ContainsFunc(v.Deployments, func(d *appsv1.Deployment) bool {
		return d.Labels[v1alpha1.DeploymentLabel] == strconv.FormatInt(entry.Number, 10) && (*d.Spec.Replicas > 0 || Shrinking(d))
	})
}

// ServiceFrom makes ECS's Service. It is the same in the answers of all calls.
func ServiceFrom(v ServiceView) (types.Service, error) {
	spec := v.Service.Spec
	svc, err := ServiceSettings(v.Service)
	if err != nil {
		return svc, err
	}
	svc.ServiceArn = aws.String(arn.Service(spec.Identity, spec.Cluster, spec.Name))
	svc.ServiceName = aws.String(spec.Name)
	svc.ClusterArn = aws.String(arn.Cluster(spec.Identity, spec.Cluster))
	svc.Status = aws.String(v.Status())
	svc.DesiredCount = spec.DesiredCount
	svc.CreatedAt = aws.Time(spec.CreatedAt.Time)
	svc.CreatedBy = aws.String(spec.CreatedBy)
	svc.Events = serviceEvents(v.Service.Status.Events, spec.CreatedAt.Time)
	svc.Deployments = []types.Deployment{}
	counts := v.Counts()
	for _, c := range counts {
		svc.RunningCount += c.Running
		svc.PendingCount += c.Pending
	}
	if UsesTaskSets(&svc) {
		err = v.taskSets(&svc)
		return svc, err
	}
	err = v.deployments(&svc, counts)
	if aws.ToString(svc.Status) == ServiceInactive {
		svc.Deployments, svc.CurrentServiceRevisions, svc.CurrentServiceDeployment = []types.Deployment{}, nil, nil
	}
	return svc, err
}

// deployments lists the newest deployment, PRIMARY, and the older ones that
// still have tasks, ACTIVE; newest first.
func (v ServiceView) deployments(svc *types.Service, counts map[int64]TaskCounts) error {
	spec := v.Service.Spec
	rollouts := v.byNumber()
	if len(spec.Deployments) == 0 {
		return nil // somebody has taken them out
	}
	newest := spec.Deployments[len(spec.Deployments)-1]
	done := RolloutState(v.Service, newest, rollouts[newest.Number]) == types.DeploymentRolloutStateCompleted
	for _, entry := range slices.Backward(spec.Deployments) {
		primary := entry.Number == newest.Number
		if !primary && done && counts[entry.Number].Active == 0 {
			continue // it has drained; its entry goes in a moment
		}
		deployment, inputs, err := v.deployment(entry, rollouts[entry.Number], counts[entry.Number], primary)
		if err != nil {
			return err
		}
		svc.Deployments = append(svc.Deployments, deployment)
		svc.CurrentServiceRevisions = addRevision(svc.CurrentServiceRevisions, types.ServiceCurrentRevisionSummary{
			Arn:                v.revisionARN(entry.RevisionNumber),
			RequestedTaskCount: deployment.DesiredCount, RunningTaskCount: deployment.RunningCount, PendingTaskCount: deployment.PendingCount,
		})
		if primary {
			svc.TaskDefinition = inputs.TaskDefinition
		}
		// The answer to the call that made a deployment has neither its count nor its
		// service deployment yet (recorded answers of CreateService and UpdateService).
		if primary && rollouts[entry.Number] != nil {
			svc.CurrentServiceDeployment = v.CurrentDeployment(entry)
		}
	}
	return nil
}

// byNumber are the service deployments that are known, by their numbers.
func (v ServiceView) byNumber() map[int64]*v1alpha1.ServiceDeployment {
	rollouts := map[int64]*v1alpha1.ServiceDeployment{}
	for _, rollout := range v.Rollouts {
		rollouts[rollout.Spec.Number] = rollout
	}
	return rollouts
}

// addRevision counts the tasks of a revision once: a rollback has the revision of a
// deployment that is still there.
func addRevision(list []types.ServiceCurrentRevisionSummary, next types.ServiceCurrentRevisionSummary) []types.ServiceCurrentRevisionSummary {
	for i := range list {
		if held := &list[i]; *held.Arn == *next.Arn {
			held.RequestedTaskCount += next.RequestedTaskCount
			held.RunningTaskCount += next.RunningTaskCount
			held.PendingTaskCount += next.PendingTaskCount
			return list
		}
	}
	return append(list, next)
}

// CurrentDeployment is the ARN of the service deployment that an entry, the newest,
// belongs to.
func (v ServiceView) CurrentDeployment(newest v1alpha1.DeploymentEntry) *string {
	return v.serviceDeploymentARN(v.reported(newest))
}

// reported is the number of the service deployment that an entry belongs to: a
// rollback is a part of the one that it takes back, be it a deployment of its own or
// the one that stood beside.
func (v ServiceView) reported(entry v1alpha1.DeploymentEntry) int64 {
	status := v.Service.Status
	switch {
	case status.RollbackTo == entry.Number && status.FailedDeployment > entry.Number:
		return status.FailedDeployment // it may have been a rollback itself
	case entry.Rollback != nil:
		return entry.Rollback.Of
	}
	return entry.Number
}

func (v ServiceView) deployment(entry v1alpha1.DeploymentEntry, rollout *v1alpha1.ServiceDeployment, counts TaskCounts, primary bool) (types.Deployment, types.ServiceRevision, error) {
	id := v.IDs.Deployment(entry.Number)
	d := types.Deployment{
		Id: aws.String(id), Status: aws.String("ACTIVE"),
		DesiredCount: counts.Active, RunningCount: counts.Running, PendingCount: counts.Pending,
		CreatedAt: aws.Time(entry.RequestedAt.Time), UpdatedAt: aws.Time(entry.RequestedAt.Time),
		RolloutState: RolloutState(v.Service, entry, rollout),
	}
	d.RolloutStateReason = aws.String(RolloutReason(d.RolloutState, entry, rollout, v.IDs.Deployment))
	if primary {
		d.Status = aws.String("PRIMARY")
	}
	if rollout != nil {
		if primary {
			d.DesiredCount = v.Service.Spec.DesiredCount
		}
		d.FailedTasks = rollout.Status.FailedTasks
		if at := rollout.Status.UpdatedAt; at != nil {
			d.UpdatedAt = aws.Time(at.Time)
		}
	}
	revision, ok := v.Revisions[entry.Revision]
	if !ok { // somebody deleted it: the controller makes it again
		return d, types.ServiceRevision{}, nil
	}
	inputs, err := RevisionInputs(revision)
	if err != nil {
		return d, inputs, err
	}
	d.TaskDefinition = inputs.TaskDefinition
	d.LaunchType, d.CapacityProviderStrategy = inputs.LaunchType, inputs.CapacityProviderStrategy
	d.PlatformVersion, d.PlatformFamily = inputs.PlatformVersion, inputs.PlatformFamily
	d.NetworkConfiguration = inputs.NetworkConfiguration
	d.VolumeConfigurations = inputs.VolumeConfigurations
	d.ServiceConnectConfiguration = inputs.ServiceConnectConfiguration
	d.ServiceConnectResources = connectResources(v.Service.Spec.Identity, inputs.ServiceConnectConfiguration)
	return d, inputs, nil
}

// RevisionInputs are the resolved inputs of a service revision.
func RevisionInputs(revision *v1alpha1.ServiceRevision) (types.ServiceRevision, error) {
	inputs := types.ServiceRevision{}
	if err := awsjson.Unmarshal(revision.Spec.Inputs.Raw, &inputs); err != nil {
		return inputs, fmt.Errorf("decode service revision %s: %w", revision.Name, err)
	}
	return inputs, nil
}

// serviceEvents leaves out those of an earlier incarnation of the service.
func serviceEvents(events []v1alpha1.ServiceEvent, since time.Time) []types.ServiceEvent {
	answer := make([]types.ServiceEvent, 0, len(events))
	for _, event := range events {
		if event.CreatedAt.Time.Before(since) {
			break
		}
		answer = append(answer, types.ServiceEvent{
			Id: aws.String(event.ID), CreatedAt: aws.Time(event.CreatedAt.Time), Message: aws.String(event.Message),
		})
	}
	return answer
}

// Limits are the smallest and largest number of tasks during a deployment: the
// lower limit rounded up, the upper rounded down (API reference,
// DeploymentConfiguration).
func Limits(desired, minimumPercent, maximumPercent int32) (lower, upper int32) {
	lower = int32(math.Ceil(float64(desired) * float64(minimumPercent) / 100))
	upper = int32(math.Floor(float64(desired) * float64(maximumPercent) / 100))
	return lower, upper
}

// ServiceLimits are the limits of a service that is to have so many tasks. Where
// two deployments stand side by side each has the upper limit for itself.
func ServiceLimits(svc *v1alpha1.ECSService, desired int32, rolling bool) (lower, upper int32) {
	lower, upper = Limits(desired, svc.Spec.MinimumHealthyPercent, svc.Spec.MaximumPercent)
	if !rolling {
		upper *= 2
	}
	return lower, upper
}

// ServiceLaunchType is the launch type of a service; a capacity provider
// strategy means FARGATE, the only one whose providers are built in.
func ServiceLaunchType(svc *v1alpha1.ECSService) types.LaunchType {
	settings, err := ServiceSettings(svc)
	if err == nil {
		err = takePrimary(&settings, svc.Spec)
	}
	if err != nil {
		return types.LaunchTypeFargate
	}
	return LaunchTypeOf(&settings)
}

// Rebalanced says whether a service's tasks are moved between zones.
func Rebalanced(svc *v1alpha1.ECSService) bool {
	settings, err := ServiceSettings(svc)
	return err == nil && settings.AvailabilityZoneRebalancing == types.AvailabilityZoneRebalancingEnabled
}

// LaunchTypeOf is the launch type of a service that is not stored yet.
func LaunchTypeOf(settings *types.Service) types.LaunchType {
	if settings.LaunchType == "" {
		return types.LaunchTypeFargate
	}
	return settings.LaunchType
}
