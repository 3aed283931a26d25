package handlers

import (
	"context"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

// findDaemon is nil where there is no daemon of the name.
func (h *Handlers) findDaemon(ctx context.Context, cluster *v1alpha1.Cluster, name string) (*v1alpha1.Daemon, error) {
	d, found, err := h.store.Daemons.Find(ctx, cluster.Spec.Namespace, kube.DaemonName(cluster, name))
	if err != nil || !found {
		return nil, err
	}
	if d.DeletionTimestamp != nil || d.Spec.Name != name || d.Spec.Cluster != cluster.Spec.Name || d.Spec.Identity != cluster.Spec.Identity ||
		d.Spec.CreatedAt.Time.Before(cluster.Spec.CreatedAt.Time) {
		return nil, nil //nolint:nilnil // another cluster's, or of an earlier incarnation of this one
	}
	return d, nil
}

// daemonOf finds the daemon that an ARN names, and its cluster.
func (h *Handlers) daemonOf(ctx context.Context, given string) (*v1alpha1.Cluster, *v1alpha1.Daemon, error) {
	ref, ok := arn.Parse(given)
	if !ok || !ref.IsARN || ref.Kind != "daemon" || len(ref.Path) != 2 || !taskdef.ValidName(ref.Name()) {
		return nil, nil, daemonARNInvalid(given)
	}
	return h.daemonIn(ctx, ref)
}

// daemonIn finds the daemon whose cluster and name begin the ARN's path.
func (h *Handlers) daemonIn(ctx context.Context, ref arn.Ref) (*v1alpha1.Cluster, *v1alpha1.Daemon, error) {
	if id := identity(ctx); ref.Account != id.Account || ref.Region != id.Region {
		return nil, nil, daemonNotFound()
	}
	cluster, err := h.activeCluster(ctx, &ref.Path[0])
	if err != nil {
		return nil, nil, err
	}
	d, err := h.findDaemon(ctx, cluster, ref.Path[1])
	if err == nil && d == nil {
		err = daemonNotFound()
	}
	return cluster, d, err
}

func (h *Handlers) daemonView(d *v1alpha1.Daemon) translator.DaemonView {
	view := translator.DaemonView{
		Daemon: d, Deployments: h.store.DeploymentsOfDaemon(d), Pods: h.store.PodsOfDaemon(d),
		IDs: translator.DaemonIDs{
			Deployment: func(number int64) string { return kube.ServiceDeploymentID(d.UID, number) },
			Revision:   func(number int64) string { return kube.RevisionID(d.UID, number) },
		},
	}
	if set, ok := h.store.DaemonSets.Get(d.Namespace, d.Name); ok {
		view.Instances = set.Status.DesiredNumberScheduled
	}
	return view
}

// changeDaemon is changeSpec for daemons.
func (h *Handlers) changeDaemon(ctx context.Context, d **v1alpha1.Daemon, decide func(*v1alpha1.Daemon) (kube.Fields, error)) error {
	return changeSpec(ctx, h.store.Daemons, d, daemonNotFound, decide)
}
