package service

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// countInstances keeps the desired count of a DAEMON service: as many as there
// are nodes that take a task of its newest deployment.
func (c *Controller) countInstances(ctx context.Context, w *world) error {
	object := w.newest().object
	if !translator.IsDaemon(w.service) || w.service.Spec.DeletedAt != nil || object == nil {
		return nil
	}
	var count int32
	for _, node := range c.Store.Nodes.All() {
		if translator.TakesDaemon(node, &object.Spec.Template) {
			count++
		}
	}
	if count == w.service.Spec.DesiredCount {
		return nil
	}
	if err := c.patchSpec(ctx, w, kube.Fields{"desiredCount": count}); err != nil {
		return err
	}
	w.plan()
	return nil
}

// daemonsOf are the services that a change of a node may concern.
func (c *Controller) daemonsOf(*corev1.Node) []reconcile.Request {
	var requests []reconcile.Request
	for _, svc := range c.Store.Services.All() {
		if translator.IsDaemon(svc) && svc.Spec.DeletedAt == nil {
			requests = append(requests, kube.Request(svc.Namespace, svc.Name))
		}
	}
	return requests
}
