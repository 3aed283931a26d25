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
// +kubebuilder:printcolumn:name="Finished",type=date,JSONPath=`.status.finishedAt`
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
	// DeploymentEntry is the service's entry that asked for this deployment, as it
	// was then: a task set's later scale and tags are the service's.
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
	// HookActions are what ContinueServiceDeployment asked for.
	// +optional
	// +listType=map
	// +listMapKey=id
	HookActions []HookAction `json:"hookActions,omitempty"`
}

// HookAction ends the pause of a lifecycle hook.
type HookAction struct {
	// ID is the hook's.
	ID string `json:"id"`
	// Action is CONTINUE or ROLLBACK.
	Action string `json:"action"`
}

// ServiceDeploymentStatus is what cannot be derived from the deployment's tasks.
type ServiceDeploymentStatus struct {
	// RolloutState is IN_PROGRESS, COMPLETED or FAILED; of a deployment that was
	// superseded, which has finished, it stays what it was.
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
	// HealthyTasks is how many tasks were healthy at the last count of failed ones, where
	// one more sets that back; 0 where it does not.
	// +optional
	HealthyTasks int32 `json:"healthyTasks"`
	// TemplateHash is the hash of the Deployment's pod template as the API server
	// answered when Gantry wrote it: another one was edited by somebody.
	// +optional
	TemplateHash string `json:"templateHash,omitempty"`
	// LifecycleStage is ECS's; empty for a ROLLING deployment.
	// +optional
	LifecycleStage string `json:"lifecycleStage,omitempty"`
	// StageAt is when the stage, or its latest step, began.
	// +optional
	StageAt *metav1.MicroTime `json:"stageAt,omitempty"`
	// ProductionPermille is how much of the production traffic the deployment is to get.
	// +optional
	ProductionPermille int32 `json:"productionPermille,omitempty"`
	// Hooks are the lifecycle hooks that were reached.
	// +optional
	// +listType=atomic
	Hooks []LifecycleHook `json:"hooks,omitempty"`
	// RollbackTo is the deployment that serves again where this one was taken back
	// without a new one: its tasks were still there.
	// +optional
	RollbackTo *DeploymentEntry `json:"rollbackTo,omitempty"`
	// UpdatedAt is when one of these last changed.
	// +optional
	UpdatedAt *metav1.MicroTime `json:"updatedAt,omitempty"`
	// FinishedAt is when the rollout completed, failed or was superseded.
	// +optional
	FinishedAt *metav1.MicroTime `json:"finishedAt,omitempty"`
}

// LifecycleHook is a lifecycle hook that a deployment has come to.
type LifecycleHook struct {
	// ID names it in ContinueServiceDeployment.
	ID string `json:"id"`
	// Key is the stage, the step of the traffic shift and the place of the hook in
	// the configuration.
	Key string `json:"key"`
	// Status is AWAITING_ACTION, SUCCEEDED, FAILED or TIMED_OUT.
	Status string `json:"status"`
	// ExpiresAt is when TimeoutAction is taken.
	ExpiresAt metav1.MicroTime `json:"expiresAt"`
	// TimeoutAction is CONTINUE or ROLLBACK.
	TimeoutAction string `json:"timeoutAction"`
}

// ServiceDeploymentList is a list of ServiceDeployment.
//
// +kubebuilder:object:root=true
type ServiceDeploymentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ServiceDeployment `json:"items"`
}
