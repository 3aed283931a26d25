package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ECSService is an ECS service: the one truth about what should run. It owns the
// revisions, deployments, Deployments, budget and autoscaler below it.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:shortName=ecssvc,categories=ecs
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.desiredCount,statuspath=.status.runningCount,selectorpath=.status.selector
// +kubebuilder:printcolumn:name="ECS Name",type=string,JSONPath=`.spec.name`
// +kubebuilder:printcolumn:name="Desired",type=integer,JSONPath=`.spec.desiredCount`
// +kubebuilder:printcolumn:name="Running",type=integer,JSONPath=`.status.runningCount`
// +kubebuilder:printcolumn:name="Deployment",type=integer,JSONPath=`.spec.lastDeployment`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ECSService struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ECSServiceSpec `json:"spec"`
	// +optional
	Status ECSServiceStatus `json:"status,omitempty"`
}

// ECSServiceSpec is what CreateService and UpdateService were asked for.
type ECSServiceSpec struct {
	Identity `json:",inline"`

	// Cluster and Name are the exact ECS names.
	Cluster string `json:"cluster"`
	Name    string `json:"name"`
	// CreatedAt is when this incarnation was made: a service that was deleted and
	// created again is the same object with a new CreatedAt.
	CreatedAt metav1.MicroTime `json:"createdAt"`
	// CreatedBy is the ARN of the principal that created it.
	CreatedBy string `json:"createdBy"`
	// DeletedAt is set by DeleteService: DRAINING while tasks are left, then INACTIVE.
	// +optional
	DeletedAt *metav1.MicroTime `json:"deletedAt,omitempty"`
	// SchedulingStrategy is REPLICA, or DAEMON: one task on each node that takes it.
	// +optional
	SchedulingStrategy string `json:"schedulingStrategy,omitempty"`
	// DesiredCount is the number of tasks to keep running; autoscalers write it
	// through the scale subresource, and the controller of a DAEMON service.
	// +kubebuilder:validation:Minimum=0
	DesiredCount int32 `json:"desiredCount"`
	// Definition holds the members of ECS's Service that belong to the service and
	// not to a revision, in ECS JSON.
	// +kubebuilder:pruning:PreserveUnknownFields
	Definition runtime.RawExtension `json:"definition"`
	// Express has what an Express service was asked for besides: ECS's
	// ECSExpressGatewayService with one configuration, in ECS JSON.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +optional
	Express *runtime.RawExtension `json:"express,omitempty"`
	// MinimumHealthyPercent and MaximumPercent bound the tasks during a deployment.
	MinimumHealthyPercent int32 `json:"minimumHealthyPercent"`
	MaximumPercent        int32 `json:"maximumPercent"`
	// HealthCheckGracePeriodSeconds is how long after its start a task is not
	// stopped for its health.
	// +optional
	HealthCheckGracePeriodSeconds int32 `json:"healthCheckGracePeriodSeconds,omitempty"`
	// Connect is the newest revision's part in Service Connect.
	// +optional
	Connect *ConnectSpec `json:"connect,omitempty"`
	// Token is the hash of the creating call's clientToken, RequestHash that of its input.
	// +optional
	Token string `json:"token,omitempty"`
	// +optional
	RequestHash string `json:"requestHash,omitempty"`
	// LastDeployment is the number of the newest deployment ever asked for; numbers
	// go on through all incarnations.
	LastDeployment int64 `json:"lastDeployment"`
	// Deployments are the deployments that still have or get tasks, oldest first.
	// With another deployment controller than ECS they are task sets, and there may
	// be none.
	// +listType=atomic
	Deployments []DeploymentEntry `json:"deployments"`
	// PrimaryTaskSet is the number of the task set that is PRIMARY; 0 is none.
	// +optional
	PrimaryTaskSet int64 `json:"primaryTaskSet,omitempty"`
}

// ConnectSpec is a service's part in a Service Connect namespace.
type ConnectSpec struct {
	// Namespace is the ARN of the Cloud Map namespace.
	Namespace string `json:"namespace"`
	// Services are the names of the Kubernetes Services of the endpoints that the
	// service offers there.
	// +optional
	// +listType=atomic
	Services []string `json:"services,omitempty"`
}

// DeploymentEntry asks for one ECS deployment, or for one task set.
type DeploymentEntry struct {
	// Number orders the service's deployments and, with the service's UID, makes its ids.
	Number int64 `json:"number"`
	// Revision is the name of the ServiceRevision to run.
	Revision string `json:"revision"`
	// RevisionNumber is the number of the deployment that first ran the revision.
	RevisionNumber int64 `json:"revisionNumber"`
	// RequestedAt is when the call that asked for it was made.
	RequestedAt metav1.MicroTime `json:"requestedAt"`
	// Rollback says that the deployment goes back to what ran before.
	// +optional
	Rollback *RollbackEntry `json:"rollback,omitempty"`
	// TaskSet makes the deployment a task set: it runs its share of the service's
	// desired count beside the others until it is deleted.
	// +optional
	TaskSet *TaskSetEntry `json:"taskSet,omitempty"`
}

