package translator

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// DaemonIDs makes the ids of a daemon's deployments and revisions of their numbers.
type DaemonIDs struct{ Deployment, Revision func(number int64) string }

// DaemonView is all that a daemon's answers come from.
type DaemonView struct {
	Daemon *v1alpha1.Daemon
	// Deployments are those that are recorded, in no order.
	Deployments []*v1alpha1.DaemonDeployment
	// Pods are all pods of its tasks.
	Pods []*corev1.Pod
	// Instances is how many container instances are to run the daemon.
	Instances int32
	IDs       DaemonIDs
}

// instanceCounts are the container instances of one revision.
type instanceCounts struct{ running, draining, active int32 }

// counts counts instances by revision: running where the task is, draining where
// it is on its way out.
func (v DaemonView) counts() map[int64]instanceCounts {
	counts := map[int64]instanceCounts{}
	for _, pod := range v.Pods {
		number, ok := DeploymentNumber(pod)
		if !ok {
			continue
		}
		c, state := counts[number], Observe(pod)
		switch {
		case state.Ended():
		case state.Stopping():
			c.draining++
		case state.Running():
			c.running++
			c.active++
		default:
			c.active++
		}
		counts[number] = c
	}
	return counts
}

// Newest is the newest deployment that was asked for.
func (v DaemonView) Newest() v1alpha1.DaemonDeploymentEntry {
	return v.Daemon.Spec.Deployments[len(v.Daemon.Spec.Deployments)-1]
}

// record is what is recorded of a deployment; nil before the controller has seen it.
func (v DaemonView) record(number int64) *v1alpha1.DaemonDeployment {
	for _, deployment := range v.Deployments {
		if deployment.Spec.Number == number {
			return deployment
		}
	}
	return nil
}

// Target is the number of the revision that all instances are to run: the newest
// one, or that which the newest deployment is taken back to.
func (v DaemonView) Target() int64 {
	newest := v.Newest().Number
	if record := v.record(newest); record != nil && record.Status.Rollback != nil {
		return record.Status.Rollback.To
	}
	return newest
}

// Status is ACTIVE until the daemon is deleted, then DELETE_IN_PROGRESS.
func (v DaemonView) Status() types.DaemonStatus {
	if v.Daemon.Spec.DeletedAt != nil {
		return types.DaemonStatusDeleteInProgress
	}
	return types.DaemonStatusActive
}

// ARN is the daemon's ARN.
func (v DaemonView) ARN() *string {
	spec := v.Daemon.Spec
	return aws.String(arn.Daemon(spec.Identity, spec.Cluster, spec.Name))
}

func (v DaemonView) revisionARN(number int64) *string {
	spec := v.Daemon.Spec
	return aws.String(arn.DaemonRevision(spec.Identity, spec.Cluster, spec.Name, v.IDs.Revision(number)))
}

// DeploymentARN is the ARN of one of the daemon's deployments.
func (v DaemonView) DeploymentARN(number int64) *string {
	spec := v.Daemon.Spec
	return aws.String(arn.DaemonDeployment(spec.Identity, spec.Cluster, spec.Name, v.IDs.Deployment(number)))
}

// Detail makes ECS's DaemonDetail. Current are the revision that the instances
// are to run and those that still have tasks, newest first.
func (v DaemonView) Detail() (types.DaemonDetail, error) {
	spec, newest := v.Daemon.Spec, v.Newest()
	detail := types.DaemonDetail{
		ClusterArn: aws.String(arn.Cluster(spec.Identity, spec.Cluster)), DaemonArn: v.ARN(),
		CreatedAt: aws.Time(spec.CreatedAt.Time), UpdatedAt: aws.Time(newest.RequestedAt.Time),
		DeploymentArn: v.DeploymentARN(newest.Number), Status: v.Status(),
		CurrentRevisions: []types.DaemonRevisionDetail{},
	}
	counts, target := v.counts(), v.Target()
	for number := newest.Number; number > 0; number-- {
		entry, known := v.entry(number)
		if !known || number != target && counts[number].active == 0 || isTeardown(entry) {
			continue
		}
		revision, err := v.revisionDetail(entry, counts[number], number == target)
		if err != nil {
			return detail, err
		}
		detail.CurrentRevisions = append(detail.CurrentRevisions, revision)
	}
	return detail, nil
}

