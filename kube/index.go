package kube

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// Indexes. The value that each files under is made by the function of its name.
const (
	// ByID files tasks (pods and stopped ones) under their ECS id.
	ByID = "id"
	// ByCluster, ByFamily, ByService, ByDaemon, ByStartedBy, ByToken file under ClusterKey,
	// all but the first followed by a slash and the value.
	ByCluster   = "cluster"
	ByFamily    = "family"
	ByService   = "service"
	ByStartedBy = "startedBy"
	ByDaemon    = "daemon"
	ByToken     = "token"
	// ByIdentity files clusters and task definitions under IdentityKey.
	ByIdentity = "identity"
	// ByOwner files what bears the label of a service or daemon under the namespace and object name of that.
	ByOwner = "owner"
	// ByConnect files services, and the Services of their endpoints, under the ARN
	// of their Service Connect namespace.
	ByConnect = "connect"
	// ByNode files pods under their node's name.
	ByNode = "node"
)

// IdentityKey is the index value of an account and region.
func IdentityKey(id v1alpha1.Identity) string { return id.Account + "/" + id.Region }

// ClusterKey is the index value of a cluster; with further parts, of what is in it.
func ClusterKey(id v1alpha1.Identity, cluster string, more ...string) string {
	var key strings.Builder
	key.WriteString(IdentityKey(id) + "/" + cluster)
	for _, part := range more {
		key.WriteString("/" + part)
	}
	return key.String()
}

// OwnerKey is the index value of a service's or daemon's object.
func OwnerKey(namespace, name string) string { return namespace + "/" + name }

func taskIndexes[T client.Object](id func(T) string) map[string]func(T) []string {
	annotated := func(key string) func(T) []string {
		return func(obj T) []string { return taskKey(obj, obj.GetAnnotations()[key]) }
	}
	return map[string]func(T) []string{
		ByID: func(obj T) []string { return []string{id(obj)} },
		ByCluster: func(obj T) []string {
			a := obj.GetAnnotations()
			return []string{ClusterKey(TaskIdentity(obj), a[v1alpha1.ClusterAnnotation])}
		},
		ByFamily:    annotated(v1alpha1.FamilyAnnotation),
		ByService:   annotated(v1alpha1.ServiceAnnotation),
		ByDaemon:    annotated(v1alpha1.DaemonAnnotation),
		ByStartedBy: annotated(v1alpha1.StartedByAnnotation),
		ByToken:     func(obj T) []string { return taskKey(obj, obj.GetLabels()[v1alpha1.TokenLabel]) },
	}
}

func taskKey(obj client.Object, value string) []string {
	if value == "" {
		return nil
	}
	return []string{ClusterKey(TaskIdentity(obj), obj.GetAnnotations()[v1alpha1.ClusterAnnotation], value)}
}

// TaskIdentity is the account and region of a task's pod or record.
func TaskIdentity(obj client.Object) v1alpha1.Identity {
	return v1alpha1.IdentityIn(obj.GetAnnotations())
}

func podIndexes() map[string]func(*corev1.Pod) []string {
	indexes := taskIndexes(func(pod *corev1.Pod) string { return TaskID(string(pod.UID)) })
	indexes[ByNode] = func(pod *corev1.Pod) []string { return []string{pod.Spec.NodeName} }
	indexes[ByOwner] = func(pod *corev1.Pod) []string {
		service := pod.Labels[v1alpha1.ServiceLabel]
		if service == "" { // a standalone task, or one that has stopped
			return nil
		}
		return []string{OwnerKey(pod.Namespace, service)}
	}
	return indexes
}

// sameTask says what a task's pod is alike to: a pod of the same task, as ECS has
// it, else one of the same family.
func sameTask(pod *corev1.Pod) []string {
	return []string{pod.Annotations[v1alpha1.TaskAnnotation], pod.Annotations[v1alpha1.FamilyAnnotation]}
}

func ownerIndex[T client.Object]() map[string]func(T) []string {
	return labelIndex[T](v1alpha1.ServiceLabel)
}

