package daemon

import (
	"context"
	"fmt"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// set keeps the DaemonSet at the revision that all instances are to run: what it
// makes from now on is of that. A daemon that is deleted has none; its tasks are
// left to be stopped as tasks are.
func (c *Controller) set(ctx context.Context, w *world) error {
	if w.daemon.Spec.DeletedAt != nil {
		if w.set == nil || w.set.DeletionTimestamp != nil {
			return nil
		}
		return c.Store.DaemonSets.Delete(ctx, w.set, client.PropagationPolicy(metav1.DeletePropagationOrphan))
	}
	number := w.target()
	if w.set != nil && w.set.Labels[v1alpha1.DeploymentLabel] == strconv.FormatInt(number, 10) {
		return nil
	}
	entry, found := w.entryOf(number)
	if !found {
		return fmt.Errorf("the daemon has no template of revision %d", number)
	}
	// The tasks' startedBy is the deployment that first ran their revision: what a
	// daemon's tasks have on ECS is not known.
	wanted, err := translator.DaemonSet(w.daemon, entry, kube.ServiceDeploymentID(w.daemon.UID, number))
	if err != nil {
		return err
	}
	wanted.OwnerReferences = owner(w.daemon)
	if w.set == nil {
		if w.set, err = c.Store.DaemonSets.CreateOwned(ctx, wanted); err != nil {
			return err
		}
		if w.set.Labels[v1alpha1.DeploymentLabel] == wanted.Labels[v1alpha1.DeploymentLabel] {
			return nil
		}
	}
	changed := w.set.DeepCopy()
	changed.Labels[v1alpha1.DeploymentLabel] = wanted.Labels[v1alpha1.DeploymentLabel]
	changed.Spec.Template = wanted.Spec.Template
	w.set, err = c.Store.DaemonSets.PatchTo(ctx, w.set, changed, kube.MainPart)
	return err
}

func (w *world) entryOf(number int64) (v1alpha1.DaemonDeploymentEntry, bool) {
	for _, entry := range w.daemon.Spec.Deployments {
		if entry.Number == number {
			return entry, true
		}
	}
	return v1alpha1.DaemonDeploymentEntry{}, false
}