func (v DaemonView) revisionDetail(entry v1alpha1.DaemonDeploymentEntry, counts instanceCounts, isTarget bool) (types.DaemonRevisionDetail, error) {
	revision, err := decodeDaemonRevision(entry)
	if err != nil {
		return types.DaemonRevisionDetail{}, err
	}
	detail := types.DaemonRevisionDetail{Arn: v.revisionARN(entry.Number), TotalRunningCount: counts.running}
	if isTarget && !aws.ToBool(revision.Critical) {
		// Instances count as without the daemon where it is not critical (API
		// reference, DaemonRevisionDetail).
		detail.TotalWithoutDaemonCount = max(0, v.Instances-v.running())
	}
	for i, provider := range entry.CapacityProviders {
		of := types.DaemonCapacityProvider{Arn: aws.String(provider)}
		if i == 0 { // the nodes are its instances
			of.RunningCount, of.WithoutDaemonCount = detail.TotalRunningCount, detail.TotalWithoutDaemonCount
		}
		detail.CapacityProviders = append(detail.CapacityProviders, of)
	}
	return detail, nil
}

func (v DaemonView) running() int32 {
	var running int32
	for _, c := range v.counts() {
		running += c.running
	}
	return running
}

// entry is what asked for a deployment, be it the daemon's spec or a record.
func (v DaemonView) entry(number int64) (v1alpha1.DaemonDeploymentEntry, bool) {
	i := slices.IndexFunc(v.Daemon.Spec.Deployments, func(e v1alpha1.DaemonDeploymentEntry) bool { return e.Number == number })
	if i >= 0 {
		return v.Daemon.Spec.Deployments[i], true
	}
	if record := v.record(number); record != nil {
		return record.Spec.DaemonDeploymentEntry, true
	}
	return v1alpha1.DaemonDeploymentEntry{}, false
}

// isTeardown is true for the deployment that ends the daemon, which has no revision.
func isTeardown(entry v1alpha1.DaemonDeploymentEntry) bool { return entry.Revision == nil }

func decodeDaemonRevision(entry v1alpha1.DaemonDeploymentEntry) (types.DaemonRevision, error) {
	revision := types.DaemonRevision{}
	if isTeardown(entry) {
		return revision, nil
	}
	if err := awsjson.Unmarshal(entry.Revision.Raw, &revision); err != nil {
		return revision, fmt.Errorf("decode daemon revision %d: %w", entry.Number, err)
	}
	return revision, nil
}

// Revision makes ECS's DaemonRevision of that number, if there is one.
func (v DaemonView) Revision(number int64) (types.DaemonRevision, bool, error) {
	entry, known := v.entry(number)
	if !known || isTeardown(entry) {
		return types.DaemonRevision{}, false, nil
	}
	revision, err := decodeDaemonRevision(entry)
	spec := v.Daemon.Spec
	revision.ClusterArn = aws.String(arn.Cluster(spec.Identity, spec.Cluster))
	revision.DaemonArn, revision.DaemonRevisionArn = v.ARN(), v.revisionARN(number)
	revision.CreatedAt = aws.Time(entry.RequestedAt.Time)
	return revision, true, err
}

// DaemonConfiguration is the configuration of one of a daemon's deployments.
func DaemonConfiguration(entry v1alpha1.DaemonDeploymentEntry) (types.DaemonDeploymentConfiguration, error) {
	config := types.DaemonDeploymentConfiguration{}
	if err := awsjson.Unmarshal(entry.Configuration.Raw, &config); err != nil {
		return config, fmt.Errorf("decode the configuration of daemon deployment %d: %w", entry.Number, err)
	}
	return config, nil
}

// TaskDefinitionOfDaemon is the ARN of the daemon task definition that a deployment runs.
func TaskDefinitionOfDaemon(entry v1alpha1.DaemonDeploymentEntry) (string, error) {
	revision, err := decodeDaemonRevision(entry)
	return aws.ToString(revision.DaemonTaskDefinitionArn), err
}
