package daemon

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/translator"
)

// replace stops the tasks of other revisions than the target's, as many as may
// be away at a time; the DaemonSet makes the next on their instances. Those of a
// daemon that is deleted all stop once the DaemonSet makes no more.
func (c *Controller) replace(ctx context.Context, w *world) error {
	var stop []task
	switch {
	case w.deployment == nil:
	case w.daemon.Spec.DeletedAt != nil:
		if w.set == nil {
			stop = w.outdated(0)
		}
	case w.moves():
		if instances, known := w.instances(); known {
			outdated := w.outdated(w.target())
			stop = outdated[:Room(instances, w.up(), len(outdated), drainPercent(w.configuration))]
		}
	}
	for _, t := range stop {
		if err := c.stop(ctx, w, t); err != nil {
			return err
		}
	}
	return nil
}

// moves says whether the deployment is replacing tasks.
func (w *world) moves() bool {
	switch translator.DaemonDeploymentState(w.deployment) {
	case types.DaemonDeploymentStatusInProgress, types.DaemonDeploymentStatusRollbackInProgress:
		return true
	default:
		return false
	}
}

// outdated are the tasks of other revisions that do not stop yet, those that are
// not healthy first.
func (w *world) outdated(target int64) []task {
	var tasks []task
	for _, t := range w.tasks {
		if t.revision != target && !t.stopping {
			tasks = append(tasks, t)
		}
	}
	slices.SortFunc(tasks, func(a, b task) int {
		if a.healthy != b.healthy {
			if b.healthy {
				return -1
			}
			return 1
		}
		return strings.Compare(a.pod.Name, b.pod.Name)
	})
	return tasks
}

// up counts the instances that have the daemon: a healthy task of the target, or
// one that is to be replaced, whatever its health.
func (w *world) up() int {
	up, target := 0, w.target()
	for _, t := range w.tasks {
		if !t.stopping && (t.healthy || t.revision != target) {
			up++
		}
	}
	return up
}

// Room is how many of the outdated tasks may be stopped now: drainPercent of the
// instances, and one at least, may be without the daemon (API reference,
// DaemonDeploymentConfiguration.drainPercent; how ECS rounds is not documented).
func Room(instances, up, outdated int, percent float64) int {
	away := max(1, int(math.Floor(float64(instances)*percent/100)))
	return max(0, min(outdated, away-max(0, instances-up)))
}

func drainPercent(config types.DaemonDeploymentConfiguration) float64 {
	return aws.ToFloat64(config.DrainPercent)
}

// stop stops one task. The words are those for a service's tasks: ECS's for a
// daemon's are not known.
func (c *Controller) stop(ctx context.Context, w *world, t task) error {
	patch, subresource := translator.StopPatch(t.pod, translator.Stop{
		Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: translator.ScalingReason(w.id()),
	}, w.now, w.now)
	_, err := c.Store.Pods.PatchPart(ctx, t.pod, subresource, patch)
	return client.IgnoreNotFound(err)
}

// remove deletes a daemon whose tasks have all ended.
func (c *Controller) remove(ctx context.Context, w *world) error {
	if w.daemon.Spec.DeletedAt == nil || w.set != nil || len(w.tasks) > 0 {
		return nil
	}
	guard := client.Preconditions{UID: &w.daemon.UID, ResourceVersion: &w.daemon.ResourceVersion}
	return c.Store.Daemons.Delete(ctx, w.daemon, guard, client.PropagationPolicy("Background"))
}
