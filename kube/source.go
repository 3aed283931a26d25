package kube

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// Source feeds a controller from a collection: with what is there, then with
// each change, the writes of this process included. It ends with the
// controller's context, so that a controller can be made anew for each term of a
// leader. concern says which requests an object is about.
func Source[T client.Object](c *Collection[T], concern func(T) []reconcile.Request) source.Source {
	return source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		add := func(obj T) {
			for _, request := range concern(obj) {
				queue.Add(request)
			}
		}
		unsubscribe := c.Subscribe(add)
		context.AfterFunc(ctx, unsubscribe)
		for _, obj := range c.All() {
			add(obj)
		}
		return nil
	})
}

// Request asks for the object of that name.
func Request(namespace, name string) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}
}

// Itself is the concern of a controller whose requests name the object itself.
func Itself[T client.Object](obj T) []reconcile.Request {
	return []reconcile.Request{Request(obj.GetNamespace(), obj.GetName())}
}
