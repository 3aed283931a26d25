package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// DaemonTaskDefinition is one revision of a daemon's task definition. Only the
// time at which its deletion was asked for changes: it is DELETE_IN_PROGRESS
// from then on while a daemon runs it, and DELETED afterwards. It stays, so that
// no revision's number comes twice.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:shortName=daemontaskdef,categories=ecs
// +kubebuilder:printcolumn:name="Family",type=string,JSONPath=`.spec.family`
// +kubebuilder:printcolumn:name="Revision",type=integer,JSONPath=`.spec.revision`
// +kubebuilder:printcolumn:name="Deleted",type=date,JSONPath=`.spec.deleteRequestedAt`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type DaemonTaskDefinition struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec DaemonTaskDefinitionSpec `json:"spec"`
}

// DaemonTaskDefinitionSpec is the definition as it was registered.
type DaemonTaskDefinitionSpec struct {
	Identity `json:",inline"`

	// Family is the exact ECS family.
	Family string `json:"family"`
	// Revision counts from 1 in a family; no number comes twice.
	// +kubebuilder:validation:Minimum=1
	Revision int64 `json:"revision"`
	// Definition is ECS's DaemonTaskDefinition in ECS JSON.
	// +kubebuilder:pruning:PreserveUnknownFields
	Definition runtime.RawExtension `json:"definition"`
	// Tags are the tags given with the registration, in ECS JSON.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +optional
	Tags []runtime.RawExtension `json:"tags,omitempty"`
	// DeleteRequestedAt is set by DeleteDaemonTaskDefinition.
	// +optional
	DeleteRequestedAt *metav1.MicroTime `json:"deleteRequestedAt,omitempty"`
}

// DaemonTaskDefinitionList is a list of DaemonTaskDefinition.
//
// +kubebuilder:object:root=true
type DaemonTaskDefinitionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []DaemonTaskDefinition `json:"items"`
}
