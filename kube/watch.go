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
	f := &feed[T]{into: into, shown: map[types.UID]T{}}
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
	into *Collection[T]
	// shown are the objects that the watch has shown: those that a new list lacks
	// were deleted while nothing was watched. What only this process has written
	// is not among them, since the list may be older.
	shown  map[types.UID]T
	synced atomic.Bool
}

// Add takes a new object.
func (f *feed[T]) Add(obj any) error { return f.Update(obj) }

// Update takes a new version. managedFields are kept out of memory: no answer
// needs them.
func (f *feed[T]) Update(obj any) error {
	typed := obj.(T)
	typed.SetManagedFields(nil)
	f.shown[typed.GetUID()] = typed
	f.into.store(typed)
	return nil
}

// Delete takes the last version of an object that is gone.
func (f *feed[T]) Delete(obj any) error {
	typed := obj.(T)
	delete(f.shown, typed.GetUID())
	f.into.remove(typed)
	return nil
}

// Replace takes a whole list: the first, or one after the watch was broken.
func (f *feed[T]) Replace(list []any, _ string) error {
	before := f.shown
	f.shown = make(map[types.UID]T, len(list))
	for _, obj := range list {
		delete(before, obj.(T).GetUID())
		if err := f.Update(obj); err != nil {
			return err
		}
	}
	for _, gone := range before {
		f.into.remove(gone)
	}
	f.synced.Store(true)
	return nil
}

// Resync is never asked for.
func (f *feed[T]) Resync() error { return nil }
