package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ScalableTarget is a service's registration with Application Auto Scaling and
// its policies. A HorizontalPodAutoscaler on the service's scale subresource
// carries it out.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:categories=ecs
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Resource",type=string,JSONPath=`.spec.resourceID`
// +kubebuilder:printcolumn:name="Min",type=integer,JSONPath=`.spec.minCapacity`
// +kubebuilder:printcolumn:name="Max",type=integer,JSONPath=`.spec.maxCapacity`
// +kubebuilder:printcolumn:name="Deregistered",type=date,JSONPath=`.spec.deregisteredAt`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ScalableTarget struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ScalableTargetSpec `json:"spec"`
	// +optional
	Status ScalableTargetStatus `json:"status,omitempty"`
}

// ScalableTargetSpec is what RegisterScalableTarget and PutScalingPolicy were asked for.
type ScalableTargetSpec struct {
	Identity `json:",inline"`

	// ResourceID is service/<cluster>/<service>.
	ResourceID string `json:"resourceID"`
	// Cluster and Service are the exact ECS names in it.
	Cluster string `json:"cluster"`
	Service string `json:"service"`
	// CreatedAt is when the target was first registered.
	CreatedAt metav1.MicroTime `json:"createdAt"`
	// RegisteredAt is when the target was last registered with a range: each time
	// the service's desired count is moved into it once.
	// +optional
	RegisteredAt *metav1.MicroTime `json:"registeredAt,omitempty"`
	// DeregisteredAt is set by DeregisterScalableTarget: what is left are the activities.
	// +optional
	DeregisteredAt *metav1.MicroTime `json:"deregisteredAt,omitempty"`
	// Tags are the target's own tags.
	// +optional
	Tags map[string]string `json:"tags,omitempty"`
	// MinCapacity and MaxCapacity bound the service's desired count.
	MinCapacity int32 `json:"minCapacity"`
	MaxCapacity int32 `json:"maxCapacity"`
	// Suspended says which scaling is off.
	// +optional
	Suspended Suspended `json:"suspended,omitempty"`
	// Policies are the scaling policies, by name.
	// +optional
	// +listType=map
	// +listMapKey=name
	Policies []ScalingPolicy `json:"policies,omitempty"`
}

// Suspended says which kinds of scaling are off.
type Suspended struct {
	DynamicScalingIn  bool `json:"dynamicScalingIn,omitempty"`
	DynamicScalingOut bool `json:"dynamicScalingOut,omitempty"`
	ScheduledScaling  bool `json:"scheduledScaling,omitempty"`
}

// ScalingPolicy is one scaling policy.
type ScalingPolicy struct {
	Name      string           `json:"name"`
	CreatedAt metav1.MicroTime `json:"createdAt"`
	// Type is ECS's PolicyType.
	Type string `json:"type"`
	// Configuration is the policy's configuration in Application Auto Scaling's JSON.
	// +kubebuilder:pruning:PreserveUnknownFields
	Configuration runtime.RawExtension `json:"configuration"`
}

// ScalableTargetStatus holds what was done for the target.
type ScalableTargetStatus struct {
	// Activities are the scaling activities, newest first, at most 100.
	// +optional
	// +listType=atomic
	Activities []ScalingActivity `json:"activities,omitempty"`
	// LastScaleTime is the autoscaler's last scaling that has an activity.
	// +optional
	LastScaleTime *metav1.Time `json:"lastScaleTime,omitempty"`
	// RangeAppliedFor is the registration for which the service was moved into the
	// range last.
	// +optional
	RangeAppliedFor *metav1.MicroTime `json:"rangeAppliedFor,omitempty"`
	// Conditions say where the autoscaler differs from the policies.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// ScalingActivity is one of Application Auto Scaling's scaling activities.
type ScalingActivity struct {
	ID          string            `json:"id"`
	Description string            `json:"description"`
	Cause       string            `json:"cause"`
	StartTime   metav1.MicroTime  `json:"startTime"`
	EndTime     *metav1.MicroTime `json:"endTime,omitempty"`
	StatusCode  string            `json:"statusCode"`
	// +optional
	StatusMessage string `json:"statusMessage,omitempty"`
	// DesiredCount is the count that was set, or -1 where the activity set none.
	DesiredCount int32 `json:"desiredCount"`
}

// ScalableTargetList is a list of ScalableTarget.
//
// +kubebuilder:object:root=true
type ScalableTargetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ScalableTarget `json:"items"`
}
