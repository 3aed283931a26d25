package kube

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// RefreshCluster asks the API server for the services, daemons and tasks of a cluster, so
// that what follows does not decide on a watch that lags behind another replica.
func (s *Store) RefreshCluster(ctx context.Context, cluster *v1alpha1.Cluster) error {
	in := client.InNamespace(cluster.Spec.Namespace)
	services := &v1alpha1.ECSServiceList{}
	if err := s.Client.List(ctx, services, in); err != nil {
		return fmt.Errorf("list the services of cluster %s: %w", cluster.Spec.Name, err)
	}
	for i := range services.Items {
		s.Services.store(&services.Items[i])
	}
	daemons := &v1alpha1.DaemonList{}
	if err := s.Client.List(ctx, daemons, in); err != nil {
		return fmt.Errorf("list the daemons of cluster %s: %w", cluster.Spec.Name, err)
	}
	for i := range daemons.Items {
		s.Daemons.store(&daemons.Items[i])
	}
	pods := &corev1.PodList{}
	of := client.MatchingLabels{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.ClusterLabel: cluster.Name}
	if err := s.Client.List(ctx, pods, in, of); err != nil {
		return fmt.Errorf("list the tasks of cluster %s: %w", cluster.Spec.Name, err)
	}
	for i := range pods.Items {
		s.Pods.store(&pods.Items[i])
	}
	return nil
}
