package translator

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// ServiceDeployments are the service deployments of a service, newest first:
// those that are recorded, and those that were asked for a moment ago. A
// deployment that takes another one back is a part of that one, and a task set is
// no deployment of ECS's.
func (v ServiceView) ServiceDeployments() []*v1alpha1.ServiceDeployment {
	all := slices.DeleteFunc(v.rollouts(), func(r *v1alpha1.ServiceDeployment) bool {
		return r.Spec.Rollback != nil || r.Spec.TaskSet != nil
	})
	slices.SortFunc(all, func(a, b *v1alpha1.ServiceDeployment) int { return int(b.Spec.Number - a.Spec.Number) })
	return all
}

func (v ServiceView) rollouts() []*v1alpha1.ServiceDeployment {
	all := slices.Clone(v.Rollouts)
	for _, entry := range v.Service.Spec.Deployments {
		if !slices.ContainsFunc(all, func(r *v1alpha1.ServiceDeployment) bool { return r.Spec.Number == entry.Number }) {
			all = append(all, &v1alpha1.ServiceDeployment{Spec: v1alpha1.ServiceDeploymentSpec{DeploymentEntry: entry}})
		}
	}
	return all
}

// rollbackOf is the deployment that takes the one of the number back; nil where
// there is none.
func (v ServiceView) rollbackOf(number int64) *v1alpha1.ServiceDeployment {
	for _, r := range v.rollouts() {
		if r.Spec.Rollback != nil && r.Spec.Rollback.Of == number {
			return r
		}
	}
	return nil
}

// ServiceDeploymentStatus is ECS's status of a service deployment, derived from
// its rollout's state, from what a user asked for and from its rollback (API
// reference, ServiceDeployment.status). A deployment that a newer one replaced
// before it was complete is STOPPED: the reference says so of stoppedAt.
func (v ServiceView) ServiceDeploymentStatus(r *v1alpha1.ServiceDeployment) types.ServiceDeploymentStatus {
	if back := v.rollbackOf(r.Spec.Number); back != nil {
		switch RolloutState(v.Service, back.Spec.DeploymentEntry, back) {
		case types.DeploymentRolloutStateCompleted:
			return types.ServiceDeploymentStatusRollbackSuccessful
		case types.DeploymentRolloutStateFailed:
			return types.ServiceDeploymentStatusRollbackFailed
		case types.DeploymentRolloutStateInProgress:
		}
		if back.Status.FinishedAt != nil {
			return types.ServiceDeploymentStatusRollbackFailed
		}
		return types.ServiceDeploymentStatusRollbackInProgress
	}
	switch {
	case v.goesBack(r), v.takenBackTo(r) != nil && v.listed(r.Spec.Number):
		return types.ServiceDeploymentStatusRollbackInProgress // its tasks are still there
	case v.takenBackTo(r) != nil:
		return types.ServiceDeploymentStatusRollbackSuccessful
	}
	switch {
	case r.Status.FinishedAt != nil, r.UID != "" && !v.listed(r.Spec.Number): // its service was deleted in the middle of it
		return v.endedStatus(r)
	case r.Spec.Stop == string(types.StopServiceDeploymentStopTypeRollback):
		return types.ServiceDeploymentStatusRollbackRequested
	case r.Spec.Stop != "":
		return types.ServiceDeploymentStatusStopRequested
	case r.UID == "":
		return types.ServiceDeploymentStatusPending
	}
	return types.ServiceDeploymentStatusInProgress
}

// endedStatus is that of a deployment which has ended and is not taken back.
func (v ServiceView) endedStatus(r *v1alpha1.ServiceDeployment) types.ServiceDeploymentStatus {
	switch {
	case RolloutState(v.Service, r.Spec.DeploymentEntry, r) == types.DeploymentRolloutStateCompleted:
		return types.ServiceDeploymentStatusSuccessful
	case v.cannotGoBack(r):
		return types.ServiceDeploymentStatusRollbackFailed
	}
	return types.ServiceDeploymentStatusStopped
}

