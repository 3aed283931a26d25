package kube

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// CreateOwned creates an object that has a controlling owner. Where that owner has
// one of the name already, the watch has not shown it yet, or shows it no more
// because somebody took its label off: it gets all its labels back, for with that one
// the others may have gone, and is what is returned, as it is. An object of the name
// that is another's stays, and is the error AlreadyExists.
func (c *Collection[T]) CreateOwned(ctx context.Context, obj T) (T, error) {
	err := c.Create(ctx, obj)
	if !apierrors.IsAlreadyExists(err) {
		return obj, err
	}
	live, found, readErr := c.Live(ctx, obj.GetNamespace(), obj.GetName())
	switch {
	case readErr != nil:
		return obj, readErr
	case !found:
		return obj, fmt.Errorf("%T %s exists and does not: it was removed meanwhile", obj, obj.GetName())
	case !sameController(live, obj):
		return obj, err
	case c.selector.Matches(labels.Set(live.GetLabels())):
		return live, nil
	}
	return c.Patch(ctx, live, Fields{"metadata": Fields{"labels": obj.GetLabels()}})
}

// managedAgain puts the label back on a pod that all watches with a selector go by.
var managedAgain = Fields{"metadata": Fields{"labels": Fields{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy}}}

// Relabel gives a pod its label back that somebody took off it, where it is still
// there: the watch has shown it as deleted.
func (s *Store) Relabel(ctx context.Context, pod *corev1.Pod) (there bool, err error) {
	live, found, err := s.Pods.Live(ctx, pod.Namespace, pod.Name)
	if err != nil || !found || live.UID != pod.UID {
		return false, err
	}
	_, err = s.Pods.Patch(ctx, live, managedAgain)
	return true, client.IgnoreNotFound(err)
}

// RelabelPods does the same for the pods of tasks that lost it while nobody
// watched: their other labels and annotations say what they are.
func (s *Store) RelabelPods(ctx context.Context) error {
	lost, err := labels.Parse(v1alpha1.ClusterLabel + ",!" + v1alpha1.ManagedByLabel)
	if err != nil {
		return fmt.Errorf("parse a selector: %w", err)
	}
	var errs []error
	for _, namespace := range s.clusterNamespaces {
		pods := &corev1.PodList{}
		if err := s.Client.List(ctx, pods, client.InNamespace(namespace), client.MatchingLabelsSelector{Selector: lost}); err != nil {
			return fmt.Errorf("list pods without their label: %w", err)
		}
		for i := range pods.Items {
			_, err := s.Pods.Patch(ctx, &pods.Items[i], managedAgain)
			errs = append(errs, client.IgnoreNotFound(err))
		}
	}
	return errors.Join(errs...)
}

func sameController(a, b metav1.Object) bool {
	of, and := metav1.GetControllerOf(a), metav1.GetControllerOf(b)
	return of != nil && and != nil && of.UID == and.UID
}
