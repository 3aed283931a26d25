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
	apierrors "k8s.io/apimachinery/pkg/api/errors"
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

// Reconcile marks the cluster as being removed, guarded by the version that was
// looked at, so that it is not created again meanwhile; removes its namespace,
// and when that is gone the cluster.
func (c *Controller) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	cluster, ok := c.Store.Clusters.Get(req.Namespace, req.Name)
	if !ok || cluster.Spec.DeletedAt == nil {
		return reconcile.Result{}, nil
	}
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
	err = c.Store.Client.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: cluster.Spec.Namespace}})
	switch {
	case apierrors.IsNotFound(err):
		return true, nil
	case err != nil && !apierrors.IsConflict(err): // it is being removed already
		return false, fmt.Errorf("delete namespace %s: %w", cluster.Spec.Namespace, err)
	}
	return false, nil
}
