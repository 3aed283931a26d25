package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// StoppedTask is the record of a task that has stopped. It outlives the task's
// pod, is written once and named after the task's id.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:categories=ecs
// +kubebuilder:printcolumn:name="Cluster",type=string,JSONPath=`.spec.cluster`
// +kubebuilder:printcolumn:name="Code",type=string,JSONPath=`.spec.task.stopCode`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.spec.task.stoppedReason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type StoppedTask struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec StoppedTaskSpec `json:"spec"`
}

// StoppedTaskSpec is the task at its end, and how long to keep it.
type StoppedTaskSpec struct {
	Identity `json:",inline"`

	// Cluster is the exact ECS name of the task's cluster.
	Cluster string `json:"cluster"`
	// Service is the exact ECS name of the task's service.
	// +optional
	Service string `json:"service,omitempty"`
	// Family is the task definition's family.
	Family string `json:"family"`
	// Token is the hash of the RunTask call's clientToken and RequestHash that of
	// its input: a retry finds the tasks after their pods are gone.
	// +optional
	Token string `json:"token,omitempty"`
	// +optional
	RequestHash string `json:"requestHash,omitempty"`
	// ExpiresAt is when the record may be removed.
	ExpiresAt metav1.MicroTime `json:"expiresAt"`
	// Task is ECS's Task in ECS JSON.
	// +kubebuilder:pruning:PreserveUnknownFields
	Task runtime.RawExtension `json:"task"`
}

// StoppedTaskList is a list of StoppedTask.
//
// +kubebuilder:object:root=true
type StoppedTaskList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []StoppedTask `json:"items"`
}
