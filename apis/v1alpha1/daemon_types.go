package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Daemon is an ECS daemon: a task on each container instance. It owns the
// DaemonSet that makes the tasks, and the records of its deployments.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:categories=ecs
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="ECS Name",type=string,JSONPath=`.spec.name`
// +kubebuilder:printcolumn:name="Deployment",type=integer,JSONPath=`.spec.lastDeployment`
// +kubebuilder:printcolumn:name="Completed",type=integer,JSONPath=`.status.completed`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Daemon struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec DaemonSpec `json:"spec"`
	// +optional
	Status DaemonStatus `json:"status,omitempty"`
}

// DaemonSpec is what CreateDaemon and UpdateDaemon were asked for.
type DaemonSpec struct {
	Identity `json:",inline"`

	// Cluster and Name are the exact ECS names.
	Cluster string `json:"cluster"`
	Name    string `json:"name"`
	// CreatedAt is when it was created.
	CreatedAt metav1.MicroTime `json:"createdAt"`
	// DeletedAt is set by DeleteDaemon: DELETE_IN_PROGRESS while tasks are left,
	// then the object goes.
	// +optional
	DeletedAt *metav1.MicroTime `json:"deletedAt,omitempty"`
	// Tags are the daemon's own, in ECS JSON.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +optional
	Tags []runtime.RawExtension `json:"tags,omitempty"`
	// Token is the hash of the creating call's clientToken, RequestHash that of its input.
	// +optional
	Token string `json:"token,omitempty"`
	// +optional
	RequestHash string `json:"requestHash,omitempty"`
	// LastDeployment is the number of the newest deployment ever asked for.
	LastDeployment int64 `json:"lastDeployment"`
	// Deployments are the newest deployment and the last one before it that was
	// successful, oldest first.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	Deployments []DaemonDeploymentEntry `json:"deployments"`
}

// DaemonDeploymentEntry asks for one deployment of a daemon, which makes a
// revision of the same number.
type DaemonDeploymentEntry struct {
	// Number orders the daemon's deployments and, with the daemon's UID, makes the
	// ids of the deployment and of its revision.
	Number int64 `json:"number"`
	// RequestedAt is when the call that asked for it was made.
	RequestedAt metav1.MicroTime `json:"requestedAt"`
	// CapacityProviders are the ARNs that the daemon is for.
	// +listType=atomic
	CapacityProviders []string `json:"capacityProviders"`
	// Revision has the members of ECS's DaemonRevision, in ECS JSON; the deployment
	// that ends the daemon has none.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +optional
	Revision *runtime.RawExtension `json:"revision,omitempty"`
	// Configuration is ECS's DaemonDeploymentConfiguration, in ECS JSON.
	// +kubebuilder:pruning:PreserveUnknownFields
	Configuration runtime.RawExtension `json:"configuration"`
	// Template is the Kubernetes PodTemplateSpec of the revision's tasks; the
	// deployment that ends the daemon has none, and neither have records.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +optional
	Template *runtime.RawExtension `json:"template,omitempty"`
}

// DaemonStatus is what cannot be derived from other objects.
type DaemonStatus struct {
	// Completed is the number of the last deployment that was successful: what a
	// rollback goes back to.
	// +optional
	Completed int64 `json:"completed,omitempty"`
}

// DaemonList is a list of Daemon.
//
// +kubebuilder:object:root=true
type DaemonList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Daemon `json:"items"`
}
