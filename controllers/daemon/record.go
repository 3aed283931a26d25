package daemon

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// reasonReplaced: ECS's text is not known (Developer Guide, daemon deployments:
// "or was replaced by a new deployment").
const reasonReplaced = "Deployment was replaced by a new deployment."

// record makes the record of the newest deployment, and ends those before it
// that had not come to their end.
func (c *Controller) record(ctx context.Context, w *world) error {
	for _, deployment := range w.older {
		if translator.DaemonDeploymentFinal(translator.DaemonDeploymentState(deployment)) {
			continue
		}
		if _, err := c.patchStatus(ctx, deployment, kube.Fields{
			"state": string(types.DaemonDeploymentStatusStopped), "stateReason": reasonReplaced, "stoppedAt": micro(w),
		}); err != nil {
			return err
		}
	}
	if w.deployment != nil {
		return nil
	}
	spec, entry := w.daemon.Spec, w.entry
	entry.Template = nil
	deployment := &v1alpha1.DaemonDeployment{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: w.daemon.Namespace, Name: kube.DeploymentName(w.daemon.Name, entry.Number), OwnerReferences: owner(w.daemon),
			Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.DaemonLabel: w.daemon.Name},
		},
		Spec: v1alpha1.DaemonDeploymentSpec{
			Identity: spec.Identity, Cluster: spec.Cluster, Daemon: spec.Name, DaemonDeploymentEntry: entry, Sources: w.sources(),
		},
	}
	err := c.Store.DaemonDeployments.Create(ctx, deployment)
	if apierrors.IsAlreadyExists(err) {
		// The watch has not shown it yet, or it is an earlier daemon's, which goes.
		w.LookAgain(kube.WatchDelay)
		_, _, err = c.Store.DaemonDeployments.Live(ctx, deployment.Namespace, deployment.Name)
		return err
	}
	w.deployment = deployment
	return err
}

// sources are the revisions that have tasks.
func (w *world) sources() []int64 {
	var numbers []int64
	for _, t := range w.tasks {
		if t.revision != w.entry.Number && !t.stopping && !slices.Contains(numbers, t.revision) {
			numbers = append(numbers, t.revision)
		}
	}
	slices.Sort(numbers)
	return numbers
}

func owner(d *v1alpha1.Daemon) []metav1.OwnerReference {
	return []metav1.OwnerReference{*metav1.NewControllerRef(d, v1alpha1.GroupVersion.WithKind("Daemon"))}
}

func micro(w *world) metav1.MicroTime { return metav1.NewMicroTime(w.now) }

func (c *Controller) patchStatus(ctx context.Context, deployment *v1alpha1.DaemonDeployment, status kube.Fields) (*v1alpha1.DaemonDeployment, error) {
	return c.Store.DaemonDeployments.PatchStatus(ctx, deployment, kube.Fields{"status": status})
}
