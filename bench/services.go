package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// heldLabel is in the selector of the direct Deployments beside directLabel. The
// stop patch takes it off, as Gantry's takes off its own.
const heldLabel = "bench-held"

// servicePods runs a service once and takes its pod's spec for the direct side:
// pods of services have more in them than those of plain tasks.
func (g *ground) servicePods(ctx context.Context) (*corev1.PodSpec, error) {
	if _, err := g.service(ctx, "template", 1); err != nil {
		return nil, err
	}
	pod, err := g.podOf(ctx)
	if err != nil {
		return nil, err
	}
	g.namespace = pod.Namespace
	deployments, err := g.kube.AppsV1().Deployments(g.namespace).List(ctx, metav1.ListOptions{LabelSelector: v1alpha1.ManagedByLabel + "=" + v1alpha1.ManagedBy})
	if err != nil {
		return nil, fmt.Errorf("list deployments: %w", err)
	}
	if len(deployments.Items) != 1 {
		return nil, fmt.Errorf("one service has %d deployments", len(deployments.Items))
	}
	spec := deployments.Items[0].Spec.Template.Spec
	return &spec, g.removeService(ctx, "template")
}

func (g *ground) removeService(ctx context.Context, name string) error {
	return errors.Join(g.deleteService(ctx, name), g.awaitNoPods(ctx, v1alpha1.ManagedByLabel+"="+v1alpha1.ManagedBy))
}

func (g *ground) directDeployment(spec *corev1.PodSpec, name string, count int32) *appsv1.Deployment {
	labels := map[string]string{directLabel: name, heldLabel: "yes"}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: g.namespace, Name: name, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: &count, Selector: &metav1.LabelSelector{MatchLabels: labels}, Strategy: surge(),
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: *spec},
		},
	}
}

// deploy makes a Deployment and returns when a watch shows it available.
func (g *ground) deploy(ctx context.Context, spec *corev1.PodSpec, name string, count int32) (time.Duration, error) {
	client := g.kube.AppsV1().Deployments(g.namespace)
	events, err := client.Watch(ctx, metav1.ListOptions{LabelSelector: directLabel + "=" + name})
	if err != nil {
		return 0, fmt.Errorf("watch deployments: %w", err)
	}
	defer events.Stop()
	began := time.Now()
	if _, err := client.Create(ctx, g.directDeployment(spec, name, count), metav1.CreateOptions{}); err != nil {
		return 0, fmt.Errorf("create deployment: %w", err)
	}
	err = awaitEvent(ctx, events, "deployment available", func(e watch.Event) bool {
		seen, ok := e.Object.(*appsv1.Deployment)
		return ok && seen.Status.AvailableReplicas == count
	})
	return time.Since(began), err
}

func (g *ground) removeDeployment(ctx context.Context, name string) error {
	background := metav1.DeletePropagationBackground
	err := g.kube.AppsV1().Deployments(g.namespace).Delete(ctx, name, metav1.DeleteOptions{PropagationPolicy: &background})
	if err != nil {
		return fmt.Errorf("delete deployment: %w", err)
	}
	return g.awaitNoPods(ctx, directLabel+"="+name)
}

// createService compares the time until the service counts its tasks as running
// with the time until a Deployment of the same pod is available.
func createService(count int32, define func(family string) *ecs.RegisterTaskDefinitionInput) setup {
	return func(ctx context.Context, p *place, run int) (pair, func(context.Context) error, error) {
		g, err := p.newGroundOf(ctx, fmt.Sprintf("service%d", count), run, define)
		if err != nil {
			return pair{}, nil, err
		}
		spec, err := g.servicePods(ctx)
		if err != nil {
			return pair{}, nil, err
		}
		name := func(i int) string { return fmt.Sprintf("service-%d", i) }
		return pair{
			gantry: func(ctx context.Context, i int) (time.Duration, error) { return g.service(ctx, name(i), count) },
			direct: func(ctx context.Context, i int) (time.Duration, error) { return g.deploy(ctx, spec, name(i), count) },
			after: func(ctx context.Context, i int) error {
				return errors.Join(g.deleteService(ctx, name(i)), g.removeDeployment(ctx, name(i)), g.awaitNoPods(ctx, ""))
			},
		}, g.remove, nil
	}
}

// stopTask compares the time from the stop to the replacement. On both sides the
// old pod still ends while the new one starts.
func stopTask(ctx context.Context, p *place, run int) (pair, func(context.Context) error, error) {
	g, err := p.newGround(ctx, "stop", run)
	if err != nil {
		return pair{}, nil, err
	}
	spec, err := g.servicePods(ctx)
	if err != nil {
		return pair{}, nil, err
	}
	if _, err := g.service(ctx, "stopped", 1); err != nil {
		return pair{}, nil, err
	}
	if _, err := g.deploy(ctx, spec, "stopped", 1); err != nil {
		return pair{}, nil, err
	}
	events, err := g.watchPods(ctx, g.tasksOf("stopped"))
	if err != nil {
		return pair{}, nil, err
	}
	defer events.Stop()
	task, err := g.awaitTask(ctx, events, "")
	if err != nil {
		return pair{}, nil, err
	}
	return pair{
		gantry: g.watched(g.tasksOf("stopped"), func(ctx context.Context, _ int, events watch.Interface) error {
			if _, err := g.ecs.StopTask(ctx, &ecs.StopTaskInput{Cluster: &g.cluster, Task: &task}); err != nil {
				return fmt.Errorf("StopTask: %w", err)
			}
			task, err = g.awaitTask(ctx, events, task)
			return err
		}),
		direct: func(ctx context.Context, _ int) (time.Duration, error) { return g.directStop(ctx, "stopped") },
		// Both old pods have then ended, and only the two replacements run.
		after: func(ctx context.Context, _ int) error { return g.awaitRunning(ctx, 2) },
	}, g.remove, nil
}

// directStop is the stop patch by hand, and the wait for the next pod.
func (g *ground) directStop(ctx context.Context, name string) (time.Duration, error) {
	pods, err := g.kube.CoreV1().Pods(g.namespace).List(ctx, metav1.ListOptions{LabelSelector: directLabel + "=" + name + "," + heldLabel})
	if err != nil {
		return 0, fmt.Errorf("list pods: %w", err)
	}
	if len(pods.Items) != 1 {
		return 0, fmt.Errorf("the deployment %s has %d pods", name, len(pods.Items))
	}
	old := pods.Items[0].Name
	stop := g.watched(labels.Set{directLabel: name}, func(ctx context.Context, _ int, events watch.Interface) error {
		patch := []byte(`{"metadata":{"labels":{"` + heldLabel + `":null}},"spec":{"activeDeadlineSeconds":1}}`)
		if _, err := g.kube.CoreV1().Pods(g.namespace).Patch(ctx, old, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			return fmt.Errorf("stop pod: %w", err)
		}
		return awaitEvent(ctx, events, "replacement Ready", podWith(func(seen *corev1.Pod) bool {
			return seen.Name != old && seen.Labels[heldLabel] != "" && isReady(seen)
		}))
	})
	return stop(ctx, 0)
}

// awaitRunning waits until so many pods are left running.
func (g *ground) awaitRunning(ctx context.Context, count int) error {
	return settled(ctx, "the end of the old pods", func(ctx context.Context) (bool, error) {
		pods, err := g.kube.CoreV1().Pods(g.namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, fmt.Errorf("list pods: %w", err)
		}
		alive := 0
		for i := range pods.Items {
			if phase := pods.Items[i].Status.Phase; phase == corev1.PodRunning || phase == corev1.PodPending {
				alive++
			}
		}
		return alive == count, nil
	})
}
