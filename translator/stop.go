package translator

import (
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// Stop says why a task is stopped.
type Stop struct {
	Code   types.TaskStopCode
	Reason string
	// Container and ContainerReason name the container that could not start, and why.
	Container, ContainerReason string
	// AfterReplacement: the task leaves its service at once but runs on until its
	// replacement is healthy.
	AfterReplacement bool
}

// stop fills in why the task stops or has stopped.
func (b *taskBuilder) stop(stop Stop) {
	b.task.StopCode = stop.Code
	b.task.StoppedReason = aws.String(stop.Reason)
	if stop.Container != "" && b.pod.Annotations[v1alpha1.FailedContainerAnnotation] == "" {
		annotated := *b.pod
		annotated.Annotations = map[string]string{}
		maps.Copy(annotated.Annotations, b.pod.Annotations)
		annotated.Annotations[v1alpha1.FailedContainerAnnotation] = stop.Container
		annotated.Annotations[v1alpha1.ContainerReasonAnnotation] = stop.ContainerReason
		b.pod = &annotated
	}
}

// stopOf is why a task stops: what its pod was marked with, or what the rules say.
func stopOf(pod *corev1.Pod, now time.Time) (Stop, bool) {
	if stop, ok := annotatedStop(pod); ok {
		return stop, true
	}
	return StopFor(pod, RuleInput{Now: now})
}

func annotatedStop(pod *corev1.Pod) (Stop, bool) {
	code := pod.Annotations[v1alpha1.StopCodeAnnotation]
	if code == "" {
		return Stop{}, false
	}
	return Stop{Code: types.TaskStopCode(code), Reason: pod.Annotations[v1alpha1.StoppedReasonAnnotation]}, true
}

// StopAnnotations are the annotations that record a stop.
func StopAnnotations(pod *corev1.Pod, stop Stop, now time.Time) map[string]string {
	annotations := map[string]string{
		v1alpha1.StopCodeAnnotation:      string(stop.Code),
		v1alpha1.StoppedReasonAnnotation: stop.Reason,
		v1alpha1.StoppingAtAnnotation:    FormatTime(now),
	}
	if stop.Container != "" {
		annotations[v1alpha1.FailedContainerAnnotation] = stop.Container
		annotations[v1alpha1.ContainerReasonAnnotation] = stop.ContainerReason
	}
	noteHealth(annotations, pod, now)
	return annotations
}

func noteHealth(annotations map[string]string, pod *corev1.Pod, now time.Time) {
	if health := Observe(pod).healthText(now); health != "" {
		annotations[v1alpha1.HealthAnnotation] = health
	}
}

// YieldPatch is the merge patch that stops a task which has run on until another took
// its place: it is stopping from now on.
func YieldPatch(pod *corev1.Pod, now time.Time) map[string]any {
	annotations := map[string]string{v1alpha1.StoppingAtAnnotation: FormatTime(now)}
	noteHealth(annotations, pod, now)
	return map[string]any{
		"metadata": map[string]any{"annotations": annotations},
		"spec":     map[string]any{"activeDeadlineSeconds": 1},
	}
}

// StopPatch is the one merge patch that stops a task, and the subresource of the
// pod that it is for. It is to be guarded by the version that it was decided at.
//
// It takes off the labels of the service and of the task group: ECS counts tasks
// there whose desired status is RUNNING (Developer Guide, task placement constraints).
//
// Where the pod has a node: the ReplicaSet releases the pod and starts the next
// one, endpoints, budget and autoscaler let it go, and the kubelet signals its
// containers, waits the grace period and marks it Failed. Pod and logs stay.
// With AfterReplacement the deadline is left out and set later, by stopAt at the
// latest. A pod without a node has no kubelet to heed a deadline: its phase is
// set; the scheduler may bind it in between, which the version notices.
func StopPatch(pod *corev1.Pod, stop Stop, now, stopAt time.Time) (patch map[string]any, subresource string) {
	annotations := StopAnnotations(pod, stop, now)
	patch = map[string]any{"metadata": map[string]any{
		"annotations": annotations,
		"labels":      map[string]any{v1alpha1.ServiceLabel: nil, v1alpha1.GroupLabel: nil},
	}}
	switch {
	case pod.Spec.NodeName == "":
		patch["status"] = map[string]any{"phase": string(corev1.PodFailed), "reason": "Stopped", "message": stop.Reason}
		return patch, "status"
	case stop.AfterReplacement:
		annotations[v1alpha1.StopAtAnnotation] = FormatTime(stopAt)
	default:
		patch["spec"] = map[string]any{"activeDeadlineSeconds": 1}
	}
	return patch, ""
}
