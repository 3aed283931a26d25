package service

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// Traffic says what reaches the tasks of a deployment.
type Traffic int

const (
	// ProductionTraffic is what clients send: all deployments of a rolling update get it.
	ProductionTraffic Traffic = iota
	// TestTraffic comes through the alternate target groups alone.
	TestTraffic
	// NoTraffic is for a deployment that waits for its turn, or is over.
	NoTraffic
)

const (
	// noDeployment selects no task.
	noDeployment = "none"
	// takenDelay is waited for a name that something else has.
	takenDelay = 30 * time.Second
)

// routes keeps the Services that lead to the service's tasks. It comes before
// the deployments are made: no task may get traffic that is not for it.
func (c *Controller) routes(ctx context.Context, w *world) error {
	if err := c.readRoutes(ctx, w); err != nil {
		return err
	}
	wanted := w.wantedRoutes()
	for _, r := range wanted {
		if err := c.ensureRoute(ctx, w, r); err != nil {
			return err
		}
	}
	for _, object := range c.Store.Routes.By(kube.ByOwner, kube.OwnerKey(w.service.Namespace, w.service.Name)) {
		kept := slices.ContainsFunc(wanted, func(r route) bool { return r.Name == object.Name })
		if kept || object.DeletionTimestamp != nil || !metav1.IsControlledBy(object, w.service) {
			continue
		}
		if err := c.Store.Routes.Delete(ctx, object); err != nil {
			return err
		}
	}
	return nil
}

// readRoutes takes the routes of a deployment from its pods' template.
func (c *Controller) readRoutes(ctx context.Context, w *world) error {
	for _, d := range w.deployments {
		var err error
		if d.object != nil {
			d.routes, err = translator.RoutesOf(d.object.Spec.Template.Annotations)
		} else {
			var revision *v1alpha1.ServiceRevision
			var found bool
			revision, found, err = c.Store.Revisions.Find(ctx, w.service.Namespace, d.entry.Revision)
			if err == nil && found {
				d.routes, err = translator.RevisionRoutes(revision)
			}
		}
		if err != nil {
			return fmt.Errorf("read the routes of deployment %s: %w", d.id, err)
		}
	}
	return nil
}

// route is a Service that there should be. deployment is the number of the only
// one that it leads to, or empty for all that carry it.
type route struct {
	translator.Route
	deployment string
}

// wantedRoutes are those of all deployments; of a route that several have, the
// newest one's form counts.
func (w *world) wantedRoutes() []route {
	if w.gone() {
		return nil
	}
	var wanted []route
	for _, d := range slices.Backward(w.deployments) {
		for _, r := range d.routes {
			if !slices.ContainsFunc(wanted, func(other route) bool { return other.Name == r.Name }) {
				wanted = append(wanted, route{r, w.destination(r)})
			}
		}
	}
	return wanted
}

// gone is true for a service that was deleted and has no tasks: what its
// Services stood for is free for others.
func (w *world) gone() bool {
	return w.service.Spec.DeletedAt != nil && !slices.ContainsFunc(w.deployments, func(d *deployment) bool { return d.side.Active > 0 })
}

// destination is which deployment a route leads to. A selector can name one
// deployment or none, so where some of several get the traffic it is the newest
// of them.
func (w *world) destination(r translator.Route) string {
	traffic, carriers, served := ProductionTraffic, 0, noDeployment
	if r.Test {
		traffic = TestTraffic
	}
	all := !r.Test
	for _, d := range w.deployments {
		if !slices.ContainsFunc(d.routes, func(own translator.Route) bool { return own.Name == r.Name }) {
			continue
		}
		carriers++
		if d.traffic == traffic {
			served = strconv.FormatInt(d.entry.Number, 10)
		} else {
			all = false
		}
	}
	if all && carriers > 0 {
		return ""
	}
	return served
}

func (c *Controller) ensureRoute(ctx context.Context, w *world, r route) error {
	spec, marks := translator.RouteSpec(w.service.Name, r.Route, r.deployment), ownedMeta(w.service, r.Name).Labels
	current, exists := c.Store.Routes.Get(w.service.Namespace, r.Name)
	switch {
	case !exists:
		return c.makeRoute(ctx, w, r, spec)
	case current.DeletionTimestamp != nil:
		w.LookAgain(kube.WatchDelay)
		return nil
	case !metav1.IsControlledBy(current, w.service):
		return c.routeTaken(ctx, w, current)
	case r.Registry != "" != (current.Spec.ClusterIP == corev1.ClusterIPNone): // it cannot be changed
		w.LookAgain(kube.WatchDelay)
		return c.Store.Routes.Delete(ctx, current)
	case labels.SelectorFromSet(marks).Matches(labels.Set(current.Labels)) &&
		equality.Semantic.DeepEqual(current.Spec.Selector, spec.Selector) && equality.Semantic.DeepEqual(current.Spec.Ports, spec.Ports):
		return nil
	}
	_, err := c.Store.Routes.Patch(ctx, current, kube.Fields{
		"metadata": kube.Fields{"labels": marks, "annotations": translator.RouteAnnotations(r.Route)},
		"spec":     kube.Fields{"selector": translator.SelectorPatch(current.Spec.Selector, spec.Selector), "ports": spec.Ports},
	})
	return err
}

func (c *Controller) makeRoute(ctx context.Context, w *world, r route, spec corev1.ServiceSpec) error {
	object := &corev1.Service{ObjectMeta: ownedMeta(w.service, r.Name), Spec: spec}
	object.Annotations = translator.RouteAnnotations(r.Route)
	if r.DNSName != "" {
		object.Spec.ClusterIP = w.earlierAddress(r.DNSName)
	}
	_, err := c.Store.Routes.CreateOwned(ctx, object)
	if apierrors.IsInvalid(err) && r.DNSName != "" { // something else has the address by now
		object.Spec.ClusterIP = ""
		_, err = c.Store.Routes.CreateOwned(ctx, object)
	}
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	live, found, err := c.Store.Routes.Live(ctx, object.Namespace, object.Name)
	if err != nil {
		return err
	}
	if !found {
		w.LookAgain(kube.WatchDelay)
		return nil
	}
	return c.routeTaken(ctx, w, live)
}

// routeTaken is for a Service of the route's name that is not this service's.
// What an earlier service of the name left behind is removed. Anything else
// stays, and the tasks are without this route: calls that ask for a target group
// of another service are refused, so it is a user's own Service.
func (c *Controller) routeTaken(ctx context.Context, w *world, object *corev1.Service) error {
	if object.Labels[v1alpha1.ManagedByLabel] == v1alpha1.ManagedBy && object.Labels[v1alpha1.ServiceLabel] == w.service.Name {
		w.LookAgain(kube.WatchDelay)
		return c.Store.Routes.Delete(ctx, object, client.PropagationPolicy(metav1.DeletePropagationBackground))
	}
	log.FromContext(ctx).Info("a Service that is not the ECS service's has the name of its route: no traffic comes through it",
		"service", object.Name, "namespace", object.Namespace)
	w.LookAgain(takenDelay)
	return nil
}
