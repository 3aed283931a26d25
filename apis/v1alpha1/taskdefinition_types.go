package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// TaskDefinition is one revision of an ECS task definition. Its spec never
// changes; its status (ACTIVE, INACTIVE, DELETE_IN_PROGRESS) and the times of its
// deregistration and deletion are the label StatusLabel and the annotations
// DeregisteredAtAnnotation and DeleteRequestedAtAnnotation, since lists are
// answered from metadata alone.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:shortName=taskdef,categories=ecs
// +kubebuilder:printcolumn:name="Family",type=string,JSONPath=`.spec.family`
// +kubebuilder:printcolumn:name="Revision",type=integer,JSONPath=`.spec.revision`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.metadata.labels.ecs\.gantry\.dev/status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type TaskDefinition struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec TaskDefinitionSpec `json:"spec"`
}

// TaskDefinitionSpec is the definition as RegisterTaskDefinition answered it.
type TaskDefinitionSpec struct {
	Identity `json:",inline"`

	// Family is the exact ECS family.
	Family string `json:"family"`
	// Revision counts from 1 in a family; no number comes twice.
	// +kubebuilder:validation:Minimum=1
	Revision int64 `json:"revision"`
	// Definition is ECS's TaskDefinition in ECS JSON.
	// +kubebuilder:pruning:PreserveUnknownFields
	Definition runtime.RawExtension `json:"definition"`
	// Tags are the tags given with the registration, in ECS JSON.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +optional
	Tags []runtime.RawExtension `json:"tags,omitempty"`
}

// TaskDefinitionList is a list of TaskDefinition.
//
// +kubebuilder:object:root=true
type TaskDefinitionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []TaskDefinition `json:"items"`
}
