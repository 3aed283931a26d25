package task

import (
	"context"
	"errors"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// Collector removes records that have expired and ended pods that are old or too
// many. Only the leader runs it.
type Collector struct {
	Store     *kube.Store
	Now       func() time.Time
	Retention Retention
}

// Collect goes through everything once.
func (c *Collector) Collect(ctx context.Context) error {
	now := c.Now()
	var errs []error
	for _, record := range c.Store.StoppedTasks.All() {
		if record.Spec.ExpiresAt.Time.Before(now) {
			errs = append(errs, c.Store.StoppedTasks.Delete(ctx, record))
		}
	}
	groups := map[string][]*corev1.Pod{}
	for _, pod := range c.Store.Pods.All() {
		if !recorded(pod) || pod.DeletionTimestamp != nil || !translator.Observe(pod).Terminal() {
			continue
		}
		key := groupOf(pod)
		groups[key] = append(groups[key], pod)
	}
	for _, pods := range groups {
		for _, pod := range surplus(pods, c.Retention, now) {
			errs = append(errs, c.Store.Pods.Delete(ctx, pod))
		}
	}
	return errors.Join(errs...)
}

// groupOf is the deployment of a service's pod, the cluster of a standalone one.
func groupOf(pod *corev1.Pod) string {
	key := kube.ClusterKey(kube.TaskIdentity(pod), pod.Annotations[v1alpha1.ClusterAnnotation])
	if service := pod.Annotations[v1alpha1.ServiceAnnotation]; service != "" {
		key += "/" + service + "/" + pod.Labels[v1alpha1.DeploymentLabel]
	}
	return key
}

// surplus are the pods of one group besides the newest, and those that are old.
func surplus(pods []*corev1.Pod, keep Retention, now time.Time) []*corev1.Pod {
	limit := keep.PodsPerCluster
	if pods[0].Annotations[v1alpha1.ServiceAnnotation] != "" {
		limit = keep.PodsPerDeployment
	}
	slices.SortFunc(pods, func(a, b *corev1.Pod) int { return endOf(b).Compare(endOf(a)) })
	young := 0
	for young < min(limit, len(pods)) && now.Sub(endOf(pods[young])) <= keep.Pods {
		young++
	}
	return pods[young:]
}

// endOf is when the pod's last container ended; its birth where none ever ran.
func endOf(pod *corev1.Pod) time.Time {
	if end := translator.Observe(pod).EndedAt(); !end.IsZero() {
		return end
	}
	return pod.CreationTimestamp.Time
}
