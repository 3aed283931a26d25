package kube

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// CreateOwned creates an object that has a controlling owner. Where that owner has
// one of the name already, the watch has not shown it yet, or shows it no more
// because somebody took labels off it: it gets them back. An object of the name
// that is another's stays, and is the error AlreadyExists.
func (c *Collection[T]) CreateOwned(ctx context.Context, obj T) error {
	err := c.Create(ctx, obj)
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	live, found, readErr := c.Live(ctx, obj.GetNamespace(), obj.GetName())
	switch {
	case readErr != nil:
		return readErr
	case !found:
		return fmt.Errorf("%T %s exists and does not: it was removed meanwhile", obj, obj.GetName())
	case !sameController(live, obj):
		return err
	case c.selector.Matches(labels.Set(live.GetLabels())):
		return nil
	}
	_, err = c.Patch(ctx, live, Fields{"metadata": Fields{"labels": obj.GetLabels()}})
	return err
}

func sameController(a, b metav1.Object) bool {
	of, and := metav1.GetControllerOf(a), metav1.GetControllerOf(b)
	return of != nil && and != nil && of.UID == and.UID
}
