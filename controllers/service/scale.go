package service

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// deletionCost makes the ReplicaSet choose a pod first among its likes.
const deletionCost = "-1000"

// scale moves each Deployment to the count that the count function gives.
func (c *Controller) scale(ctx context.Context, w *world) error {
	lower, upper := w.limits()
	counts := Counts(lower, upper, w.sides())
	for i, d := range w.deployments {
		var err error
		switch {
		case counts[i] < d.side.Replicas:
			err = c.scaleIn(ctx, w, d, counts[i])
		case counts[i] > d.side.Replicas:
			err = c.setReplicas(ctx, d, counts[i])
		}
		switch {
		case apierrors.IsConflict(err):
			// Something has changed a moment ago, and is looked at when it is seen. Tasks
			// that end one after the other are not to keep the deployment from failing.
			w.LookAgain(kube.WatchDelay)
		case err != nil:
			return err
		}
	}
	return nil
}

// scaleIn marks the pods that are to go, waits for the answers, then lowers the
// count: lowered first, the ReplicaSet has chosen within milliseconds. Those that
// it would take after a protected one have to wait.
func (c *Controller) scaleIn(ctx context.Context, w *world, d *deployment, count int32) error {
	going, waiting := yielding(chosen(d.tasks, int(count)), d.tasks)
	// Somebody may have lowered the desired count while a task is being moved.
	moves := w.balancing() && count == w.desired() && d.side.Replicas == count+1
	if count += waiting; count >= d.side.Replicas {
		return nil
	}
	for _, t := range going {
		if t.marked() {
			continue
		}
		marks := c.scaleInMarks(d, t, w.now)
		if moves {
			marks[v1alpha1.RebalancedFromAnnotation] = t.zone
		}
		if err := c.annotate(ctx, t, marks); err != nil {
			return err
		}
	}
	return c.setReplicas(ctx, d, count)
}

// chosen are the tasks that a ReplicaSet would delete: first those without a
// node, then those that do not run, then those that are not ready, then those
// marked before; of the others those that have to leave their instance, then
// those that do not count for the lower limit yet, then, by the marks that they
// get, the youngest of the zone that has the most: a scale-in keeps the balance (API
// reference, UpdateService).
//
// All that are there beyond the count are chosen: one that was marked before and
// is not deleted yet is one of them, and another may have to go besides.
func chosen(tasks []*task, count int) []*task {
	var candidates []*task
	crowd := map[string]int{}
	for _, t := range tasks {
		switch {
		case t.pod.DeletionTimestamp != nil || t.state.Terminal() || t.state.Yields() || t.state.Stopping() && !t.marked():
		case t.protected:
			count-- // one of those that stay
			crowd[t.zone]++
		default:
			candidates = append(candidates, t)
		}
	}
	slices.SortStableFunc(candidates, func(a, b *task) int {
		return cmp.Or(
			cmp.Compare(rank(a), rank(b)),
			cmp.Compare(worth(a), worth(b)),
			b.pod.CreationTimestamp.Compare(a.pod.CreationTimestamp.Time),
		)
	})
	going := max(0, len(candidates)-max(0, count))
	free := slices.IndexFunc(candidates, func(t *task) bool { return rank(t) == rankOfUnmarked && worth(t) > 0 })
	if free < 0 || going <= free {
		return candidates[:going]
	}
	return append(candidates[:free:free], fromCrowded(candidates[free:], going-free, crowd)...)
}

// fromCrowded takes so many of the tasks, each time the first of the zone that has
// the most left; crowd counts those that stay in any case.
func fromCrowded(tasks []*task, count int, crowd map[string]int) []*task {
	left := slices.Clone(tasks)
	for _, t := range left {
		crowd[t.zone]++
	}
	var taken []*task
	for range count {
		next := 0
		for i, t := range left {
			if crowd[t.zone] > crowd[left[next].zone] {
				next = i
			}
		}
		crowd[left[next].zone]--
		taken, left = append(taken, left[next]), slices.Delete(left, next, next+1)
	}
	return taken
}

// yielding are those of the chosen that a ReplicaSet takes before any protected
// task, and how many the others are: no mark makes it take a ready pod before one
// that is not ready.
func yielding(going, all []*task) (first []*task, waiting int32) {
	weakest := rankOfUnmarked
	for _, t := range all {
		if t.protected && t.pod.DeletionTimestamp == nil && !t.state.Terminal() {
			weakest = min(weakest, rank(t))
		}
	}
	for _, t := range going {
		if min(rank(t), rankOfMarked) <= weakest {
			first = append(first, t)
		} else {
			waiting++
		}
	}
	return first, waiting
}

func worth(t *task) int {
	if t.healthy {
		return 1
	}
	return 0
}

// Ranks of tasks that are all the same to a ReplicaSet but for their marks.
const rankOfMarked, rankOfLeaving, rankOfUnmarked = 3, 4, 5

