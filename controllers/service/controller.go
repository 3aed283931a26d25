package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// Defaults of the controller's durations.
const (
	// DefaultHealthyAfter is ECS's for tasks without a health check.
	DefaultHealthyAfter = 40 * time.Second
	// DefaultInactiveFor is how long a deleted service stays to be described; ECS
	// says "a period", Terraform and the waiters need some minutes.
	DefaultInactiveFor = 24 * time.Hour
)

// Controller reconciles services. Only the leader runs it.
type Controller struct {
	Store *kube.Store
	Now   func() time.Time
	// HealthyAfter and InactiveFor: see the defaults.
	HealthyAfter, InactiveFor time.Duration
	nodes                     nodeStates
	counted                   counted
}

// Name is the controller's name.
func (c *Controller) Name() string { return "service" }

// Sources are the services, what belongs to them, and their tasks' pods.
func (c *Controller) Sources() []source.Source {
	return []source.Source{
		kube.Source(c.Store.Services, kube.Itself[*v1alpha1.ECSService]),
		kube.Source(c.Store.Rollouts, owned[*v1alpha1.ServiceDeployment]),
		kube.Source(c.Store.Revisions, owned[*v1alpha1.ServiceRevision]),
		kube.Source(c.Store.Deployments, owned[*appsv1.Deployment]),
		kube.Source(c.Store.Routes, owned[*corev1.Service]),
		kube.Source(c.Store.Budgets, owned[*policyv1.PodDisruptionBudget]),
		kube.Source(c.Store.Nodes, c.servicesOf),
		kube.Source(c.Store.Pods, func(pod *corev1.Pod) []reconcile.Request {
			if name := pod.Annotations[v1alpha1.ServiceObjectAnnotation]; name != "" {
				return []reconcile.Request{kube.Request(pod.Namespace, name)}
			}
			return nil
		}),
	}
}

func owned[T client.Object](obj T) []reconcile.Request {
	return []reconcile.Request{kube.Request(obj.GetNamespace(), obj.GetLabels()[v1alpha1.ServiceLabel])}
}

// errAwaited ends a reconciliation that waits for what another is about to do.
var errAwaited = errors.New("it is about to be done")

// Reconcile reads the service's world and takes the steps that it needs. A step
// that finds its object changed ends the reconciliation: it starts anew.
func (c *Controller) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	svc, ok := c.Store.Services.Get(req.Namespace, req.Name)
	if !ok || svc.DeletionTimestamp != nil {
		return reconcile.Result{}, nil
	}
	w, err := c.gather(svc)
	if err != nil || len(w.deployments) == 0 && !w.external() {
		return reconcile.Result{}, err
	}
	err = kube.TakeSteps(ctx, w, []kube.Step[*world]{
		{Name: "keep routes", Take: c.routes},
		{Name: "unmark tasks that outlived a scale-in", Take: c.unmarkOutlived},
		{Name: "make deployments", Take: c.ensure},
		{Name: "count instances", Take: c.countInstances},
		{Name: "stop tasks that would start on draining instances", Take: c.stopUnstarted},
		{Name: "deal capacity providers", Take: c.dealProviders},
		{Name: "put labels and annotations back", Take: c.relabel},
		{Name: "mark tasks that ReplicaSets took", Take: c.markTaken},
		{Name: "scale", Take: c.scale},
		{Name: "stop replaced tasks", Take: c.stopReplaced},
		{Name: "keep status", Take: c.status},
		{Name: "keep rollout states", Take: c.rollouts},
		{Name: "keep budget", Take: c.budget},
		{Name: "roll back", Take: c.rollBack},
		{Name: "retire deployments", Take: c.retire},
	})
	switch {
	case errors.Is(err, errAwaited):
		log.FromContext(ctx).V(1).Info("waits", "for", err.Error())
		return reconcile.Result{RequeueAfter: kube.WatchDelay}, nil
	case err != nil:
		return kube.UnlessMoved(reconcile.Result{}, fmt.Errorf("service %s: %w", req, err))
	}
	return reconcile.Result{RequeueAfter: w.After}, nil
}
