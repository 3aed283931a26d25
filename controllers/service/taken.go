package service

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// markTaken says of the tasks that a ReplicaSet took without a mark why they stop:
// it made them after the others were marked, or somebody had asked it for more.
// They are not a user's to have stopped.
func (c *Controller) markTaken(ctx context.Context, w *world) error {
	for _, d := range w.deployments {
		if d.object == nil {
			continue
		}
		pods := make([]*corev1.Pod, len(d.tasks))
		for i, t := range d.tasks {
			pods[i] = t.pod
		}
		for _, t := range d.tasks {
			if t.pod.Annotations[v1alpha1.StopCodeAnnotation] != "" || !translator.TakenInScaleIn(t.pod, pods, *d.object.Spec.Replicas, translator.LessSince(w.service, d.entry.Number)) {
				continue
			}
			if err := c.annotate(ctx, t, c.scaleInMarks(d, t, w.now)); err != nil {
				return err
			}
		}
	}
	return nil
}
