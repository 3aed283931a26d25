package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/util/retry"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// API reference, UpdateTaskProtection and GetTaskProtection.
const (
	maxProtect           = 10
	maxGetProtection     = 100
	maxProtectionMinutes = 2880
	defaultProtection    = 2 * time.Hour
)

// UpdateTaskProtection protects tasks of services from scale-in and from being
// replaced in a deployment, or takes that back. Set again, the period is new.
func (h *Handlers) UpdateTaskProtection(ctx context.Context, in *ecs.UpdateTaskProtectionInput) (*ecs.UpdateTaskProtectionOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	switch {
	case len(in.Tasks) == 0:
		return nil, cannotBeEmpty("Tasks")
	case len(in.Tasks) > maxProtect:
		return nil, atMost("taskIds", maxProtect)
	case in.ExpiresInMinutes != nil && (*in.ExpiresInMinutes < 1 || *in.ExpiresInMinutes > maxProtectionMinutes):
		// The range is documented, the text is chosen.
		return nil, invalidParameter("expiresInMinutes should be in range [1,%d].", maxProtectionMinutes)
	}
	ids, err := taskIDs(cluster, in.Tasks)
	if err != nil {
		return nil, err
	}
	period := defaultProtection
	if in.ExpiresInMinutes != nil {
		period = time.Duration(*in.ExpiresInMinutes) * time.Minute
	}
	var until *time.Time
	if in.ProtectionEnabled {
		until = aws.Time(h.now().Add(period).Truncate(time.Millisecond))
	}
	h.awaitTasks(ctx, cluster, ids)
	out := &ecs.UpdateTaskProtectionOutput{ProtectedTasks: []types.ProtectedTask{}, Failures: []types.Failure{}}
	for _, id := range ids {
		pod, reason := h.protectable(cluster, id)
		if reason == "" {
			if reason, err = h.protect(ctx, pod, until); err != nil {
				return nil, err
			}
		}
		taskARN := arn.Task(cluster.Spec.Identity, cluster.Spec.Name, id)
		if reason != "" {
			out.Failures = append(out.Failures, failure(taskARN, reason))
			continue
		}
		out.ProtectedTasks = append(out.ProtectedTasks, types.ProtectedTask{
			TaskArn: aws.String(taskARN), ProtectionEnabled: in.ProtectionEnabled, ExpirationDate: until,
		})
	}
	return out, nil
}

// GetTaskProtection answers the protection of tasks, and of all tasks of the
// cluster's services where none is named: the member is optional, and what it
// means to leave it out is inferred.
func (h *Handlers) GetTaskProtection(ctx context.Context, in *ecs.GetTaskProtectionInput) (*ecs.GetTaskProtectionOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	if len(in.Tasks) > maxGetProtection {
		return nil, atMost("taskIds", maxGetProtection)
	}
	ids, err := taskIDs(cluster, in.Tasks)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		ids = h.serviceTasks(cluster)
	}
	h.awaitTasks(ctx, cluster, ids)
	out := &ecs.GetTaskProtectionOutput{ProtectedTasks: []types.ProtectedTask{}, Failures: []types.Failure{}}
	for _, id := range ids {
		taskARN := arn.Task(cluster.Spec.Identity, cluster.Spec.Name, id)
		pod, reason := h.protectable(cluster, id)
		if reason != "" {
			out.Failures = append(out.Failures, failure(taskARN, reason))
			continue
		}
		task := types.ProtectedTask{TaskArn: aws.String(taskARN)}
		if until, ok := translator.ProtectedUntil(pod, h.now()); ok {
			task.ProtectionEnabled, task.ExpirationDate = true, &until
		}
		out.ProtectedTasks = append(out.ProtectedTasks, task)
	}
	return out, nil
}

func (h *Handlers) serviceTasks(cluster *v1alpha1.Cluster) []string {
	var ids []string
	for _, pod := range h.store.Pods.By(kube.ByCluster, kube.ClusterKey(cluster.Spec.Identity, cluster.Spec.Name)) {
		id := kube.TaskID(string(pod.UID))
		if _, reason := h.protectable(cluster, id); reason == "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// protectable finds the pod of a task that can be protected: a service's, that runs
// and is not being stopped. Else it says why it cannot.
func (h *Handlers) protectable(cluster *v1alpha1.Cluster, id string) (pod *corev1.Pod, reason string) {
	held := h.findTask(cluster, id)
	switch {
	case held == heldTask{}:
		return nil, reasonMissing
	case held.record != nil, held.pod.Annotations[v1alpha1.ServiceAnnotation] == "":
		return nil, reasonTaskNotValid
	}
	if state := translator.Observe(held.pod); !state.Started() || !state.Stays() {
		return nil, reasonTaskNotValid
	}
	return held.pod, ""
}

// protect writes until when the task is protected; nil is no longer. The version
// guards it: a scale-in that chose the task a moment ago has written it there.
func (h *Handlers) protect(ctx context.Context, pod *corev1.Pod, until *time.Time) (reason string, err error) {
	var value any
	if until != nil {
		value = translator.FormatTime(*until)
	}
	uid := pod.UID
	err = retry.RetryOnConflict(conflictRetry, func() error {
		if !translator.Observe(pod).Stays() {
			reason = reasonTaskNotValid
			return nil
		}
		if until != nil && h.deploymentBlocked(pod) {
			reason = reasonDeploymentBlocked
			return nil
		}
		_, err := h.store.Pods.Patch(ctx, pod, kube.Fields{
			"metadata": kube.Fields{"annotations": kube.Fields{v1alpha1.ProtectedUntilAnnotation: value}},
		})
		if !apierrors.IsConflict(err) {
			return err
		}
		live, found, liveErr := h.store.Pods.Live(ctx, pod.Namespace, pod.Name)
		if liveErr != nil {
			return liveErr
		}
		if !found || live.UID != uid {
			reason = reasonTaskNotValid
			return nil
		}
		pod = live
		return err
	})
	if apierrors.IsNotFound(err) {
		return reasonTaskNotValid, nil
	}
	if err != nil {
		return "", fmt.Errorf("protect task %s: %w", kube.TaskID(string(uid)), fromKubernetes(err))
	}
	return reason, nil
}

// deploymentBlocked says whether no more of the service's tasks can be protected.
func (h *Handlers) deploymentBlocked(pod *corev1.Pod) bool {
	svc, ok := h.store.Services.Get(pod.Namespace, pod.Annotations[v1alpha1.ServiceObjectAnnotation])
	return ok && protectedOf(h.store.PodsOf(svc), h.now()) > svc.Spec.DesiredCount
}

// protectedOf counts tasks that are protected and stay. With more than are desired
// ECS protects none: neither another nor one for longer (Developer Guide, task
// scale-in protection, DEPLOYMENT_BLOCKED).
func protectedOf(pods []*corev1.Pod, now time.Time) (n int32) {
	for _, pod := range pods {
		if _, protected := translator.ProtectedUntil(pod, now); protected && translator.Observe(pod).Stays() {
			n++
		}
	}
	return n
}
