package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ServiceRevision is what a deployment runs: the resolved inputs and the pod
// template that was rendered from them once. It never changes, is named after
// its content and means nothing until a deployment names it.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:categories=ecs
// +kubebuilder:printcolumn:name="Service",type=string,JSONPath=`.spec.service`
// +kubebuilder:printcolumn:name="Task Definition",type=string,JSONPath=`.spec.inputs.taskDefinition`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.spec == oldSelf.spec",message="a service revision never changes"
type ServiceRevision struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ServiceRevisionSpec `json:"spec"`
}

// ServiceRevisionSpec is the revision's content.
type ServiceRevisionSpec struct {
	Identity `json:",inline"`

	// Cluster and Service are the exact ECS names.
	Cluster string `json:"cluster"`
	Service string `json:"service"`
	// Inputs are the resolved members of ECS's ServiceRevision, in ECS JSON.
	// +kubebuilder:pruning:PreserveUnknownFields
	Inputs runtime.RawExtension `json:"inputs"`
	// Template is the Kubernetes PodTemplateSpec of the revision's tasks.
	// +kubebuilder:pruning:PreserveUnknownFields
	Template runtime.RawExtension `json:"template"`
}

// ServiceRevisionList is a list of ServiceRevision.
//
// +kubebuilder:object:root=true
type ServiceRevisionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ServiceRevision `json:"items"`
}
