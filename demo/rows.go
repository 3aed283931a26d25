package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

func (w *world) rows() []row {
	rows := []row{w.clusterRow()}
	rows = append(rows, w.definitionRows()...)
	for i := range w.services.Items {
		rows = append(rows, w.serviceRows(&w.services.Items[i])...)
	}
	rows = append(rows, w.taskRows()...)
	rows = append(rows, w.stoppedRows()...)
	return append(rows, w.scalingRows()...)
}

func (w *world) clusterRow() row {
	r := row{"cluster " + w.cluster.Spec.Name, []string{reference("Cluster", &w.cluster)}}
	for i := range w.namespaces.Items {
		if namespace := &w.namespaces.Items[i]; namespace.Name == w.cluster.Spec.Namespace {
			r.kubernetes = append(r.kubernetes, reference("Namespace", namespace))
		}
	}
	for i := range w.accounts.Items {
		if account := &w.accounts.Items[i]; account.Name == v1alpha1.TaskServiceAccount {
			r.kubernetes = append(r.kubernetes, reference("ServiceAccount", account))
		}
	}
	return r
}

// definitionRows are the newest revisions of the demo's families.
func (w *world) definitionRows() []row {
	newest := map[string]*v1alpha1.TaskDefinition{}
	for i := range w.definitions.Items {
		d := &w.definitions.Items[i]
		held := newest[d.Spec.Family]
		if strings.HasPrefix(d.Spec.Family, "demo-") && (held == nil || held.Spec.Revision < d.Spec.Revision) {
			newest[d.Spec.Family] = d
		}
	}
	var rows []row
	for _, d := range newest {
		rows = append(rows, row{fmt.Sprintf("task definition %s:%d", d.Spec.Family, d.Spec.Revision), []string{reference("TaskDefinition", d)}})
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(b.ecs, a.ecs) })
	return rows
}

// serviceRows are a service, and each of its deployments that has or gets tasks.
func (w *world) serviceRows(svc *v1alpha1.ECSService) []row {
	top := row{"service " + svc.Spec.Name, []string{reference("ECSService", svc, fmt.Sprintf("desired %d", svc.Spec.DesiredCount))}}
	for i := range w.budgets.Items {
		if budget := &w.budgets.Items[i]; ownedBy(budget, svc) {
			top.kubernetes = append(top.kubernetes, reference("PodDisruptionBudget", budget, "minAvailable "+budget.Spec.MinAvailable.String()))
		}
	}
	rows := []row{top}
	for _, entry := range svc.Spec.Deployments {
		rows = append(rows, w.deploymentRow(svc, entry))
	}
	return rows
}

func (w *world) deploymentRow(svc *v1alpha1.ECSService, entry v1alpha1.DeploymentEntry) row {
	r := row{ecs: "deployment " + kube.DeploymentID(svc.UID, entry.Number)}
	for i := range w.rollouts.Items {
		if rollout := &w.rollouts.Items[i]; ownedBy(rollout, svc) && rollout.Spec.Number == entry.Number {
			r.kubernetes = append(r.kubernetes, reference("ServiceDeployment", rollout, rollout.Status.RolloutState))
		}
	}
	for i := range w.revisions.Items {
		if revision := &w.revisions.Items[i]; revision.Name == entry.Revision {
			r.kubernetes = append(r.kubernetes, reference("ServiceRevision", revision))
		}
	}
	for i := range w.deployments.Items {
		deployment := &w.deployments.Items[i]
		if !ownedBy(deployment, svc) || deployment.Name != kube.DeploymentName(svc.Name, entry.Number) {
			continue
		}
		r.kubernetes = append(r.kubernetes, reference("Deployment", deployment, fmt.Sprintf("%d ready", deployment.Status.ReadyReplicas)))
		for j := range w.replicaSets.Items {
			if set := &w.replicaSets.Items[j]; ownedBy(set, deployment) {
				r.kubernetes = append(r.kubernetes, reference("ReplicaSet", set))
			}
		}
	}
	return r
}

// taskRows are the tasks that have not stopped.
func (w *world) taskRows() []row {
	var rows []row
	for i := range w.pods.Items {
		pod := &w.pods.Items[i]
		if pod.Annotations[v1alpha1.ClusterAnnotation] != w.cluster.Spec.Name || ended(pod) {
			continue
		}
		containers := make([]string, len(pod.Spec.Containers))
		for j := range pod.Spec.Containers {
			containers[j] = pod.Spec.Containers[j].Name
		}
		rows = append(rows, row{
			"task " + kube.TaskID(string(pod.UID)),
			[]string{reference("Pod", pod, string(pod.Status.Phase), "containers "+strings.Join(containers, " and "), pod.Status.PodIP)},
		})
	}
	return rows
}

func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed || pod.DeletionTimestamp != nil
}

// stoppedRows are the newest stopped tasks: the record, and the pod as long as
// it stays for its logs.
func (w *world) stoppedRows() []row {
	const shown = 3
	var records []*v1alpha1.StoppedTask
	for i := range w.stopped.Items {
		if record := &w.stopped.Items[i]; ofDemo(record.Spec.Identity, record.Spec.Cluster) && record.Spec.Service == "" {
			records = append(records, record)
		}
	}
	slices.SortFunc(records, func(a, b *v1alpha1.StoppedTask) int {
		return b.CreationTimestamp.Compare(a.CreationTimestamp.Time)
	})
	var rows []row
	for _, record := range records[:min(shown, len(records))] {
		r := row{"stopped task " + record.Name, []string{reference("StoppedTask", record)}}
		for i := range w.pods.Items {
			if pod := &w.pods.Items[i]; kube.TaskID(string(pod.UID)) == record.Name {
				r.kubernetes = append(r.kubernetes, reference("Pod", pod, string(pod.Status.Phase)))
			}
		}
		rows = append(rows, r)
	}
	return rows
}

func (w *world) scalingRows() []row {
	var rows []row
	for i := range w.targets.Items {
		target := &w.targets.Items[i]
		if !ofDemo(target.Spec.Identity, target.Spec.Cluster) {
			continue
		}
		rows = append(rows, row{"scalable target " + target.Spec.ResourceID, []string{
			reference("ScalableTarget", target, fmt.Sprintf("%d to %d tasks", target.Spec.MinCapacity, target.Spec.MaxCapacity)),
		}})
		for _, policy := range target.Spec.Policies {
			rows = append(rows, w.policyRow(target, policy))
		}
	}
	return rows
}

func (w *world) policyRow(target *v1alpha1.ScalableTarget, policy v1alpha1.ScalingPolicy) row {
	r := row{"scaling policy " + policy.Name, []string{"a policy of the ScalableTarget"}}
	for i := range w.autoscalers.Items {
		autoscaler := &w.autoscalers.Items[i]
		if autoscaler.Spec.ScaleTargetRef.Name == target.Name {
			r.kubernetes = []string{reference("HorizontalPodAutoscaler", autoscaler,
				"scales ECSService "+autoscaler.Spec.ScaleTargetRef.Name, fmt.Sprintf("%d to %d", *autoscaler.Spec.MinReplicas, autoscaler.Spec.MaxReplicas))}
		}
	}
	return r
}
