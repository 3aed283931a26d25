package kube

import (
	"context"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	utilcache "k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// tombstones bound how many deletions are remembered, and for how long: the
// answer to a write that was overtaken by a deletion must not bring the object back.
const (
	tombstones   = 10_000
	tombstoneTTL = 10 * time.Minute
)

// Collection holds the objects of one kind: what the watch has shown and what
// this process has written, whichever is newer. Objects it gives out are shared;
// nobody may change them.
type Collection[T client.Object] struct {
	client client.Client
	make   func() T
	// selector says which objects the watch shows.
	selector labels.Selector
	// share and remember are those of models.
	share, remember func(obj T)

	mu          sync.RWMutex
	indexer     cache.Indexer
	deleted     *utilcache.LRUExpireCache
	subscribers map[int]func(obj T)
	nextID      int
}

func newCollection[E any, T pointerTo[E]](c client.Client, selector labels.Selector, make func() T, indexers map[string]func(T) []string, alike resemblance[T]) *Collection[T] {
	funcs := cache.Indexers{}
	for name, index := range indexers {
		funcs[name] = func(obj any) ([]string, error) { return index(obj.(T)), nil }
	}
	models := newModels[E](alike)
	return &Collection[T]{
		client:      c,
		make:        make,
		selector:    selector,
		share:       models.share,
		remember:    models.remember,
		indexer:     cache.NewIndexer(cache.MetaNamespaceKeyFunc, funcs),
		deleted:     utilcache.NewLRUExpireCache(tombstones),
		subscribers: map[int]func(obj T){},
	}
}

// Get returns the object of that name, if there is one.
func (c *Collection[T]) Get(namespace, name string) (T, bool) {
	key := name
	if namespace != "" {
		key = namespace + "/" + name
	}
	obj, ok, _ := c.indexer.GetByKey(key)
	if !ok {
		var none T
		return none, false
	}
	return obj.(T), true
}

// Find returns the object of that name, asking the API server where the
// collection has none: another replica may have made it a moment ago. It
// returns false where there is none.
func (c *Collection[T]) Find(ctx context.Context, namespace, name string) (T, bool, error) {
	if obj, ok := c.Get(namespace, name); ok {
		return obj, true, nil
	}
	return c.Live(ctx, namespace, name)
}

// Live reads the object from the API server. It returns false where there is none.
// One that the watch does not show is somebody else's: held, it would look like
// Gantry's own, and nothing would tell of its end.
func (c *Collection[T]) Live(ctx context.Context, namespace, name string) (T, bool, error) {
	obj := c.make()
	err := c.client.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, obj)
	if apierrors.IsNotFound(err) {
		var none T
		return none, false, nil
	}
	if err != nil {
		var none T
		return none, false, fmt.Errorf("get %T %s/%s: %w", obj, namespace, name, err)
	}
	if c.selector.Matches(labels.Set(obj.GetLabels())) {
		c.store(obj)
	}
	return obj, true, nil
}

// By returns the objects that the index files under the value, in no order.
func (c *Collection[T]) By(index, value string) []T {
	objs, err := c.indexer.ByIndex(index, value)
	if err != nil {
		panic(err) // an index that does not exist: a mistake in the caller
	}
	typed := make([]T, len(objs))
	for i, obj := range objs {
		typed[i] = obj.(T)
	}
	return typed
}

// One returns an object that the index files under the value.
func (c *Collection[T]) One(index, value string) (T, bool) {
	objs, err := c.indexer.ByIndex(index, value)
	if err != nil {
		panic(err)
	}
	if len(objs) == 0 {
		var none T
		return none, false
	}
	return objs[0].(T), true
}

// All returns every object, in no order.
func (c *Collection[T]) All() []T {
	objs := c.indexer.List()
	typed := make([]T, len(objs))
	for i, obj := range objs {
		typed[i] = obj.(T)
	}
	return typed
}

// Create writes a new object; obj is what the API server answered afterwards.
func (c *Collection[T]) Create(ctx context.Context, obj T) error {
	if err := c.client.Create(ctx, obj); err != nil {
		return fmt.Errorf("create %T %s: %w", obj, obj.GetName(), err)
	}
	c.store(obj)
	return nil
}

// Delete removes the object; one that is gone already is no error.
func (c *Collection[T]) Delete(ctx context.Context, obj T, opts ...client.DeleteOption) error {
	if err := c.client.Delete(ctx, obj, opts...); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("delete %T %s: %w", obj, obj.GetName(), err)
	}
	return nil
}

