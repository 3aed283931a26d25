package kube

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// LetGo says whether the pod's ReplicaSet is there and nobody's: its Deployment was
// deleted and left it behind, as `kubectl delete --cascade=orphan` does. It is read
// from the API server, for ReplicaSets are not watched.
func (s *Store) LetGo(ctx context.Context, pod *corev1.Pod) (bool, error) {
	owner := metav1.GetControllerOf(pod)
	if owner == nil || owner.Kind != "ReplicaSet" {
		return false, nil
	}
	set := &metav1.PartialObjectMetadata{}
	set.SetGroupVersionKind(appsv1.SchemeGroupVersion.WithKind(owner.Kind))
	err := s.Client.Get(ctx, types.NamespacedName{Namespace: pod.Namespace, Name: owner.Name}, set)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("get ReplicaSet %s: %w", owner.Name, err)
	}
	return set.UID == owner.UID && set.DeletionTimestamp == nil && metav1.GetControllerOf(set) == nil, nil
}