func labelIndex[T client.Object](label string) map[string]func(T) []string {
	return map[string]func(T) []string{ByOwner: func(obj T) []string {
		return []string{OwnerKey(obj.GetNamespace(), obj.GetLabels()[label])}
	}}
}

func serviceIndexes() map[string]func(*v1alpha1.ECSService) []string {
	return map[string]func(*v1alpha1.ECSService) []string{
		ByCluster: func(svc *v1alpha1.ECSService) []string {
			return []string{ClusterKey(svc.Spec.Identity, svc.Spec.Cluster)}
		},
		ByConnect: func(svc *v1alpha1.ECSService) []string {
			if svc.Spec.Connect == nil {
				return nil
			}
			return []string{svc.Spec.Connect.Namespace}
		},
	}
}

func routeIndexes() map[string]func(*corev1.Service) []string {
	indexes := ownerIndex[*corev1.Service]()
	indexes[ByConnect] = func(route *corev1.Service) []string {
		if namespace := route.Annotations[v1alpha1.ConnectNamespaceAnnotation]; namespace != "" {
			return []string{namespace}
		}
		return nil
	}
	return indexes
}

func definitionIndexes() map[string]func(*metav1.PartialObjectMetadata) []string {
	return map[string]func(*metav1.PartialObjectMetadata) []string{
		ByIdentity: func(obj *metav1.PartialObjectMetadata) []string { return []string{IdentityKey(TaskIdentity(obj))} },
		ByFamily: func(obj *metav1.PartialObjectMetadata) []string {
			return []string{IdentityKey(TaskIdentity(obj)) + "/" + obj.Annotations[v1alpha1.FamilyAnnotation]}
		},
	}
}

func daemonDefinitionIndexes() map[string]func(*v1alpha1.DaemonTaskDefinition) []string {
	return map[string]func(*v1alpha1.DaemonTaskDefinition) []string{
		ByIdentity: func(d *v1alpha1.DaemonTaskDefinition) []string { return []string{IdentityKey(d.Spec.Identity)} },
		ByFamily: func(d *v1alpha1.DaemonTaskDefinition) []string {
			return []string{IdentityKey(d.Spec.Identity) + "/" + d.Spec.Family}
		},
	}
}

// PodsOfDaemon are the pods of a daemon's tasks.
func (s *Store) PodsOfDaemon(d *v1alpha1.Daemon) []*corev1.Pod {
	return slices.DeleteFunc(s.Pods.By(ByDaemon, DaemonKey(d)), func(pod *corev1.Pod) bool { return !ofDaemon(pod, d) })
}

// RecordsOfDaemon are the records of a daemon's stopped tasks.
func (s *Store) RecordsOfDaemon(d *v1alpha1.Daemon) []*v1alpha1.StoppedTask {
	return slices.DeleteFunc(s.StoppedTasks.By(ByDaemon, DaemonKey(d)), func(t *v1alpha1.StoppedTask) bool { return !ofDaemon(t, d) })
}

// DeploymentsOfDaemon are the records of a daemon's deployments. Those of an earlier
// one of the name have the same numbers, until they are collected; those that
// somebody has taken the owner off stay in.
func (s *Store) DeploymentsOfDaemon(d *v1alpha1.Daemon) []*v1alpha1.DaemonDeployment {
	return slices.DeleteFunc(s.DaemonDeployments.By(ByOwner, OwnerKey(d.Namespace, d.Name)), func(of *v1alpha1.DaemonDeployment) bool {
		owner := metav1.GetControllerOf(of)
		return owner != nil && owner.UID != d.UID
	})
}

// DaemonKey is the index value of a daemon.
func DaemonKey(d *v1alpha1.Daemon) string {
	return ClusterKey(d.Spec.Identity, d.Spec.Cluster, d.Spec.Name)
}

// ofDaemon leaves out what an earlier daemon of the name has left.
func ofDaemon(obj client.Object, d *v1alpha1.Daemon) bool {
	return !obj.GetCreationTimestamp().Time.Before(d.Spec.CreatedAt.Truncate(time.Second))
}
