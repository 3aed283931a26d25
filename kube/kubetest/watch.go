package kubetest

import (
	"fmt"
	"reflect"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Watch is one watch of a client. What has changed waits in it until it is shown.
type Watch struct {
	server    *Server
	client    *Client
	kind      schema.GroupKind
	namespace string
	selector  labels.Selector
	like      client.Object // what the events hold
	waiting   []watch.Event
	events    chan watch.Event
	stopped   chan struct{}
}

// ResultChan is watch.Interface's.
func (w *Watch) ResultChan() <-chan watch.Event { return w.events }

// Stop is watch.Interface's.
func (w *Watch) Stop() {
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	for i, other := range w.server.watches {
		if other == w {
			w.server.watches = append(w.server.watches[:i:i], w.server.watches[i+1:]...)
			w.client.open--
			close(w.stopped)
			return
		}
	}
}

// name is what the watch shows, in words.
func (w *Watch) name() string {
	return fmt.Sprintf("%T %s %s %v", w.like, w.kind, w.namespace, w.selector)
}

// Waiting is the number of changes that were not shown yet.
func (w *Watch) Waiting() int {
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	return len(w.waiting)
}

// Show shows the oldest n changes, and returns when the client has taken them in.
func (w *Watch) Show(n int) {
	w.server.mu.Lock()
	n = min(n, len(w.waiting))
	shown := w.waiting[:n:n]
	w.waiting = w.waiting[n:]
	w.server.mu.Unlock()
	if n == 0 {
		return
	}
	last := shown[n-1].Object.(client.Object).GetResourceVersion()
	for _, event := range shown { // from then on the object is the client's
		w.send(event)
	}
	// Whoever takes the bookmark has done with the event before it.
	mark := reflect.New(reflect.TypeOf(w.like).Elem()).Interface().(client.Object)
	mark.GetObjectKind().SetGroupVersionKind(w.like.GetObjectKind().GroupVersionKind())
	mark.SetResourceVersion(last)
	w.send(watch.Event{Type: watch.Bookmark, Object: mark})
}

func (w *Watch) send(event watch.Event) {
	select {
	case w.events <- event:
	case <-w.stopped:
	}
}

// note takes a change; before and after are nil where there is no such version.
func (w *Watch) note(kind schema.GroupKind, before, after, last client.Object) {
	if kind != w.kind {
		return
	}
	saw, sees := w.covers(before), w.covers(after)
	event := watch.Event{Object: w.view(last)}
	switch {
	case saw && sees:
		event.Type = watch.Modified
	case sees:
		event.Type = watch.Added
	case saw:
		event.Type = watch.Deleted
	default:
		return
	}
	w.waiting = append(w.waiting, event)
}

func (w *Watch) covers(obj client.Object) bool {
	return obj != nil && covers(w.namespace, w.selector, obj)
}

func covers(namespace string, selector labels.Selector, obj client.Object) bool {
	return (namespace == "" || namespace == obj.GetNamespace()) && (selector == nil || selector.Matches(labels.Set(obj.GetLabels())))
}

// view is a copy for the client: of the whole object, or of its metadata.
func (w *Watch) view(obj client.Object) client.Object { return view(obj, w.like) }

func view(obj, like client.Object) client.Object {
	if meta, ok := like.(*metav1.PartialObjectMetadata); ok {
		if _, same := obj.(*metav1.PartialObjectMetadata); !same {
			return metadataOf(obj, meta.TypeMeta)
		}
	}
	return obj.DeepCopyObject().(client.Object)
}

func metadataOf(obj client.Object, kind metav1.TypeMeta) *metav1.PartialObjectMetadata {
	meta := reflect.ValueOf(obj).Elem().FieldByName("ObjectMeta").Interface().(metav1.ObjectMeta)
	return &metav1.PartialObjectMetadata{TypeMeta: kind, ObjectMeta: *meta.DeepCopy()}
}