// ServiceDeploymentFrom makes ECS's ServiceDeployment.
func ServiceDeploymentFrom(v ServiceView, r *v1alpha1.ServiceDeployment) (types.ServiceDeployment, error) {
	spec, counts := v.Service.Spec, v.Counts()
	configuration, err := v.configurationOf(r)
	if err != nil {
		return types.ServiceDeployment{}, err
	}
	d := types.ServiceDeployment{
		ServiceDeploymentArn:    v.serviceDeploymentARN(r.Spec.Number),
		ServiceArn:              aws.String(arn.Service(spec.Identity, spec.Cluster, spec.Name)),
		ClusterArn:              aws.String(arn.Cluster(spec.Identity, spec.Cluster)),
		CreatedAt:               aws.Time(r.Spec.RequestedAt.Time),
		SourceServiceRevisions:  []types.ServiceRevisionSummary{},
		Status:                  v.ServiceDeploymentStatus(r),
		DeploymentConfiguration: configuration,
		Alarms:                  &types.ServiceDeploymentAlarms{Status: types.ServiceDeploymentRollbackMonitorsStatusDisabled},
	}
	d.StartedAt, d.UpdatedAt, d.FinishedAt = v.timesOf(r)
	if d.Status == types.ServiceDeploymentStatusStopped {
		d.StoppedAt = d.FinishedAt
	}
	for _, source := range r.Spec.Sources {
		of := v.countsOfRevision(source, counts)
		d.SourceServiceRevisions = append(d.SourceServiceRevisions, v.revisionSummary(source, of.Active, of))
	}
	requested := counts[r.Spec.Number].Active
	if n := len(spec.Deployments); n > 0 && spec.Deployments[n-1].Number == r.Spec.Number {
		requested = spec.DesiredCount
	}
	target := v.revisionSummary(r.Spec.DeploymentEntry, requested, counts[r.Spec.Number])
	d.TargetServiceRevision = &target
	d.DeploymentCircuitBreaker = breakerOf(r, configuration.DeploymentCircuitBreaker, spec.DesiredCount, d.Status)
	v.tellStage(r, &d)
	v.tellRollback(r, &d)
	return d, nil
}

// tellRollback says why and to what the deployment was taken back (texts seen in
// public reports; the one for a deployment that a user stopped is chosen).
func (v ServiceView) tellRollback(r *v1alpha1.ServiceDeployment, d *types.ServiceDeployment) {
	reason := "Service deployment rolled back because the circuit breaker threshold was exceeded."
	if r.Spec.Stop != "" {
		reason = "Service deployment rolled back because it was stopped."
	}
	if hook := HookReason(r); hook != "" {
		reason = hook
	}
	switch back := v.rollbackOf(r.Spec.Number); {
	case back != nil:
		d.Rollback = &types.Rollback{StartedAt: aws.Time(back.Spec.RequestedAt.Time), ServiceRevisionArn: v.revisionARN(back.Spec.RevisionNumber)}
	case v.takenBackTo(r) != nil:
		d.Rollback = &types.Rollback{StartedAt: d.FinishedAt, ServiceRevisionArn: v.revisionARN(v.takenBackTo(r).RevisionNumber)}
	case v.goesBack(r):
		d.Rollback = &types.Rollback{StartedAt: d.FinishedAt, ServiceRevisionArn: v.revisionARN(v.Service.Status.Completed.RevisionNumber)}
	case v.cannotGoBack(r):
		d.StatusReason = aws.String(noCandidate)
		return
	default:
		return
	}
	d.StatusReason, d.Rollback.Reason = &reason, &reason
}

// goesBack says whether the deployment has failed and the one before is about to
// take its place again.
func (v ServiceView) goesBack(r *v1alpha1.ServiceDeployment) bool {
	status, entries := v.Service.Status, v.Service.Spec.Deployments
	// A service that was made again may have no deployment yet.
	return len(entries) > 0 && entries[len(entries)-1].Number == r.Spec.Number &&
		status.RollbackTo != 0 && status.FailedDeployment == r.Spec.Number &&
		status.Completed != nil && status.Completed.Number == status.RollbackTo
}

// cannotGoBack says whether the failed deployment is to be taken back, and there is
// none that has completed before.
func (v ServiceView) cannotGoBack(r *v1alpha1.ServiceDeployment) bool {
	completed := v.Service.Status.Completed
	if completed != nil && completed.Number < r.Spec.Number {
		return false
	}
	return r.Status.FinishedAt != nil && v.wantsBack(r) && v.failed(r)
}

// wantsBack says whether what ran before is to run again when the deployment fails: a
// hook or a user asked for it, or the circuit breaker is told to.
func (v ServiceView) wantsBack(r *v1alpha1.ServiceDeployment) bool {
	switch {
	case HookFailed(r):
		return true
	case r.Spec.Stop != "":
		return r.Spec.Stop == string(types.StopServiceDeploymentStopTypeRollback)
	}
	configuration, err := v.configurationOf(r)
	return err == nil && configuration != nil && configuration.DeploymentCircuitBreaker != nil &&
		configuration.DeploymentCircuitBreaker.Enable && configuration.DeploymentCircuitBreaker.Rollback
}

// noCandidate is the status reason where none has completed before (public reports of
// a circuit breaker's first deployment; a user's and a hook's are taken for the same).
const noCandidate = "No rollback candidate was found to run the rollback."

// takenBackTo is the deployment that serves again in the place of this one.
func (v ServiceView) takenBackTo(r *v1alpha1.ServiceDeployment) *v1alpha1.DeploymentEntry {
	if r.Status.RollbackTo != nil {
		return r.Status.RollbackTo
	}
	return TakenBackTo(v.Service, r.Spec.Number)
}

