package kubetest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// Server holds the objects of all kinds. It is safe for use by several clients.
type Server struct {
	scheme *runtime.Scheme
	now    func() time.Time

	mu      sync.Mutex
	version int64
	made    int64
	objects map[schema.GroupKind]map[client.ObjectKey]client.Object
	watches []*Watch
}

// NewServer makes one without objects; now is its clock.
func NewServer(scheme *runtime.Scheme, now func() time.Time) *Server {
	return &Server{scheme: scheme, now: now, objects: map[schema.GroupKind]map[client.ObjectKey]client.Object{}}
}

// kindOf is the kind of an object, or of the items of a list.
func (s *Server) kindOf(obj runtime.Object) schema.GroupKind {
	gvk, err := apiutil.GVKForObject(obj, s.scheme)
	if err != nil {
		panic(err) // a kind that is not in the scheme: a mistake in the caller
	}
	return schema.GroupKind{Group: gvk.Group, Kind: strings.TrimSuffix(gvk.Kind, "List")}
}

// All are the objects of a type, by their names. They are shared: nobody may
// change them.
func All[T client.Object](s *Server) []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	var none T
	held := s.objects[s.kindOf(reflect.New(reflect.TypeOf(none).Elem()).Interface().(client.Object))]
	all := make([]T, 0, len(held))
	for _, obj := range inOrder(held) {
		all = append(all, obj.(T))
	}
	return all
}

func inOrder(held map[client.ObjectKey]client.Object) []client.Object {
	return slices.SortedFunc(maps.Values(held), func(a, b client.Object) int {
		return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
	})
}

func resource(kind schema.GroupKind) schema.GroupResource {
	return schema.GroupResource{Group: kind.Group, Resource: strings.ToLower(kind.Kind) + "s"}
}

func (s *Server) get(kind schema.GroupKind, key client.ObjectKey) (client.Object, error) {
	if held, ok := s.objects[kind][key]; ok {
		return held, nil
	}
	return nil, apierrors.NewNotFound(resource(kind), key.Name)
}

func (s *Server) create(obj client.Object) (client.Object, error) {
	kind, key := s.kindOf(obj), client.ObjectKeyFromObject(obj)
	if _, exists := s.objects[kind][key]; exists {
		return nil, apierrors.NewAlreadyExists(resource(kind), key.Name)
	}
	made, err := s.stored(obj, obj)
	if err != nil {
		return nil, err
	}
	s.made++
	made.SetUID(types.UID(fmt.Sprintf("%08x-0000-4000-8000-%012x", s.made, s.made)))
	made.SetGeneration(1)
	made.SetCreationTimestamp(metav1.NewTime(s.now().Truncate(time.Second)))
	s.keep(kind, nil, made)
	return made, nil
}

// stored is a copy as it comes back from the API server: of the type of like,
// and with times as JSON has them.
func (s *Server) stored(obj, like client.Object) (client.Object, error) {
	data, err := json.Marshal(obj)
	if err != nil {
		return nil, err
	}
	copied := reflect.New(reflect.TypeOf(like).Elem()).Interface().(client.Object)
	return copied, json.Unmarshal(data, copied)
}

// keep makes obj the current version, or removes the object where it has been
// deleted and nothing holds it any more, and shows it to the watches.
func (s *Server) keep(kind schema.GroupKind, before, obj client.Object) {
	s.version++
	obj.SetResourceVersion(strconv.FormatInt(s.version, 10))
	key := client.ObjectKeyFromObject(obj)
	if s.objects[kind] == nil {
		s.objects[kind] = map[client.ObjectKey]client.Object{}
	}
	after := obj
	if obj.GetDeletionTimestamp() != nil && len(obj.GetFinalizers()) == 0 && graceIsOver(obj) {
		delete(s.objects[kind], key)
		after = nil
	} else {
		s.objects[kind][key] = obj
	}
	for _, w := range s.watches {
		w.note(kind, before, after, obj)
	}
}

func graceIsOver(obj client.Object) bool {
	grace := obj.GetDeletionGracePeriodSeconds()
	return grace == nil || *grace == 0
}

