// Package cluster keeps what an ACTIVE ECS cluster is made of, whoever deletes a
// part of it, and removes clusters that have been INACTIVE for long, with the
// namespaces that Gantry made for them.
//
// It imports kube and the custom resources. It must not know what a cluster
// holds: DeleteCluster refuses one that is not empty.
package cluster

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// Controller keeps clusters, and removes those whose time has come. Only the
// leader runs it.
type Controller struct {
	Store *kube.Store
	Log   *zap.Logger
	Now   func() time.Time
	// InactiveFor is how long a deleted cluster stays to be described.
	InactiveFor time.Duration
}

// Name is the controller's name.
func (c *Controller) Name() string { return "cluster" }

// Sources are the clusters, and what they have in Kubernetes: the namespaces
// that Gantry made, and the ServiceAccounts of their tasks.
func (c *Controller) Sources() []source.Source {
	return []source.Source{
		kube.Source(c.Store.Clusters, kube.Itself[*v1alpha1.Cluster]),
		kube.Source(c.Store.ClusterNamespaces, func(namespace *metav1.PartialObjectMetadata) []reconcile.Request {
			return []reconcile.Request{kube.Request(c.Store.Namespace, namespace.Labels[v1alpha1.ClusterLabel])}
		}),
		kube.Source(c.Store.Accounts, func(account *metav1.PartialObjectMetadata) []reconcile.Request {
			var requests []reconcile.Request
			for _, name := range c.Store.CopiedClusters(account) {
				requests = append(requests, kube.Request(c.Store.Namespace, name))
			}
			return requests
		}),
	}
}

// Reconcile makes again what was deleted of an ACTIVE cluster, its object
// included, and removes an INACTIVE one when its time has come.
func (c *Controller) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	cluster, ok := c.Store.Clusters.Get(req.Namespace, req.Name)
	if !ok {
		return reconcile.Result{}, c.restore(ctx, req.Name)
	}
	if cluster.Spec.DeletedAt == nil && c.namespaceEnds(cluster) {
		return reconcile.Result{}, nil // its end is seen too
	}
	if err := c.Store.KeepClusterCopy(ctx, cluster); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err) // deleted meanwhile, which is seen
	}
	if cluster.Spec.DeletedAt == nil {
		return reconcile.Result{}, nil
	}
	return c.remove(ctx, cluster)
}

// restore undoes the deletion of a Cluster object by anybody but Gantry:
// its services run on, and DeleteCluster is what ends a cluster.
func (c *Controller) restore(ctx context.Context, name string) error {
	cluster, err := c.Store.RestoreCluster(ctx, name)
	if err == nil && cluster != nil {
		c.Log.Warn("the object of an ACTIVE cluster was deleted, and was made again", zap.String("cluster", cluster.Spec.Name))
	}
	return err
}

// namespaceEnds is true while what was in the cluster's namespace is being
// deleted, and nothing can be made in it.
func (c *Controller) namespaceEnds(cluster *v1alpha1.Cluster) bool {
	namespace, ok := c.Store.ClusterNamespaces.Get("", cluster.Spec.Namespace)
	return ok && namespace.DeletionTimestamp != nil
}

// remove marks the cluster as being removed, guarded by the version that was
// looked at, so that it is not created again meanwhile; removes its namespace,
// and when that is gone the cluster.
func (c *Controller) remove(ctx context.Context, cluster *v1alpha1.Cluster) (reconcile.Result, error) {
	if wait := cluster.Spec.DeletedAt.Add(c.InactiveFor).Sub(c.Now()); wait > 0 {
		return reconcile.Result{RequeueAfter: wait}, nil
	}
	if cluster.Annotations[v1alpha1.RemovingAnnotation] == "" {
		return reconcile.Result{}, c.mark(ctx, cluster)
	}
	if gone, err := c.removeNamespace(ctx, cluster); err != nil || !gone {
		return reconcile.Result{RequeueAfter: time.Second}, err
	}
	guard := client.Preconditions{UID: &cluster.UID, ResourceVersion: &cluster.ResourceVersion}
	return reconcile.Result{}, c.Store.Clusters.Delete(ctx, cluster, guard)
}

func (c *Controller) mark(ctx context.Context, cluster *v1alpha1.Cluster) error {
	_, err := c.Store.Clusters.Patch(ctx, cluster, kube.Fields{"metadata": kube.Fields{
		"annotations": kube.Fields{v1alpha1.RemovingAnnotation: c.Now().UTC().Format(time.RFC3339)},
	}})
	return err
}

// removeNamespace says whether the namespace that Gantry made is gone.
func (c *Controller) removeNamespace(ctx context.Context, cluster *v1alpha1.Cluster) (gone bool, err error) {
	if !cluster.Spec.MadeNamespace {
		return true, nil
	}
	// Another replica may have ended the removal, and the cluster been created again
	// with its namespace, and the watch does not show that yet.
	namespace, found, err := c.Store.ClusterNamespaces.Find(ctx, "", cluster.Spec.Namespace)
	if err != nil || !found {
		return err == nil, err
	}
	live, found, err := c.Store.Clusters.Live(ctx, cluster.Namespace, cluster.Name)
	if err != nil || !found || live.UID != cluster.UID {
		return false, err
	}
	err = c.Store.Client.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace.Name}}, client.Preconditions{UID: &namespace.UID})
	switch {
	case apierrors.IsNotFound(err):
		return true, nil
	case err != nil && !apierrors.IsConflict(err): // it is being removed already
		return false, fmt.Errorf("delete namespace %s: %w", cluster.Spec.Namespace, err)
	}
	return false, nil
}
