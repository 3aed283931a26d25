package kube

import (
	"context"
	"fmt"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	utilcache "k8s.io/apimachinery/pkg/util/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// Task definitions are held as metadata; their bodies, which never change, are
// read by name and kept for a while.
const (
	keptBodies = 500
	bodyTTL    = 10 * time.Minute
)

type bodies struct{ cache *utilcache.LRUExpireCache }

func newBodies() bodies { return bodies{utilcache.NewLRUExpireCache(keptBodies)} }

func newDefinitionMetadata() *metav1.PartialObjectMetadata {
	return metadataOf(v1alpha1.GroupVersion.String(), "TaskDefinition")()
}

// DefinitionRevision is the revision that a task definition's metadata names.
func DefinitionRevision(obj *metav1.PartialObjectMetadata) int64 {
	revision, _ := strconv.ParseInt(obj.Annotations[v1alpha1.RevisionAnnotation], 10, 64)
	return revision
}

// CreateDefinition writes a new revision and shows it to this process at once.
func (s *Store) CreateDefinition(ctx context.Context, def *v1alpha1.TaskDefinition) error {
	if err := s.Client.Create(ctx, def); err != nil {
		return fmt.Errorf("create task definition %s: %w", def.Name, err)
	}
	s.keepDefinition(def)
	return nil
}

// Definition reads a revision's body, and its metadata as far as this process
// knows. It returns false where there is none.
func (s *Store) Definition(ctx context.Context, name string) (*v1alpha1.TaskDefinition, bool, error) {
	if kept, ok := s.definitionBody.cache.Get(name); ok {
		def := kept.(*v1alpha1.TaskDefinition)
		if meta, ok := s.Definitions.Get(s.Namespace, name); ok && meta.UID == def.UID {
			current := *def
			current.ObjectMeta = meta.ObjectMeta
			return &current, true, nil
		}
	}
	def := &v1alpha1.TaskDefinition{}
	err := s.Client.Get(ctx, types.NamespacedName{Namespace: s.Namespace, Name: name}, def)
	if apierrors.IsNotFound(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("get task definition %s: %w", name, err)
	}
	s.keepDefinition(def)
	return def, true, nil
}

func (s *Store) keepDefinition(def *v1alpha1.TaskDefinition) {
	def.SetManagedFields(nil)
	s.definitionBody.cache.Add(def.Name, def, bodyTTL)
	meta := newDefinitionMetadata()
	meta.ObjectMeta = *def.ObjectMeta.DeepCopy()
	s.Definitions.store(meta)
}

// PatchDefinition patches a revision's metadata: its spec never changes. It is a
// conflict where the revision is not of that version any more.
func (s *Store) PatchDefinition(ctx context.Context, name, version string, metadata Fields) error {
	named := newDefinitionMetadata()
	named.Namespace, named.Name, named.ResourceVersion = s.Namespace, name, version
	_, err := s.Definitions.Patch(ctx, named, Fields{"metadata": metadata})
	return err
}

// DeleteDefinition removes a revision.
func (s *Store) DeleteDefinition(ctx context.Context, def *metav1.PartialObjectMetadata) error {
	named := newDefinitionMetadata() // what a watch brings does not say its kind
	named.Namespace, named.Name, named.UID = def.Namespace, def.Name, def.UID
	return s.Definitions.Delete(ctx, named, client.Preconditions{UID: &def.UID})
}
