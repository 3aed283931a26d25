package kube

import (
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// PodsOf are the pods of all tasks that the service has had.
func (s *Store) PodsOf(svc *v1alpha1.ECSService) []*corev1.Pod {
	return ofService(svc, s.Pods.By(ByService, ClusterKey(svc.Spec.Identity, svc.Spec.Cluster, svc.Spec.Name)))
}

// RolloutsOf are the records of the service's deployments.
func (s *Store) RolloutsOf(svc *v1alpha1.ECSService) []*v1alpha1.ServiceDeployment {
	return ofService(svc, s.Rollouts.By(ByOwner, OwnerKey(svc.Namespace, svc.Name)))
}

// DeploymentsOf are the Deployments of the service's deployments.
func (s *Store) DeploymentsOf(svc *v1alpha1.ECSService) []*appsv1.Deployment {
	return ofService(svc, s.Deployments.By(ByOwner, OwnerKey(svc.Namespace, svc.Name)))
}

func ofService[T client.Object](svc *v1alpha1.ECSService, objects []T) []T {
	ids := deploymentIDs(svc)
	return slices.DeleteFunc(objects, func(obj T) bool { return !isOf(svc, obj, ids) })
}

// OfService says whether what bears a service's name and the number of one of its
// deployments is of this service. An earlier one that somebody has deleted with
// kubectl may have left it: the next begins with the same numbers. Where the owner
// was taken off, what the object keeps of its deployment tells.
func OfService(svc *v1alpha1.ECSService, obj client.Object) bool {
	return isOf(svc, obj, deploymentIDs(svc))
}

// deploymentIDs gives the id of each of a service's deployments, and reckons it once:
// a service may have thousands of pods.
func deploymentIDs(svc *v1alpha1.ECSService) func(number string) string {
	ids := map[string]string{}
	return func(number string) string {
		id, known := ids[number]
		if n, err := strconv.ParseInt(number, 10, 64); !known && err == nil {
			id = DeploymentID(svc.UID, n)
			ids[number] = id
		}
		return id
	}
}

func isOf(svc *v1alpha1.ECSService, obj client.Object, ids func(number string) string) bool {
	if owner := metav1.GetControllerOf(obj); owner != nil && owner.Kind == "ECSService" {
		return owner.UID == svc.UID
	}
	var startedBy string
	switch obj := obj.(type) {
	case *v1alpha1.ServiceDeployment:
		return !obj.Spec.RequestedAt.Before(&svc.Spec.CreatedAt)
	case *appsv1.Deployment:
		startedBy = obj.Spec.Template.Annotations[v1alpha1.StartedByAnnotation]
	case *corev1.Pod:
		startedBy = obj.Annotations[v1alpha1.StartedByAnnotation]
	}
	id := ids(obj.GetLabels()[v1alpha1.DeploymentLabel])
	return id == "" || id == startedBy // without its number nothing tells
}
