package translator

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
)

// DaemonBreakerThreshold is how many failed tasks end a daemon's deployment. How
// ECS counts is not documented: its only example (API reference,
// DescribeDaemonDeployments), of three instances, has 10.
const DaemonBreakerThreshold = 10

// DaemonDeploymentFinal says whether a deployment's state is its last.
func DaemonDeploymentFinal(state types.DaemonDeploymentStatus) bool {
	switch state {
	case types.DaemonDeploymentStatusSuccessful, types.DaemonDeploymentStatusStopped,
		types.DaemonDeploymentStatusRollbackSuccessful, types.DaemonDeploymentStatusRollbackFailed:
		return true
	case types.DaemonDeploymentStatusPending, types.DaemonDeploymentStatusInProgress,
		types.DaemonDeploymentStatusStopRequested, types.DaemonDeploymentStatusRollbackInProgress:
	}
	return false
}

// DaemonDeploymentState is PENDING before the controller has begun.
func DaemonDeploymentState(deployment *v1alpha1.DaemonDeployment) types.DaemonDeploymentStatus {
	if deployment == nil || deployment.Status.State == "" {
		return types.DaemonDeploymentStatusPending
	}
	return types.DaemonDeploymentStatus(deployment.Status.State)
}

// Deployment makes ECS's DaemonDeployment of that number, if there is one.
func (v DaemonView) Deployment(number int64) (types.DaemonDeployment, bool, error) {
	entry, known := v.entry(number)
	if !known {
		return types.DaemonDeployment{}, false, nil
	}
	config, err := DaemonConfiguration(entry)
	if err != nil {
		return types.DaemonDeployment{}, true, err
	}
	spec, record := v.Daemon.Spec, v.record(number)
	d := types.DaemonDeployment{
		DaemonDeploymentArn: v.DeploymentARN(number), ClusterArn: aws.String(arn.Cluster(spec.Identity, spec.Cluster)),
		CreatedAt: aws.Time(entry.RequestedAt.Time), DeploymentConfiguration: &config,
		Status: DaemonDeploymentState(record), SourceDaemonRevisions: []types.DaemonDeploymentRevisionDetail{},
		CircuitBreaker: &types.DaemonCircuitBreaker{Threshold: DaemonBreakerThreshold},
		Alarms: &types.DaemonDeploymentAlarms{
			AlarmNames: []string{}, TriggeredAlarmNames: []string{}, Status: types.DaemonDeploymentRollbackMonitorsStatusDisabled,
		},
	}
	d.CircuitBreaker.Status = breakerStatus(d.Status, record)
	counts := v.counts()
	if !isTeardown(entry) {
		target := v.deploymentRevision(entry, counts[number])
		d.TargetDaemonRevision = &target
	}
	if record == nil {
		return d, true, nil
	}
	v.fromRecord(&d, record, counts)
	return d, true, nil
}

func (v DaemonView) fromRecord(d *types.DaemonDeployment, record *v1alpha1.DaemonDeployment, counts map[int64]instanceCounts) {
	status := record.Status
	if status.StateReason != "" {
		d.StatusReason = aws.String(status.StateReason)
	}
	d.StartedAt, d.FinishedAt, d.StoppedAt = timeOf(status.StartedAt), timeOf(status.FinishedAt), timeOf(status.StoppedAt)
	d.CircuitBreaker.FailureCount = status.FailureCount
	for _, number := range record.Spec.Sources {
		if entry, known := v.entry(number); known {
			d.SourceDaemonRevisions = append(d.SourceDaemonRevisions, v.deploymentRevision(entry, counts[number]))
		}
	}
	if back := status.Rollback; back != nil {
		d.Rollback = &types.DaemonRollback{
			Reason: aws.String(back.Reason), StartedAt: aws.Time(back.StartedAt.Time),
			RollbackTargetDaemonRevisionArn: v.revisionARN(back.To), RollbackCapacityProviders: record.Spec.CapacityProviders,
		}
	}
}

// breakerStatus says whether failures are still looked at.
func breakerStatus(state types.DaemonDeploymentStatus, record *v1alpha1.DaemonDeployment) types.DaemonDeploymentRollbackMonitorsStatus {
	switch {
	case record != nil && record.Status.FailureCount >= DaemonBreakerThreshold:
		return types.DaemonDeploymentRollbackMonitorsStatusTriggered
	case DaemonDeploymentFinal(state):
		return types.DaemonDeploymentRollbackMonitorsStatusMonitoringComplete
	}
	return types.DaemonDeploymentRollbackMonitorsStatusMonitoring
}

func (v DaemonView) deploymentRevision(entry v1alpha1.DaemonDeploymentEntry, counts instanceCounts) types.DaemonDeploymentRevisionDetail {
	detail := types.DaemonDeploymentRevisionDetail{
		Arn: v.revisionARN(entry.Number), TotalRunningInstanceCount: aws.Int32(counts.running), TotalDrainingInstanceCount: aws.Int32(counts.draining),
	}
	for i, provider := range entry.CapacityProviders {
		of := types.DaemonDeploymentCapacityProvider{Arn: aws.String(provider), RunningInstanceCount: aws.Int32(0), DrainingInstanceCount: aws.Int32(0)}
		if i == 0 { // the nodes are its instances
			of.RunningInstanceCount, of.DrainingInstanceCount = detail.TotalRunningInstanceCount, detail.TotalDrainingInstanceCount
		}
		detail.CapacityProviders = append(detail.CapacityProviders, of)
	}
	return detail
}

// DeploymentSummary makes ECS's DaemonDeploymentSummary.
func (v DaemonView) DeploymentSummary(number int64) (types.DaemonDeploymentSummary, bool, error) {
	d, known, err := v.Deployment(number)
	if !known || err != nil {
		return types.DaemonDeploymentSummary{}, known, err
	}
	summary := types.DaemonDeploymentSummary{
		ClusterArn: d.ClusterArn, DaemonArn: v.ARN(), DaemonDeploymentArn: d.DaemonDeploymentArn,
		CreatedAt: d.CreatedAt, StartedAt: d.StartedAt, FinishedAt: d.FinishedAt, StoppedAt: d.StoppedAt,
		Status: d.Status, StatusReason: d.StatusReason,
	}
	if d.TargetDaemonRevision != nil {
		summary.TargetDaemonRevisionArn = d.TargetDaemonRevision.Arn
	}
	return summary, true, nil
}

func timeOf(at *metav1.MicroTime) *time.Time {
	if at == nil {
		return nil
	}
	return aws.Time(at.Time)
}
