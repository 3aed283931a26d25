package service

import (
	"cmp"
	"context"
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
		default:
			err = c.unmark(ctx, d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// scaleIn marks the pods that are to go, waits for the answers, then lowers the
// count: lowered first, the ReplicaSet has chosen within milliseconds.
func (c *Controller) scaleIn(ctx context.Context, w *world, d *deployment, count int32) error {
	for _, t := range chosen(d.tasks, int(count)) {
		if t.marked() {
			continue
		}
		if err := c.annotate(ctx, t, c.scaleInMarks(d, w.now)); err != nil {
			return err
		}
	}
	return c.setReplicas(ctx, d, count)
}

// chosen are the tasks that a ReplicaSet would delete: first those without a
// node, then those that do not run, then those that are not ready, then those
// marked before, then the youngest.
//
// All that are there beyond the count are chosen: one that was marked before and
// is not deleted yet is one of them, and another may have to go besides.
func chosen(tasks []*task, count int) []*task {
	var candidates []*task
	for _, t := range tasks {
		switch {
		case t.pod.DeletionTimestamp != nil || t.state.Terminal() || t.state.Stopping() && !t.marked():
		case t.protected:
			count-- // one of those that stay
		default:
			candidates = append(candidates, t)
		}
	}
	slices.SortStableFunc(candidates, func(a, b *task) int {
		return cmp.Or(
			cmp.Compare(rank(a), rank(b)),
			b.pod.CreationTimestamp.Compare(a.pod.CreationTimestamp.Time),
		)
	})
	return candidates[:max(0, len(candidates)-max(0, count))]
}

func rank(t *task) int {
	switch {
	case t.pod.Spec.NodeName == "":
		return 0
	case t.pod.Status.Phase != corev1.PodRunning:
		return 1
	case !podReady(t.pod):
		return 2
	case t.marked():
		return 3
	}
	return 4
}

func podReady(pod *corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

func (c *Controller) setReplicas(ctx context.Context, d *deployment, count int32) error {
	object, err := c.Store.Deployments.Patch(ctx, d.object, kube.Fields{"spec": kube.Fields{"replicas": count}})
	if err != nil {
		return err
	}
	d.object, d.side.Replicas = object, count
	return nil
}

// unmark takes the marks off pods that have outlived a scale-in: the ReplicaSet
// has settled on the count and has chosen others. Those get the marks first, as
// long as they are there: they were stopped by the scheduler, not by a user.
func (c *Controller) unmark(ctx context.Context, d *deployment) error {
	if !settled(d.object) {
		return nil
	}
	survivors, victims, alive := scaledIn(d.tasks)
	if alive > *d.object.Spec.Replicas {
		return nil // the watch of pods is behind that of Deployments: a victim still looks alive
	}
	for i, t := range survivors {
		if i < len(victims) {
			if err := c.annotate(ctx, victims[i], c.scaleInMarks(d, c.Now())); err != nil {
				return err
			}
		}
		clear := map[string]any{}
		for key := range c.scaleInMarks(d, c.Now()) {
			clear[key] = nil
		}
		if err := c.annotate(ctx, t, clear); err != nil {
			return err
		}
	}
	return nil
}

// scaledIn finds the marked that live on, those that the ReplicaSet deletes
// without marks, and the number of those that live.
func scaledIn(tasks []*task) (survivors, victims []*task, alive int32) {
	for _, t := range tasks {
		lives := t.pod.DeletionTimestamp == nil && !t.state.Terminal() && t.pod.Spec.ActiveDeadlineSeconds == nil
		if lives {
			alive++
		}
		switch {
		case t.marked() && lives:
			survivors = append(survivors, t)
		case !t.marked() && t.pod.DeletionTimestamp != nil && t.pod.Annotations[v1alpha1.StopCodeAnnotation] == "":
			victims = append(victims, t)
		}
	}
	return survivors, victims, alive
}

// scaleInMarks are the annotations of a pod that is to go in a scale-in.
func (c *Controller) scaleInMarks(d *deployment, now time.Time) map[string]any {
	marks := map[string]any{corev1.PodDeletionCost: deletionCost}
	stop := translator.Stop{Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: translator.ScalingReason(d.id)}
	for key, value := range translator.StopAnnotations(stop, now) {
		marks[key] = value
	}
	return marks
}

// annotate patches the pod's annotations, guarded by the version that was looked
// at; a pod that is gone needs none.
func (c *Controller) annotate(ctx context.Context, t *task, annotations map[string]any) error {
	pod, err := c.Store.Pods.Patch(ctx, t.pod, kube.Fields{"metadata": kube.Fields{"annotations": annotations}})
	if err != nil {
		return client.IgnoreNotFound(err)
	}
	t.pod, t.state = pod, translator.Observe(pod)
	return nil
}

func settled(object *appsv1.Deployment) bool {
	return object.Status.ObservedGeneration == object.Generation &&
		object.Status.Replicas == *object.Spec.Replicas
}

// stopReplaced ends the tasks that were left running until their replacement is
// healthy, once it is.
func (c *Controller) stopReplaced(ctx context.Context, w *world) error {
	var healthy int32
	for _, d := range w.deployments {
		healthy += d.side.Healthy
	}
	if healthy < w.desired() {
		return nil
	}
	for _, d := range w.deployments {
		for _, t := range d.tasks {
			if t.pod.Annotations[v1alpha1.StopAtAnnotation] == "" || t.pod.Spec.ActiveDeadlineSeconds != nil ||
				t.pod.DeletionTimestamp != nil || t.state.Terminal() {
				continue
			}
			_, err := c.Store.Pods.Patch(ctx, t.pod, kube.Fields{"spec": kube.Fields{"activeDeadlineSeconds": 1}})
			if err != nil && !apierrors.IsNotFound(err) {
				return err
			}
		}
	}
	return nil
}
