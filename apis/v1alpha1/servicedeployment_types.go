package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ServiceDeployment is one ECS deployment: a revision on its way to run the
// service, and how far it has come. Its tasks are made by a Kubernetes
// Deployment of the same name.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:categories=ecs
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Service",type=string,JSONPath=`.spec.service`
// +kubebuilder:printcolumn:name="Number",type=integer,JSONPath=`.spec.number`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.rolloutState`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ServiceDeployment struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ServiceDeploymentSpec `json:"spec"`
	// +optional
	Status ServiceDeploymentStatus `json:"status,omitempty"`
}

// ServiceDeploymentSpec says which revision runs for which service.
type ServiceDeploymentSpec struct {
	Identity `json:",inline"`

	// Cluster and Service are the exact ECS names.
	Cluster string `json:"cluster"`
	Service string `json:"service"`
	// DeploymentEntry is the service's entry that asked for this deployment.
	DeploymentEntry `json:",inline"`
	// Sources are the entries that had tasks when this deployment began.
	// +optional
	// +listType=atomic
	Sources []DeploymentEntry `json:"sources,omitempty"`
	// Configuration is the deployment configuration that it began with, in ECS JSON.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	Configuration runtime.RawExtension `json:"configuration,omitempty"`
	// Stop is what StopServiceDeployment asked for: ROLLBACK or ABORT.
	// +optional
	Stop string `json:"stop,omitempty"`
}

// ServiceDeploymentStatus is what cannot be derived from the deployment's tasks.
type ServiceDeploymentStatus struct {
	// RolloutState is IN_PROGRESS, COMPLETED or FAILED.
	// +optional
	RolloutState string `json:"rolloutState,omitempty"`
	// RolloutStateReason is ECS's text for it.
	// +optional
	RolloutStateReason string `json:"rolloutStateReason,omitempty"`
	// FailedTasks counts consecutive tasks that failed to start.
	// +optional
	FailedTasks int32 `json:"failedTasks"`
	// CountedTasks are the ids of the tasks that were counted and are still there.
	// +optional
	// +listType=atomic
	CountedTasks []string `json:"countedTasks"`
	// HealthyTasks is how many tasks were healthy at the last count.
	// +optional
	HealthyTasks int32 `json:"healthyTasks"`
	// UpdatedAt is when one of these last changed.
	// +optional
	UpdatedAt *metav1.MicroTime `json:"updatedAt,omitempty"`
	// FinishedAt is when the rollout completed, failed or was superseded.
	// +optional
	FinishedAt *metav1.MicroTime `json:"finishedAt,omitempty"`
}

// ServiceDeploymentList is a list of ServiceDeployment.
//
// +kubebuilder:object:root=true
type ServiceDeploymentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ServiceDeployment `json:"items"`
}
