package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Cluster is an ECS cluster: a name, its settings and the namespace that holds
// its tasks and services.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:shortName=ecscluster,categories=ecs
// +kubebuilder:printcolumn:name="ECS Name",type=string,JSONPath=`.spec.name`
// +kubebuilder:printcolumn:name="Namespace",type=string,JSONPath=`.spec.namespace`
// +kubebuilder:printcolumn:name="Deleted",type=date,JSONPath=`.spec.deletedAt`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Cluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ClusterSpec `json:"spec"`
}

// ClusterSpec is what CreateCluster was asked for.
type ClusterSpec struct {
	Identity `json:",inline"`

	// Name is the cluster's exact ECS name.
	Name string `json:"name"`
	// Namespace holds the cluster's tasks and services; written once.
	Namespace string `json:"namespace"`
	// Shared says that other clusters live in the same namespace, so that names
	// of objects there hold the cluster's name too.
	// +optional
	Shared bool `json:"shared,omitempty"`
	// MadeNamespace says that Gantry made the namespace and may remove it.
	// +optional
	MadeNamespace bool `json:"madeNamespace,omitempty"`
	// CreatedAt is when this incarnation was made; a name can be used again.
	CreatedAt metav1.MicroTime `json:"createdAt"`
	// DeletedAt is set by DeleteCluster: the cluster is INACTIVE from then on.
	// +optional
	DeletedAt *metav1.MicroTime `json:"deletedAt,omitempty"`
	// ConnectNamespace is the name of the default namespace of Service Connect,
	// where it was given by name: the ARN in the definition does not say it.
	// +optional
	ConnectNamespace string `json:"connectNamespace,omitempty"`
	// Definition holds the members of ECS's Cluster that were given, in ECS JSON:
	// settings, configuration, tags and the like.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +optional
	Definition runtime.RawExtension `json:"definition,omitempty"`
}

// ClusterList is a list of Cluster.
//
// +kubebuilder:object:root=true
type ClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Cluster `json:"items"`
}
