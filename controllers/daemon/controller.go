package daemon

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// Controller reconciles daemons. Only the leader runs it.
type Controller struct {
	Store *kube.Store
	Now   func() time.Time
	// HealthyAfter is how long a task without a health check must run to be healthy.
	HealthyAfter time.Duration
}

// Name is the controller's name.
func (c *Controller) Name() string { return "daemon" }

// Sources are the daemons, what belongs to them, and their tasks' pods and records.
func (c *Controller) Sources() []source.Source {
	return []source.Source{
		kube.Source(c.Store.Daemons, kube.Itself[*v1alpha1.Daemon]),
		kube.Source(c.Store.DaemonDeployments, owned[*v1alpha1.DaemonDeployment]),
		kube.Source(c.Store.DaemonSets, owned[*appsv1.DaemonSet]),
		kube.Source(c.Store.Pods, owned[*corev1.Pod]),
		kube.Source(c.Store.StoppedTasks, c.recorded),
	}
}

func owned[T client.Object](obj T) []reconcile.Request {
	if name := obj.GetLabels()[v1alpha1.DaemonLabel]; name != "" {
		return []reconcile.Request{kube.Request(obj.GetNamespace(), name)}
	}
	return nil
}

// recorded finds the daemon of a stopped task, whose record is in Gantry's namespace.
func (c *Controller) recorded(record *v1alpha1.StoppedTask) []reconcile.Request {
	name := record.Annotations[v1alpha1.DaemonAnnotation]
	if name == "" {
		return nil
	}
	var requests []reconcile.Request
	for _, d := range c.Store.Daemons.By(kube.ByCluster, kube.ClusterKey(record.Spec.Identity, record.Spec.Cluster)) {
		if d.Spec.Name == name {
			requests = append(requests, kube.Request(d.Namespace, d.Name))
		}
	}
	return requests
}

// Reconcile reads the daemon's world and takes the steps that it needs. A step
// that finds its object changed ends the reconciliation: it starts anew.
func (c *Controller) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	d, ok := c.Store.Daemons.Get(req.Namespace, req.Name)
	if !ok || d.DeletionTimestamp != nil {
		return reconcile.Result{}, nil
	}
	w, err := c.gather(d)
	if err != nil {
		return reconcile.Result{}, err
	}
	err = kube.TakeSteps(ctx, w, []kube.Step[*world]{
		{Name: "record deployment", Take: c.record},
		{Name: "keep DaemonSet", Take: c.set},
		{Name: "keep deployment states", Take: c.states},
		{Name: "stop replaced tasks", Take: c.replace},
		{Name: "remove daemon", Take: c.remove},
	})
	if err != nil {
		return kube.UnlessMoved(reconcile.Result{}, fmt.Errorf("daemon %s: %w", req, err))
	}
	return reconcile.Result{RequeueAfter: w.After}, nil
}
