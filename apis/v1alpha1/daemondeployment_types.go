package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// DaemonDeployment is one deployment of a daemon and how far it has come; it is
// also the record of the daemon's revision of the same number.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:categories=ecs
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Daemon",type=string,JSONPath=`.spec.daemon`
// +kubebuilder:printcolumn:name="Number",type=integer,JSONPath=`.spec.number`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type DaemonDeployment struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec DaemonDeploymentSpec `json:"spec"`
	// +optional
	Status DaemonDeploymentStatus `json:"status,omitempty"`
}

// DaemonDeploymentSpec says which deployment of which daemon it is.
type DaemonDeploymentSpec struct {
	Identity `json:",inline"`

	// Cluster and Daemon are the exact ECS names.
	Cluster string `json:"cluster"`
	Daemon  string `json:"daemon"`
	// DaemonDeploymentEntry is the daemon's entry that asked for it.
	DaemonDeploymentEntry `json:",inline"`
	// Sources are the numbers of the revisions that had tasks when it began.
	// +optional
	// +listType=atomic
	Sources []int64 `json:"sources,omitempty"`
}

// DaemonDeploymentStatus is what cannot be derived from the tasks.
type DaemonDeploymentStatus struct {
	// State is ECS's status of the deployment.
	// +optional
	State string `json:"state,omitempty"`
	// StateReason is ECS's text for it.
	// +optional
	StateReason string `json:"stateReason,omitempty"`
	// +optional
	StartedAt *metav1.MicroTime `json:"startedAt,omitempty"`
	// BakingSince is when all instances were found to run the revision.
	// +optional
	BakingSince *metav1.MicroTime `json:"bakingSince,omitempty"`
	// +optional
	FinishedAt *metav1.MicroTime `json:"finishedAt,omitempty"`
	// +optional
	StoppedAt *metav1.MicroTime `json:"stoppedAt,omitempty"`
	// FailureCount counts the revision's tasks that failed to run.
	// +optional
	FailureCount int32 `json:"failureCount,omitempty"`
	// Rollback says that the instances go back to an earlier revision.
	// +optional
	Rollback *DaemonRollback `json:"rollback,omitempty"`
}

// DaemonRollback is the way back of a deployment that failed.
type DaemonRollback struct {
	// To is the number of the revision that runs again.
	To        int64            `json:"to"`
	StartedAt metav1.MicroTime `json:"startedAt"`
	Reason    string           `json:"reason"`
	// FailedBefore is how many tasks of that revision had failed by then.
	// +optional
	FailedBefore int32 `json:"failedBefore,omitempty"`
}

// DaemonDeploymentList is a list of DaemonDeployment.
//
// +kubebuilder:object:root=true
type DaemonDeploymentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []DaemonDeployment `json:"items"`
}
