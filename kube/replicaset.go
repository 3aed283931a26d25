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

// LetGo returns the pod's ReplicaSet where it is there and nobody's: its Deployment
// was deleted and left it behind, as `kubectl delete --cascade=orphan` does; else nil.
// It is read from the API server, for ReplicaSets are not watched.
func (s *Store) LetGo(ctx context.Context, pod *corev1.Pod) (*appsv1.ReplicaSet, error) {
	owner := metav1.GetControllerOf(pod)
	if owner == nil || owner.Kind != "ReplicaSet" {
		return nil, nil //nolint:nilnil // there is none
	}
	set := &appsv1.ReplicaSet{}
	err := s.Client.Get(ctx, types.NamespacedName{Namespace: pod.Namespace, Name: owner.Name}, set)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // there is none
	}
	if err != nil {
		return nil, fmt.Errorf("get ReplicaSet %s: %w", owner.Name, err)
	}
	if set.UID != owner.UID || set.DeletionTimestamp != nil || metav1.GetControllerOf(set) != nil {
		return nil, nil //nolint:nilnil // it is somebody's, or another
	}
	return set, nil
}