// TaskSetEntry is what CreateTaskSet and the calls after it asked for.
type TaskSetEntry struct {
	// Definition holds the members of ECS's TaskSet that the task set keeps, in ECS JSON.
	// +kubebuilder:pruning:PreserveUnknownFields
	Definition runtime.RawExtension `json:"definition"`
	// UpdatedAt is when a call last changed it.
	UpdatedAt metav1.MicroTime `json:"updatedAt"`
	// DeletedAt is set by DeleteTaskSet: DRAINING while tasks are left, then gone.
	// +optional
	DeletedAt *metav1.MicroTime `json:"deletedAt,omitempty"`
	// Token is the hash of the creating call's clientToken, RequestHash that of its input.
	// +optional
	Token string `json:"token,omitempty"`
	// +optional
	RequestHash string `json:"requestHash,omitempty"`
}

// RollbackEntry says which deployment is taken back.
type RollbackEntry struct {
	// Of is the number of the deployment that failed or was stopped, To that of the
	// completed one whose revision runs again.
	Of int64 `json:"of"`
	To int64 `json:"to"`
	// Stopped is true where a user has asked for it.
	// +optional
	Stopped bool `json:"stopped,omitempty"`
}

// ECSServiceStatus holds what cannot be derived from other objects, and the
// members of the scale subresource, which no handler reads.
type ECSServiceStatus struct {
	// ObservedGeneration is the generation of the spec that the controller has last
	// acted on: what it does from then on knows that spec.
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// RunningCount and Selector serve the scale subresource.
	// +optional
	RunningCount int32 `json:"runningCount"`
	// +optional
	Selector string `json:"selector,omitempty"`
	// SteadyAt is when the service last reached or confirmed its steady state;
	// absent while it is not steady.
	// +optional
	SteadyAt *metav1.MicroTime `json:"steadyAt,omitempty"`
	// Completed is the last deployment that completed: what a rollback goes back to.
	// It is written with the event that says so.
	// +optional
	Completed *DeploymentEntry `json:"completed,omitempty"`
	// FailedDeployment is the number of the last deployment that failed, written
	// with the event that says so.
	// +optional
	FailedDeployment int64 `json:"failedDeployment,omitempty"`
	// RollbackTo is the number of the completed deployment that the failed one is
	// taken back to; 0 where it is not. It is written with FailedDeployment.
	// +optional
	RollbackTo int64 `json:"rollbackTo,omitempty"`
	// AnnouncedUpTo is the creation time up to which all tasks were announced by an event.
	// +optional
	AnnouncedUpTo *metav1.MicroTime `json:"announcedUpTo,omitempty"`
	// StartedUnnamed and StoppedUnnamed are the ids of tasks that an event has counted
	// among those that started or stopped, and not named.
	// +optional
	// +listType=atomic
	StartedUnnamed []string `json:"startedUnnamed,omitempty"`
	// +optional
	// +listType=atomic
	StoppedUnnamed []string `json:"stoppedUnnamed,omitempty"`
	// RebalancingAt is when one task more was wanted, so that one can go from the zone
	// with the most; absent while none is being moved.
	// +optional
	RebalancingAt *metav1.MicroTime `json:"rebalancingAt,omitempty"`
	// BalancePausedUntil is until when none is moved: the last one helped nothing.
	// +optional
	BalancePausedUntil *metav1.MicroTime `json:"balancePausedUntil,omitempty"`
	// Targets are the tasks that an event said to be in a target group.
	// +optional
	// +listType=atomic
	Targets []TargetGroup `json:"targets,omitempty"`
	// TaskSets are what events said last of the service's task sets.
	// +optional
	// +listType=atomic
	TaskSets []TaskSetState `json:"taskSets,omitempty"`
	// Events are ECS's service events, newest first, at most 100.
	// +optional
	// +listType=atomic
	Events []ServiceEvent `json:"events,omitempty"`
}

// ServiceEvent is one of ECS's service events.
type ServiceEvent struct {
	ID        string           `json:"id"`
	CreatedAt metav1.MicroTime `json:"createdAt"`
	Message   string           `json:"message"`
}

// TaskSetState is what a task set has come to, written with the events that say so.
type TaskSetState struct {
	// Number is that of the task set's entry.
	Number int64 `json:"number"`
	// ComputedDesiredCount is the number of tasks that it is to run.
	ComputedDesiredCount int32 `json:"computedDesiredCount"`
	// Stable: all of them run and are healthy, and there are no others.
	Stable bool `json:"stable"`
	// StableAt is when Stable last changed.
	StableAt metav1.MicroTime `json:"stableAt"`
}

// TargetGroup is a load balancer's target group and the tasks that are in it.
type TargetGroup struct {
	ARN string `json:"arn"`
	// +listType=atomic
	Tasks []string `json:"tasks"`
}

// ECSServiceList is a list of ECSService.
//
// +kubebuilder:object:root=true
type ECSServiceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ECSService `json:"items"`
}