// patch merges data into a part of an object: the main one, or a subresource.
func (s *Server) patch(obj client.Object, data []byte, part string) (client.Object, error) {
	kind, key := s.kindOf(obj), client.ObjectKeyFromObject(obj)
	held, err := s.get(kind, key)
	if err != nil {
		return nil, err
	}
	asked := metav1.PartialObjectMetadata{}
	if err := json.Unmarshal(data, &asked); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	if v := asked.ResourceVersion; v != "" && v != held.GetResourceVersion() {
		return nil, apierrors.NewConflict(resource(kind), key.Name, fmt.Errorf("version %s is asked for, it is %s", v, held.GetResourceVersion()))
	}
	before, err := json.Marshal(held)
	if err != nil {
		return nil, err
	}
	patched, err := jsonpatch.MergePatch(before, data)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	wanted := reflect.New(reflect.TypeOf(held).Elem()).Interface().(client.Object)
	if err := json.Unmarshal(patched, wanted); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return s.replace(kind, held, wanted, part), nil
}

// replace makes wanted the current version as far as the part goes.
func (s *Server) replace(kind schema.GroupKind, held, wanted client.Object, part string) client.Object {
	keepPart(held, wanted, part)
	wanted.SetResourceVersion(held.GetResourceVersion())
	wanted.SetUID(held.GetUID())
	wanted.SetDeletionTimestamp(held.GetDeletionTimestamp())
	wanted.SetCreationTimestamp(held.GetCreationTimestamp())
	wanted.SetGeneration(held.GetGeneration())
	if reflect.DeepEqual(held, wanted) {
		return held // what changes nothing is no new version
	}
	if !reflect.DeepEqual(field(held, "Spec"), field(wanted, "Spec")) {
		wanted.SetGeneration(held.GetGeneration() + 1)
	}
	s.keep(kind, held, wanted)
	return wanted
}

// keepPart puts back what a write to that part does not touch. A pod's status
// may come with metadata, that of other kinds not.
func keepPart(held, wanted client.Object, part string) {
	copyOver := func(name string) {
		if from := reflect.ValueOf(held).Elem().FieldByName(name); from.IsValid() {
			reflect.ValueOf(wanted).Elem().FieldByName(name).Set(from)
		}
	}
	if part == "" {
		copyOver("Status")
		return
	}
	copyOver("Spec")
	if _, pod := held.(*corev1.Pod); !pod {
		copyOver("ObjectMeta")
	}
}

func field(obj client.Object, name string) any {
	if v := reflect.ValueOf(obj).Elem().FieldByName(name); v.IsValid() {
		return v.Interface()
	}
	return nil
}

func (s *Server) delete(obj client.Object, options client.DeleteOptions) error {
	kind, key := s.kindOf(obj), client.ObjectKeyFromObject(obj)
	held, err := s.get(kind, key)
	if err != nil {
		return err
	}
	if p := options.Preconditions; p != nil &&
		(p.UID != nil && *p.UID != held.GetUID() || p.ResourceVersion != nil && *p.ResourceVersion != held.GetResourceVersion()) {
		return apierrors.NewConflict(resource(kind), key.Name, errors.New("the precondition fails"))
	}
	grace := int64(0)
	if pod, ok := held.(*corev1.Pod); ok {
		grace = podGrace(pod, options)
	}
	if at := held.GetDeletionTimestamp(); at != nil && !(grace == 0 && !graceIsOver(held)) {
		return nil // it is being deleted, and no sooner
	}
	deleted := held.DeepCopyObject().(client.Object)
	at := metav1.NewTime(s.now().Add(time.Duration(grace) * time.Second).Truncate(time.Second))
	deleted.SetDeletionTimestamp(&at)
	deleted.SetDeletionGracePeriodSeconds(&grace)
	s.keep(kind, held, deleted)
	return nil
}

// podGrace is none where no kubelet has anything to end.
func podGrace(pod *corev1.Pod, options client.DeleteOptions) int64 {
	switch {
	case pod.Spec.NodeName == "", pod.Status.Phase == corev1.PodSucceeded, pod.Status.Phase == corev1.PodFailed:
		return 0
	case options.GracePeriodSeconds != nil:
		return *options.GracePeriodSeconds
	case pod.Spec.TerminationGracePeriodSeconds != nil:
		return *pod.Spec.TerminationGracePeriodSeconds
	}
	return corev1.DefaultTerminationGracePeriodSeconds
}