// Subscribe calls fn at each change with the object before it and after it, as
// far as there is one. fn must not block. The returned function ends it.
func (c *Collection[T]) Subscribe(fn func(obj T)) (unsubscribe func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := c.nextID
	c.nextID++
	c.subscribers[id] = fn
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.subscribers, id)
	}
}

// written keeps the answer to a write, unless the write took off the last
// finalizer: the object is gone then. A watch says that by its own event, and
// shows objects that something else holds: a namespace's finalizers are in its
// spec.
func (c *Collection[T]) written(obj T) {
	if obj.GetDeletionTimestamp() != nil && len(obj.GetFinalizers()) == 0 && graceIsOver(obj) {
		return
	}
	c.store(obj)
}

// store keeps the object if it is newer than what is held and was not deleted.
func (c *Collection[T]) store(obj T) {
	if !c.holds(obj) {
		c.slim(obj)
	}
	c.keep(obj)
}

// holds says whether this version of the object is held: what was written comes
// twice, with the answer and with the watch's event, and is made slim once.
func (c *Collection[T]) holds(obj T) bool {
	held, ok := c.Get(obj.GetNamespace(), obj.GetName())
	return ok && held.GetUID() == obj.GetUID() && held.GetResourceVersion() == obj.GetResourceVersion()
}

// slim leaves out of an object what is not to be held: managedFields, which no
// answer needs, and what another object holds already.
func (c *Collection[T]) slim(obj T) {
	obj.SetManagedFields(nil)
	c.share(obj)
}

// shown keeps what a watch has shown, in its order: that is there, whatever was
// heard of it before. An object that loses its label is shown as deleted, and
// comes back with the label.
func (c *Collection[T]) shown(obj T) {
	c.deleted.Remove(obj.GetUID())
	c.keep(obj)
}

// keep is store for an object that is slim. It writes nothing in it: others may
// read it already.
func (c *Collection[T]) keep(obj T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, gone := c.deleted.Get(obj.GetUID()); gone {
		return
	}
	held, replaces, _ := c.indexer.Get(obj)
	if replaces && !newer(obj, held.(T)) {
		return // also of another object of the name: versions order all of a kind
	}
	_ = c.indexer.Add(obj) // fails only where the key function does, and ours cannot
	c.remember(obj)
	for _, fn := range c.subscribers {
		if replaces {
			fn(held.(T))
		}
		fn(obj)
	}
}

// remove drops an object that the watch has shown deleted. Subscribers get its
// last state.
func (c *Collection[T]) remove(obj T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deleted.Add(obj.GetUID(), struct{}{}, tombstoneTTL)
	held, ok, _ := c.indexer.Get(obj)
	if !ok || held.(T).GetUID() != obj.GetUID() {
		return // another object has taken the name
	}
	_ = c.indexer.Delete(obj)
	last := held.(T)
	if newer(obj, last) {
		obj.SetManagedFields(nil)
		last = obj
	}
	for _, fn := range c.subscribers {
		fn(last)
	}
}

// lacked drops what a list of that version and namespace ("" is all) would show
// if it were there. What was written after the list stays.
func (c *Collection[T]) lacked(listed map[types.UID]struct{}, namespace, version string) {
	for _, obj := range c.All() {
		_, there := listed[obj.GetUID()]
		if there || namespace != "" && obj.GetNamespace() != namespace {
			continue
		}
		order, err := resourceversion.CompareResourceVersion(obj.GetResourceVersion(), version)
		if err == nil && order <= 0 {
			c.remove(obj)
		}
	}
}

// Gone says whether the object was shown deleted. A subscriber hears of it so.
func (c *Collection[T]) Gone(obj T) bool {
	_, gone := c.deleted.Get(obj.GetUID())
	return gone
}

// graceIsOver is false while a pod's kubelet has yet to confirm its end.
func graceIsOver(obj client.Object) bool {
	grace := obj.GetDeletionGracePeriodSeconds()
	return grace == nil || *grace == 0
}

// newer compares resource versions, which order the versions of an object.
func newer(a, b client.Object) bool {
	order, err := resourceversion.CompareResourceVersion(a.GetResourceVersion(), b.GetResourceVersion())
	return err != nil || order > 0
}
