package service

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// leaves says whether the pod is on a container instance that is DRAINING: a node
// that takes no pods. ECS moves a service's tasks away from it by the limits of the
// service's deployments (Developer Guide, container instance draining): their
// replacements are started first where the upper limit lets them.
func (c *Controller) leaves(pod *corev1.Pod) bool {
	node, found := c.Store.Nodes.Get("", pod.Spec.NodeName)
	return found && node.Spec.Unschedulable
}

// countLeaving counts a task that has to leave. Protected ones stay until their
// protection ends: what ECS does with those on an instance that is DRAINING is not
// documented. Those of a DAEMON service go because their instance counts no more.
func (w *world) countLeaving(d *deployment, t *task) {
	if !t.leaving || t.protected || !t.state.Started() || translator.IsDaemon(w.service) {
		return
	}
	d.side.Leaving++
	if t.healthy {
		d.side.LeavingHealthy++
	}
}

// stopUnstarted stops the tasks that are still PENDING on an instance that is
// DRAINING; their ReplicaSet starts others elsewhere (Developer Guide, container
// instance draining). What ECS gives as the reason is that of any scale-in.
func (c *Controller) stopUnstarted(ctx context.Context, w *world) error {
	if translator.IsDaemon(w.service) {
		return nil
	}
	for _, d := range w.deployments {
		for _, t := range d.tasks {
			if !t.leaving || !t.state.Stays() || t.state.Started() {
				continue
			}
			stop := translator.Stop{Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: translator.ScalingReason(d.id)}
			patch, subresource := translator.StopPatch(t.pod, stop, w.now, w.now)
			pod, err := c.Store.Pods.PatchPart(ctx, t.pod, subresource, patch)
			if client.IgnoreNotFound(err) != nil {
				return err
			}
			if err == nil {
				t.pod, t.state = pod, translator.Observe(pod)
			}
		}
	}
	return nil
}

// unproven are the tasks that have a node and do not count as healthy yet, while
// others have to leave: Kubernetes may count them from the next moment on.
func (w *world) unproven() int32 {
	var leaving, unproven int32
	for _, d := range w.deployments {
		leaving += d.side.Leaving
		for _, t := range d.tasks {
			if t.state.Stays() && !t.healthy && t.pod.Spec.NodeName != "" {
				unproven++
			}
		}
	}
	if leaving == 0 {
		return 0
	}
	return unproven
}

// servicesOf are the services that a change of a node may concern: those with
// tasks on it, the DAEMON ones, and those that are balanced over zones.
func (c *Controller) servicesOf(node *corev1.Node) []reconcile.Request {
	if !c.nodes.changed(node, c.Store.Nodes.Gone(node)) {
		return nil
	}
	var requests []reconcile.Request
	for _, pod := range c.Store.Pods.By(kube.ByNode, node.Name) {
		if name := pod.Annotations[v1alpha1.ServiceObjectAnnotation]; name != "" {
			requests = append(requests, kube.Request(pod.Namespace, name))
		}
	}
	for _, svc := range c.Store.Services.All() {
		if svc.Spec.DeletedAt == nil && (translator.IsDaemon(svc) || translator.Rebalanced(svc)) {
			requests = append(requests, kube.Request(svc.Namespace, svc.Name))
		}
	}
	return requests
}
