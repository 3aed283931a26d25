package service

import (
	"context"

	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// countInstances keeps the desired count of a DAEMON service: as many as there
// are nodes that take a task of its newest deployment.
func (c *Controller) countInstances(ctx context.Context, w *world) error {
	if !translator.IsDaemon(w.service) || w.service.Spec.DeletedAt != nil || w.newest().object == nil {
		return nil
	}
	var count int32
	for _, node := range c.Store.Nodes.All() {
		if translator.TakesDaemon(node, &w.newest().object.Spec.Template) {
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
