// Package cluster removes ECS clusters that have been INACTIVE for long, and the
// namespaces that Gantry made for them.
//
// It imports kube and the custom resources. It must not know what a cluster
// holds: a cluster is deleted only when it is empty.
package cluster

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// Controller removes clusters whose time has come. Only the leader runs it.
type Controller struct {
	Store *kube.Store
	Now   func() time.Time
	// InactiveFor is how long a deleted cluster stays to be described.
	InactiveFor time.Duration
}

// Name is the controller's name.
func (c *Controller) Name() string { return "cluster" }

// Sources are the clusters.
func (c *Controller) Sources() []source.Source {
	return []source.Source{kube.Source(c.Store.Clusters, kube.Itself[*v1alpha1.Cluster])}
}

// Reconcile removes the cluster first, guarded by the version that was looked
// at, so that one that was created again meanwhile stays; then its namespace.
func (c *Controller) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	cluster, ok := c.Store.Clusters.Get(req.Namespace, req.Name)
	if !ok || cluster.Spec.DeletedAt == nil {
		return reconcile.Result{}, nil
	}
	if wait := cluster.Spec.DeletedAt.Add(c.InactiveFor).Sub(c.Now()); wait > 0 {
		return reconcile.Result{RequeueAfter: wait}, nil
	}
	guard := client.Preconditions{UID: &cluster.UID, ResourceVersion: &cluster.ResourceVersion}
	if err := c.Store.Clusters.Delete(ctx, cluster, guard); err != nil {
		return reconcile.Result{}, err
	}
	if !cluster.Spec.MadeNamespace {
		return reconcile.Result{}, nil
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: cluster.Spec.Namespace}}
	if err := c.Store.Client.Delete(ctx, namespace); client.IgnoreNotFound(err) != nil {
		return reconcile.Result{}, fmt.Errorf("delete namespace %s: %w", namespace.Name, err)
	}
	return reconcile.Result{}, nil
}