func (v ServiceView) listed(number int64) bool {
	return slices.ContainsFunc(v.Service.Spec.Deployments, func(entry v1alpha1.DeploymentEntry) bool { return entry.Number == number })
}

// tellStage shows how far a deployment is that stands beside the one before.
func (v ServiceView) tellStage(r *v1alpha1.ServiceDeployment, d *types.ServiceDeployment) {
	d.LifecycleStage = types.ServiceDeploymentLifecycleStage(r.Status.LifecycleStage)
	if d.LifecycleStage == "" {
		return
	}
	d.LifecycleHookDetails = []types.DeploymentLifecycleHookDetail{}
	for _, hook := range r.Status.Hooks {
		d.LifecycleHookDetails = append(d.LifecycleHookDetails, types.DeploymentLifecycleHookDetail{
			HookId: aws.String(hook.ID), TargetType: types.DeploymentLifecycleHookTargetTypePause,
			Status: types.DeploymentLifecycleHookStatus(hook.Status), ExpiresAt: aws.Time(hook.ExpiresAt.Time),
			TimeoutAction: types.DeploymentLifecycleHookAction(hook.TimeoutAction),
		})
	}
	v.tellTraffic(r, d)
}

// tellTraffic shows which revision has what share of the traffic. Of test traffic it
// tells as soon as there is some, and only the newer revision has any.
func (v ServiceView) tellTraffic(r *v1alpha1.ServiceDeployment, d *types.ServiceDeployment) {
	serves, tested := v.servedBefore(r), v.tested(r)
	production, test := float64(r.Status.ProductionPermille)/10, 100.0
	over := serves >= 0 && v.failed(r) && !Bridges(r, d.SourceServiceRevisions[serves].RunningTaskCount, v.Service.Spec.DesiredCount)
	if v.goesBack(r) || v.takenBackTo(r) != nil || over {
		production, test = 0, 0 // the one beside it has all the traffic again
	}
	d.TargetServiceRevision.RequestedProductionTrafficWeight = aws.Float64(production)
	if tested {
		d.TargetServiceRevision.RequestedTestTrafficWeight = &test
	}
	for i := range d.SourceServiceRevisions {
		weight := 0.0
		if i == serves {
			weight = 100 - production
		}
		d.SourceServiceRevisions[i].RequestedProductionTrafficWeight = &weight
	}
}

// servedBefore is which of the deployment's sources has, or had, the traffic beside it; -1
// where it has none.
func (v ServiceView) servedBefore(r *v1alpha1.ServiceDeployment) int {
	if i := ServesBefore(v.Service, r.Spec.Sources, v.byNumber()); i >= 0 {
		return i
	}
	return len(r.Spec.Sources) - 1
}

func (v ServiceView) failed(r *v1alpha1.ServiceDeployment) bool {
	return RolloutState(v.Service, r.Spec.DeploymentEntry, r) == types.DeploymentRolloutStateFailed
}

// tested says whether the deployment's revision has got test traffic: a rule sends it.
func (v ServiceView) tested(r *v1alpha1.ServiceDeployment) bool {
	before := []types.ServiceDeploymentLifecycleStage{
		types.ServiceDeploymentLifecycleStageReconcileService, types.ServiceDeploymentLifecycleStagePreScaleUp,
		types.ServiceDeploymentLifecycleStageScaleUp, types.ServiceDeploymentLifecycleStagePostScaleUp,
	}
	revision, ok := v.Revisions[r.Spec.Revision]
	if !ok || slices.Contains(before, types.ServiceDeploymentLifecycleStage(r.Status.LifecycleStage)) {
		return false
	}
	inputs, err := RevisionInputs(revision)
	return err == nil && slices.ContainsFunc(inputs.LoadBalancers, func(b types.LoadBalancer) bool {
		return b.AdvancedConfiguration != nil && aws.ToString(b.AdvancedConfiguration.TestListenerRule) != ""
	})
}

func breakerOf(r *v1alpha1.ServiceDeployment, breaker *types.DeploymentCircuitBreaker, desired int32, status types.ServiceDeploymentStatus) *types.ServiceDeploymentCircuitBreaker {
	answer := &types.ServiceDeploymentCircuitBreaker{
		FailureCount: r.Status.FailedTasks, Threshold: BreakerThreshold(breaker, desired),
		Status: types.ServiceDeploymentRollbackMonitorsStatusDisabled,
	}
	switch {
	case breaker == nil || !breaker.Enable:
	case r.Spec.Stop == "" && answer.FailureCount >= answer.Threshold:
		answer.Status = types.ServiceDeploymentRollbackMonitorsStatusTriggered
	case status == types.ServiceDeploymentStatusPending, status == types.ServiceDeploymentStatusInProgress:
		answer.Status = types.ServiceDeploymentRollbackMonitorsStatusMonitoring
	default:
		answer.Status = types.ServiceDeploymentRollbackMonitorsStatusMonitoringComplete
	}
	return answer
}

