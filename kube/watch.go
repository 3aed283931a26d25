package kube

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// watchInto feeds a collection from a list and watch of one namespace ("" is
// all). It returns the informer, not yet started, and whether the collection
// has everything that the first list showed.
func watchInto[T client.Object](c client.WithWatch, into *Collection[T], list func() client.ObjectList, namespace string, selector labels.Selector) (cache.SharedIndexInformer, cache.InformerSynced, error) {
	options := func(raw *metav1.ListOptions) *client.ListOptions {
		return &client.ListOptions{Namespace: namespace, LabelSelector: selector, Raw: raw}
	}
	informer := cache.NewSharedIndexInformer(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, opts metav1.ListOptions) (runtime.Object, error) {
			items := list()
			return items, c.List(ctx, items, options(&opts))
		},
		WatchFuncWithContext: func(ctx context.Context, opts metav1.ListOptions) (watch.Interface, error) {
			return c.Watch(ctx, list(), options(&opts))
		},
	}, into.make(), 0, cache.Indexers{})
	if err := informer.SetTransform(dropManagedFields); err != nil {
		return nil, nil, fmt.Errorf("set transform: %w", err)
	}
	registration, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(obj any) { into.store(obj.(T)) },
		UpdateFunc: func(_, obj any) { into.store(obj.(T)) },
		DeleteFunc: func(obj any) {
			if final, ok := obj.(cache.DeletedFinalStateUnknown); ok {
				obj = final.Obj
			}
			into.remove(obj.(T))
		},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("add event handler: %w", err)
	}
	return informer, registration.HasSynced, nil
}

// dropManagedFields keeps out of memory what no answer needs.
func dropManagedFields(obj any) (any, error) {
	if object, ok := obj.(client.Object); ok {
		object.SetManagedFields(nil)
	}
	return obj, nil
}
