package main

import (
	"context"
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// world is everything in Kubernetes that the demo's ECS objects may be carried by.
type world struct {
	cluster     v1alpha1.Cluster
	definitions v1alpha1.TaskDefinitionList
	stopped     v1alpha1.StoppedTaskList

	namespaces  corev1.NamespaceList
	accounts    corev1.ServiceAccountList
	services    v1alpha1.ECSServiceList
	revisions   v1alpha1.ServiceRevisionList
	rollouts    v1alpha1.ServiceDeploymentList
	targets     v1alpha1.ScalableTargetList
	deployments appsv1.DeploymentList
	replicaSets appsv1.ReplicaSetList
	pods        corev1.PodList
	budgets     policyv1.PodDisruptionBudgetList
	autoscalers autoscalingv2.HorizontalPodAutoscalerList
}

func read(ctx context.Context, c client.Client) (*world, error) {
	w := &world{}
	var clusters v1alpha1.ClusterList
	if err := c.List(ctx, &clusters); err != nil {
		return nil, fmt.Errorf("list clusters: %w", err)
	}
	for _, item := range clusters.Items {
		if ofDemo(item.Spec.Identity, item.Spec.Name) {
			w.cluster = item
		}
	}
	if w.cluster.Name == "" {
		return nil, errors.New("no Cluster object is that of the ECS cluster " + cluster)
	}
	own, tasks := client.InNamespace(w.cluster.Namespace), client.InNamespace(w.cluster.Spec.Namespace)
	for list, in := range map[client.ObjectList]client.ListOption{
		&w.definitions: own, &w.stopped: own, &w.namespaces: client.InNamespace(""),
		&w.accounts: tasks, &w.services: tasks, &w.revisions: tasks, &w.rollouts: tasks, &w.targets: tasks,
		&w.deployments: tasks, &w.replicaSets: tasks, &w.pods: tasks, &w.budgets: tasks, &w.autoscalers: tasks,
	} {
		if err := c.List(ctx, list, in); err != nil {
			return nil, fmt.Errorf("list %T: %w", list, err)
		}
	}
	return w, nil
}