func rank(t *task) int {
	switch {
	case t.pod.Spec.NodeName == "":
		return 0
	case t.pod.Status.Phase != corev1.PodRunning:
		return 1
	case !podReady(t.pod):
		return 2
	case t.marked():
		return rankOfMarked
	case t.leaving:
		return rankOfLeaving
	}
	return rankOfUnmarked
}

func podReady(pod *corev1.Pod) bool {
	condition := translator.PodCondition(pod, corev1.PodReady)
	return condition != nil && condition.Status == corev1.ConditionTrue
}

func (c *Controller) setReplicas(ctx context.Context, d *deployment, count int32) error {
	object, err := c.Store.Deployments.Patch(ctx, d.object, kube.Fields{"spec": kube.Fields{"replicas": count}})
	if err != nil {
		return err
	}
	d.has(object)
	return nil
}

// unmarkOutlived unmarks the tasks of all Deployments. Those count again before
// anything is decided, so the service is looked at anew.
func (c *Controller) unmarkOutlived(ctx context.Context, w *world) error {
	for _, d := range w.deployments {
		if d.object == nil {
			continue
		}
		unmarked, err := c.unmark(ctx, d)
		if err != nil {
			return err
		}
		if unmarked {
			return fmt.Errorf("tasks that have outlived a scale-in count again: %w", errAwaited)
		}
	}
	return nil
}

// unmark takes the marks off pods that have outlived a scale-in: the ReplicaSet
// has settled on the count and has chosen others. Those get the marks first, as
// long as they are there: they were stopped by the scheduler, not by a user.
// It says whether there were any.
func (c *Controller) unmark(ctx context.Context, d *deployment) (unmarked bool, err error) {
	if !settled(d.object) {
		return false, nil
	}
	survivors, victims, alive := scaledIn(d.tasks)
	if alive > *d.object.Spec.Replicas {
		// The watch of pods is behind that of Deployments: a victim still looks alive, and
		// which of the marked stay is not known.
		d.side.Shrinking = len(survivors) > 0
		return false, nil
	}
	for i, t := range survivors {
		if i < len(victims) {
			if err := c.annotate(ctx, victims[i], c.scaleInMarks(d, victims[i], c.Now())); err != nil {
				return false, err
			}
		}
		clear := map[string]any{v1alpha1.RebalancedFromAnnotation: nil}
		for key := range c.scaleInMarks(d, t, c.Now()) {
			clear[key] = nil
		}
		if err := c.annotate(ctx, t, clear); err != nil {
			return false, err
		}
	}
	return len(survivors) > 0, nil
}

// scaledIn finds the marked that live on, those that the ReplicaSet deletes
// without marks, and the number of those that live and are the ReplicaSet's.
func scaledIn(tasks []*task) (survivors, victims []*task, alive int32) {
	for _, t := range tasks {
		if translator.Counted(t.pod) {
			alive++
		}
		switch {
		case translator.Outlives(t.pod):
			survivors = append(survivors, t)
		case !t.marked() && t.pod.DeletionTimestamp != nil && t.pod.Annotations[v1alpha1.StopCodeAnnotation] == "":
			victims = append(victims, t)
		}
	}
	return survivors, victims, alive
}

// scaleInMarks are the annotations of a pod that is to go in a scale-in.
func (c *Controller) scaleInMarks(d *deployment, t *task, now time.Time) map[string]any {
	marks := map[string]any{corev1.PodDeletionCost: deletionCost}
	stop := translator.Stop{Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: translator.ScalingReason(d.id)}
	for key, value := range translator.StopAnnotations(t.pod, stop, now) {
		marks[key] = value
	}
	return marks
}

func (c *Controller) annotate(ctx context.Context, t *task, annotations map[string]any) error {
	return c.patchTask(ctx, t, kube.Fields{"annotations": annotations})
}

// patchTask patches the pod's metadata, guarded by the version that was looked at;
// a pod that is gone needs none.
func (c *Controller) patchTask(ctx context.Context, t *task, metadata kube.Fields) error {
	pod, err := c.Store.Pods.Patch(ctx, t.pod, kube.Fields{"metadata": metadata})
	if err != nil {
		return client.IgnoreNotFound(err)
	}
	t.pod, t.state = pod, translator.Observe(pod)
	return nil
}

func settled(object *appsv1.Deployment) bool {
	return !translator.Shrinking(object) && object.Status.Replicas == *object.Spec.Replicas
}

// stopReplaced ends the tasks that were left running until their replacement is
// healthy, once it is. Of two sides each has to have its own.
func (c *Controller) stopReplaced(ctx context.Context, w *world) error {
	var healthy int32
	for _, d := range w.deployments {
		healthy += d.side.Healthy
	}
	if healthy < w.total() {
		return nil
	}
	for _, d := range w.deployments {
		if !w.rolling() && d.side.Healthy < d.side.Wanted {
			continue
		}
		for _, t := range d.tasks {
			if !t.state.Yields() {
				continue
			}
			_, err := c.Store.Pods.Patch(ctx, t.pod, translator.YieldPatch(t.pod, w.now))
			if err != nil && !apierrors.IsNotFound(err) {
				return err
			}
		}
	}
	return nil
}
