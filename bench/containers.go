package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
)

// pollLimit bounds every wait.
const pollLimit = 5 * time.Minute

// settled waits for what is not measured: that must not use the processors that
// something still needs.
func settled(ctx context.Context, what string, done func(context.Context) (bool, error)) error {
	return pollEvery(ctx, 100*time.Millisecond, what, done)
}

func pollEvery(ctx context.Context, interval time.Duration, what string, done func(context.Context) (bool, error)) error {
	if err := wait.PollUntilContextTimeout(ctx, interval, pollLimit, true, done); err != nil {
		return fmt.Errorf("wait for %s: %w", what, err)
	}
	return nil
}

// runTaskToRunning compares the time until a task is described as RUNNING with
// the time until a watch shows its pod Running.
func runTaskToRunning(ctx context.Context, p *place, run int) (pair, func(context.Context) error, error) {
	g, err := p.newGround(ctx, "running", run)
	if err != nil {
		return pair{}, nil, err
	}
	template, first, err := g.template(ctx)
	if err != nil {
		return pair{}, nil, err
	}
	if err := g.end(ctx, aws.ToString(first[0].TaskArn)); err != nil {
		return pair{}, nil, err
	}
	task, pod := "", ""
	return pair{
		gantry: g.watched(g.tasks(), func(ctx context.Context, _ int, events watch.Interface) error {
			if _, err = g.run(ctx, 1); err != nil {
				return err
			}
			task, err = g.awaitTask(ctx, events, task)
			return err
		}),
		direct: g.watched(labels.Set{directLabel: "pod"}, func(ctx context.Context, i int, events watch.Interface) error {
			pod = fmt.Sprintf("direct-%d", i)
			if err := g.createPod(ctx, template, pod); err != nil {
				return err
			}
			return awaitEvent(ctx, events, "pod Running", podWith(func(seen *corev1.Pod) bool {
				return seen.Name == pod && allRunning(seen)
			}))
		}),
		after: func(ctx context.Context, _ int) error {
			return errors.Join(g.deletePod(ctx, pod), g.end(ctx, task), g.awaitNoPods(ctx, directLabel+"=pod"))
		},
	}, g.remove, nil
}

// end stops a task and waits until it has stopped.
func (g *ground) end(ctx context.Context, task string) error {
	if _, err := g.ecs.StopTask(ctx, &ecs.StopTaskInput{Cluster: &g.cluster, Task: &task}); err != nil {
		return fmt.Errorf("StopTask: %w", err)
	}
	return settled(ctx, "task STOPPED", g.haveStatus([]string{task}, "STOPPED"))
}

func (g *ground) deletePod(ctx context.Context, name string) error {
	err := g.kube.CoreV1().Pods(g.namespace).Delete(ctx, name, metav1.DeleteOptions{GracePeriodSeconds: aws.Int64(1)})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("delete pod: %w", err)
	}
	return nil
}

// awaitNoPods waits until no container of such pods runs any more.
func (g *ground) awaitNoPods(ctx context.Context, selector string) error {
	return settled(ctx, "the end of pods "+selector, func(ctx context.Context) (bool, error) {
		pods, err := g.kube.CoreV1().Pods(g.namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
		if err != nil {
			return false, fmt.Errorf("list pods: %w", err)
		}
		for i := range pods.Items {
			if phase := pods.Items[i].Status.Phase; phase == corev1.PodRunning || phase == corev1.PodPending {
				return false, nil
			}
		}
		return true, nil
	})
}

// remove takes away what a run made in a cluster that stays.
func (g *ground) remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pollLimit)
	defer cancel()
	services, err := g.ecs.ListServices(ctx, &ecs.ListServicesInput{Cluster: &g.cluster})
	if err != nil {
		return fmt.Errorf("ListServices: %w", err)
	}
	for _, service := range services.ServiceArns {
		if err := g.deleteService(ctx, service); err != nil {
			return err
		}
	}
	background := metav1.DeletePropagationBackground
	direct := metav1.ListOptions{LabelSelector: directLabel}
	options := metav1.DeleteOptions{PropagationPolicy: &background}
	err = errors.Join(
		g.kube.AppsV1().Deployments(g.namespace).DeleteCollection(ctx, options, direct),
		g.kube.CoreV1().Pods(g.namespace).DeleteCollection(ctx, options, direct),
		g.awaitNoPods(ctx, ""))
	if err != nil {
		return fmt.Errorf("remove what the direct side made: %w", err)
	}
	if _, err := g.ecs.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: &g.cluster}); err != nil {
		return fmt.Errorf("DeleteCluster: %w", err)
	}
	_, err = g.ecs.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &g.definition})
	return err
}

func (g *ground) deleteService(ctx context.Context, service string) error {
	_, err := g.ecs.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: &g.cluster, Service: &service, Force: aws.Bool(true)})
	if err != nil {
		return fmt.Errorf("DeleteService: %w", err)
	}
	return nil
}

// service makes a service, and says how long it took until all of its tasks ran.
func (g *ground) service(ctx context.Context, name string, count int32) (time.Duration, error) {
	run := g.watched(g.tasksOf(name), func(ctx context.Context, _ int, events watch.Interface) error {
		if err := g.makeService(ctx, name, count); err != nil {
			return err
		}
		return g.awaitCount(ctx, events, name, count)
	})
	return run(ctx, 0)
}

func (g *ground) makeService(ctx context.Context, name string, count int32) error {
	_, err := g.ecs.CreateService(ctx, &ecs.CreateServiceInput{
		Cluster: &g.cluster, ServiceName: &name, TaskDefinition: &g.definition, DesiredCount: &count,
		ClientToken: &name, // so that a call that is tried again meets its own service
	})
	if err != nil {
		return fmt.Errorf("CreateService: %w", err)
	}
	return nil
}

// runs asks whether so many tasks of a service run.
func (g *ground) runs(name string, count int32) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		service, err := g.describeService(ctx, name)
		return err == nil && service.RunningCount == count, err
	}
}

func (g *ground) describeService(ctx context.Context, name string) (*types.Service, error) {
	out, err := g.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &g.cluster, Services: []string{name}})
	if err != nil {
		return nil, fmt.Errorf("DescribeServices: %w", err)
	}
	if len(out.Services) != 1 {
		return nil, fmt.Errorf("DescribeServices has the failures %v", out.Failures)
	}
	return &out.Services[0], nil
}
