package kube

import (
	"context"
	"sync/atomic"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// watched is one list and watch of one namespace.
type watched struct {
	run    func(ctx context.Context)
	synced func() bool
}

// watchInto feeds a collection from a list and watch of one namespace ("" is
// all). An informer would hold every object and its keys a second time, and
// pass each event through three goroutines more.
func watchInto[T client.Object](c client.WithWatch, into *Collection[T], list func() client.ObjectList, namespace string, selector labels.Selector) watched {
	options := func(raw *metav1.ListOptions) *client.ListOptions {
		return &client.ListOptions{Namespace: namespace, LabelSelector: selector, Raw: raw}
	}
	f := &feed[T]{into: into, namespace: namespace}
	reflector := cache.NewReflector(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, opts metav1.ListOptions) (runtime.Object, error) {
			items := list()
			return items, c.List(ctx, items, options(&opts))
		},
		WatchFuncWithContext: func(ctx context.Context, opts metav1.ListOptions) (watch.Interface, error) {
			return c.Watch(ctx, list(), options(&opts))
		},
	}, into.make(), f, 0)
	return watched{run: reflector.RunWithContext, synced: f.synced.Load}
}

// feed is where one watch's events go. The Reflector calls it from one goroutine.
type feed[T client.Object] struct {
	into      *Collection[T]
	namespace string // "" is all
	synced    atomic.Bool
}

// Add takes a new object.
func (f *feed[T]) Add(obj any) error { return f.Update(obj) }

// Update takes a new version.
func (f *feed[T]) Update(obj any) error {
	typed := obj.(T)
	if !f.into.holds(typed) {
		f.into.slim(typed)
	}
	f.into.shown(typed)
	return nil
}

// Delete takes the last version of an object that is gone.
func (f *feed[T]) Delete(obj any) error {
	f.into.remove(obj.(T))
	return nil
}

// Transformer makes the objects of a list that is streamed slim as they come: all
// of them are there before Replace is called.
func (f *feed[T]) Transformer() cache.TransformFunc {
	return func(obj any) (any, error) {
		if typed, ok := obj.(T); ok {
			f.into.slim(typed)
			f.into.remember(typed)
		}
		return obj, nil
	}
}

// Replace takes a whole list: the first, or one after the watch was broken. What
// it lacks was deleted while nothing was watched, unless this process has written
// it since.
func (f *feed[T]) Replace(list []any, version string) error {
	listed := make(map[types.UID]struct{}, len(list))
	for _, obj := range list {
		typed := obj.(T)
		listed[typed.GetUID()] = struct{}{}
		if typed.GetManagedFields() != nil { // it has not been through Transformer
			f.into.slim(typed)
		}
		f.into.shown(typed)
	}
	f.into.lacked(listed, f.namespace, version)
	f.synced.Store(true)
	return nil
}

// Resync is never asked for.
func (f *feed[T]) Resync() error { return nil }
