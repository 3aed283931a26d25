package service

import (
	"context"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// dealProviders says of each new task which capacity provider it is of, where the
// service's tasks are of several: the pods of a Deployment are alike when they are
// made. A task is dealt once; one that takes the place of another gets what the
// others leave behind.
func (c *Controller) dealProviders(ctx context.Context, w *world) error {
	for _, d := range w.deployments {
		dealt, fresh := map[string]int32{}, []*task{}
		for _, t := range d.tasks {
			switch provider := t.pod.Annotations[v1alpha1.CapacityProviderAnnotation]; {
			case !t.state.Stays():
			case provider != "":
				dealt[provider]++
			case len(translator.ProvidersToDeal(t.pod)) > 0:
				fresh = append(fresh, t)
			}
		}
		for _, t := range fresh {
			provider := translator.NextProvider(translator.ProvidersToDeal(t.pod), dealt)
			if err := c.annotate(ctx, t, map[string]any{v1alpha1.CapacityProviderAnnotation: provider}); err != nil {
				return err
			}
			dealt[provider]++
		}
	}
	return nil
}