// configurationOf is the configuration that the deployment began with.
func (v ServiceView) configurationOf(r *v1alpha1.ServiceDeployment) (*types.DeploymentConfiguration, error) {
	settings, err := ServiceSettings(v.Service)
	if err != nil {
		return nil, err
	}
	return ConfigurationOf(r, settings.DeploymentConfiguration)
}

// ConfigurationOf is the configuration that a deployment began with; current where
// it has not begun.
func ConfigurationOf(r *v1alpha1.ServiceDeployment, current *types.DeploymentConfiguration) (*types.DeploymentConfiguration, error) {
	if r == nil || len(r.Spec.Configuration.Raw) == 0 {
		return current, nil
	}
	configuration := &types.DeploymentConfiguration{}
	if err := awsjson.Unmarshal(r.Spec.Configuration.Raw, configuration); err != nil {
		return nil, fmt.Errorf("decode the configuration of deployment %s: %w", r.Name, err)
	}
	if configuration.DeploymentCircuitBreaker != nil {
		configuration.DeploymentCircuitBreaker = completeBreaker(configuration.DeploymentCircuitBreaker)
	}
	return configuration, nil
}

// timesOf are when the deployment was started, last changed and ended; its
// rollback's end is its own.
func (v ServiceView) timesOf(r *v1alpha1.ServiceDeployment) (started, updated, finished *time.Time) {
	updated = aws.Time(r.Spec.RequestedAt.Time)
	if r.UID == "" {
		return nil, updated, nil
	}
	// Kubernetes knows the creation to the second only.
	started = aws.Time(latest(r.Spec.RequestedAt.Time, r.CreationTimestamp.Time))
	updated = started
	last := r
	if back := v.rollbackOf(r.Spec.Number); back != nil {
		last = back
	}
	for _, status := range []v1alpha1.ServiceDeploymentStatus{r.Status, last.Status} {
		if status.UpdatedAt != nil {
			updated = aws.Time(latest(*updated, status.UpdatedAt.Time))
		}
	}
	if last.Status.FinishedAt != nil {
		finished = aws.Time(last.Status.FinishedAt.Time)
		updated = aws.Time(latest(*updated, *finished))
	}
	return started, updated, finished
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (v ServiceView) revisionSummary(entry v1alpha1.DeploymentEntry, requested int32, counts TaskCounts) types.ServiceRevisionSummary {
	return types.ServiceRevisionSummary{
		Arn: v.revisionARN(entry.RevisionNumber), RequestedTaskCount: requested,
		RunningTaskCount: counts.Running, PendingTaskCount: counts.Pending,
	}
}

// countsOfRevision counts the tasks of a source's revision: a rollback runs it in a
// deployment of its own (API reference, ServiceRevisionSummary).
func (v ServiceView) countsOfRevision(source v1alpha1.DeploymentEntry, counts map[int64]TaskCounts) TaskCounts {
	sum := counts[source.Number]
	for _, entry := range v.Service.Spec.Deployments {
		if entry.Number != source.Number && entry.RevisionNumber == source.RevisionNumber {
			more := counts[entry.Number]
			sum.Active, sum.Running, sum.Pending = sum.Active+more.Active, sum.Running+more.Running, sum.Pending+more.Pending
		}
	}
	return sum
}

func (v ServiceView) serviceDeploymentARN(number int64) *string {
	spec := v.Service.Spec
	return aws.String(arn.ServiceDeployment(spec.Identity, spec.Cluster, spec.Name, v.IDs.ServiceDeployment(number)))
}

func (v ServiceView) revisionARN(number int64) *string {
	spec := v.Service.Spec
	return aws.String(arn.ServiceRevision(spec.Identity, spec.Cluster, spec.Name, v.IDs.Revision(number)))
}

// ServiceDeploymentBrief is what lists of service deployments say.
func ServiceDeploymentBrief(v ServiceView, r *v1alpha1.ServiceDeployment) (types.ServiceDeploymentBrief, error) {
	d, err := ServiceDeploymentFrom(v, r)
	if err != nil {
		return types.ServiceDeploymentBrief{}, err
	}
	return types.ServiceDeploymentBrief{
		ServiceDeploymentArn: d.ServiceDeploymentArn, ServiceArn: d.ServiceArn, ClusterArn: d.ClusterArn,
		StartedAt: d.StartedAt, CreatedAt: d.CreatedAt, FinishedAt: d.FinishedAt,
		TargetServiceRevisionArn: d.TargetServiceRevision.Arn, Status: d.Status, StatusReason: d.StatusReason,
	}, nil
}
