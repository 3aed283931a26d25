package scaling

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	rules "github.com/gantry-ecs/gantry/scaling"
)

// Config is what New takes.
type Config struct {
	Store *kube.Store
	// Now is the clock.
	Now func() time.Time
	Log *zap.Logger
}

// Controller reconciles scalable targets. Only the leader runs it.
type Controller struct {
	store *kube.Store
	now   func() time.Time
	log   *zap.Logger
}

// New makes the controller.
func New(cfg Config) *Controller {
	return &Controller{store: cfg.Store, now: cfg.Now, log: cfg.Log}
}

// Name is the controller's name.
func (c *Controller) Name() string { return "scaling" }

// Sources are the targets, and the services and autoscalers of the same name.
func (c *Controller) Sources() []source.Source {
	return []source.Source{
		kube.Source(c.store.Targets, kube.Itself[*v1alpha1.ScalableTarget]),
		kube.Source(c.store.Services, kube.Itself[*v1alpha1.ECSService]),
		kube.Source(c.store.Autoscalers, kube.Itself[*autoscalingv2.HorizontalPodAutoscaler]),
	}
}

// world is all that one reconciliation decides on, read once. A target, its
// service and its autoscaler have the same name.
type world struct {
	now    time.Time
	target *v1alpha1.ScalableTarget
	// service is nil where there is none or it was deleted.
	service *v1alpha1.ECSService
	// autoscaler is nil where there is none.
	autoscaler *autoscalingv2.HorizontalPodAutoscaler
	policies   []policy
	// inRange is set when the service has been moved into the range of the
	// target's registration.
	inRange bool
	// differences are those between the policies and the autoscaler.
	differences []string
}

func (w *world) active() bool {
	return w.service != nil && w.target.Spec.RegisteredAt != nil && w.target.Spec.DeregisteredAt == nil
}

func (w *world) identity() rules.Target {
	spec := w.target.Spec
	return rules.Target{Account: spec.Account, Region: spec.Region, Cluster: spec.Cluster, Service: spec.Service}
}

// Reconcile takes the steps that a target needs. A step that finds its object
// changed ends the reconciliation: it starts anew.
func (c *Controller) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	target, found := c.store.Targets.Get(req.Namespace, req.Name)
	autoscaler, scaled := c.store.Autoscalers.Get(req.Namespace, req.Name)
	if !found || target.DeletionTimestamp != nil {
		if !scaled {
			return reconcile.Result{}, nil
		}
		return reconcile.Result{}, c.removeAutoscaler(ctx, autoscaler)
	}
	w := &world{now: c.now(), target: target, service: c.serviceOf(target)}
	if scaled {
		w.autoscaler = autoscaler
	}
	policies, err := policiesOf(target)
	if err != nil {
		return reconcile.Result{}, reconcile.TerminalError(err)
	}
	w.policies = policies
	err = kube.TakeSteps(ctx, w, []kube.Step[*world]{
		{Name: "move service into range", Take: c.moveIntoRange},
		{Name: "keep autoscaler", Take: c.keepAutoscaler},
		{Name: "record activities", Take: c.record},
	})
	if err != nil {
		return kube.UnlessMoved(reconcile.Result{}, fmt.Errorf("scalable target %s: %w", target.Spec.ResourceID, err))
	}
	return c.expire(ctx, w)
}

// serviceOf finds the service that the target is about, if it is to run.
func (c *Controller) serviceOf(target *v1alpha1.ScalableTarget) *v1alpha1.ECSService {
	svc, found := c.store.Services.Get(target.Namespace, target.Name)
	if !found || svc.DeletionTimestamp != nil || svc.Spec.DeletedAt != nil ||
		svc.Spec.Name != target.Spec.Service || svc.Spec.Cluster != target.Spec.Cluster {
		return nil
	}
	return svc
}

// expire removes what a deregistered target leaves once none of its activities
// is described any more.
func (c *Controller) expire(ctx context.Context, w *world) (reconcile.Result, error) {
	gone := w.target.Spec.DeregisteredAt
	if gone == nil {
		return reconcile.Result{}, nil
	}
	if left := gone.Add(rules.ActivityAge).Sub(w.now); left > 0 {
		return reconcile.Result{RequeueAfter: left}, nil
	}
	err := c.store.Targets.Delete(ctx, w.target, client.Preconditions{ResourceVersion: &w.target.ResourceVersion})
	return kube.UnlessMoved(reconcile.Result{}, err)
}
