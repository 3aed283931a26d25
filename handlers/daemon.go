package handlers

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
)

// DescribeDaemon answers one daemon. One that is gone is not found.
func (h *Handlers) DescribeDaemon(ctx context.Context, in *ecs.DescribeDaemonInput) (*ecs.DescribeDaemonOutput, error) {
	_, d, err := h.daemonOf(ctx, aws.ToString(in.DaemonArn))
	if err != nil {
		return nil, err
	}
	detail, err := h.daemonView(d).Detail()
	return &ecs.DescribeDaemonOutput{Daemon: &detail}, err
}

// ListDaemons answers summaries by name.
func (h *Handlers) ListDaemons(ctx context.Context, in *ecs.ListDaemonsInput) (*ecs.ListDaemonsOutput, error) {
	cluster, err := h.activeCluster(ctx, in.ClusterArn)
	if err != nil {
		return nil, err
	}
	size, err := pageSize(in.MaxResults, maxPage)
	if err != nil {
		return nil, err
	}
	daemons := slices.DeleteFunc(h.daemonsIn(cluster), func(d *v1alpha1.Daemon) bool {
		newest := d.Spec.Deployments[len(d.Spec.Deployments)-1]
		return len(in.CapacityProviderArns) > 0 && !slices.ContainsFunc(in.CapacityProviderArns, func(provider string) bool {
			return slices.Contains(newest.CapacityProviders, provider)
		})
	})
	daemons, next, err := pageBy("daemons", daemons, func(d *v1alpha1.Daemon) string { return d.Spec.Name }, false, size, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ecs.ListDaemonsOutput{DaemonSummariesList: []types.DaemonSummary{}, NextToken: next}
	for _, d := range daemons {
		view := h.daemonView(d)
		out.DaemonSummariesList = append(out.DaemonSummariesList, types.DaemonSummary{
			DaemonArn: view.ARN(), Status: view.Status(),
			CreatedAt: aws.Time(d.Spec.CreatedAt.Time), UpdatedAt: aws.Time(view.Newest().RequestedAt.Time),
		})
	}
	return out, nil
}

// daemonsIn are the daemons of this incarnation of the cluster.
func (h *Handlers) daemonsIn(cluster *v1alpha1.Cluster) []*v1alpha1.Daemon {
	return slices.DeleteFunc(h.store.Daemons.By(kube.ByCluster, kube.ClusterKey(cluster.Spec.Identity, cluster.Spec.Name)), func(d *v1alpha1.Daemon) bool {
		return d.DeletionTimestamp != nil || d.Spec.CreatedAt.Time.Before(cluster.Spec.CreatedAt.Time)
	})
}

// daemonName reads what ListTasks names a daemon by: a name, or an ARN.
func daemonName(cluster *v1alpha1.Cluster, given string) (string, error) {
	name, err := nameIn(cluster, "daemon", given)
	if err == nil && !taskdef.ValidName(name) {
		err = daemonNameInvalid(name)
	}
	return name, err
}
