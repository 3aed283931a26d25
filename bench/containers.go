package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
)

// pollLimit bounds every wait.
const pollLimit = 5 * time.Minute

// poll waits for what is measured, settled for what is not: that must not use
// the processors that something still needs.
func poll(ctx context.Context, what string, done func(context.Context) (bool, error)) error {
	return pollEvery(ctx, lookEvery(1), what, done)
}

func settled(ctx context.Context, what string, done func(context.Context) (bool, error)) error {
	return pollEvery(ctx, 100*time.Millisecond, what, done)
}

func pollEvery(ctx context.Context, interval time.Duration, what string, done func(context.Context) (bool, error)) error {
	if err := wait.PollUntilContextTimeout(ctx, interval, pollLimit, true, done); err != nil {
		return fmt.Errorf("wait for %s: %w", what, err)
	}
	return nil
}

// awaitEvent reads a watch until an event says yes.
func awaitEvent(ctx context.Context, events watch.Interface, what string, done func(watch.Event) bool) error {
	limit := time.NewTimer(pollLimit)
	defer limit.Stop()
	var last watch.Event
	for {
		select {
		case event, open := <-events.ResultChan():
			if !open {
				return fmt.Errorf("wait for %s: the watch ended", what)
			}
			if done(event) {
				return nil
			}
			last = event
		case <-limit.C:
			return fmt.Errorf("wait for %s: %s passed; last seen: %s", what, pollLimit, seen(last))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// seen is what an event says of a pod.
func seen(event watch.Event) string {
	pod, ok := event.Object.(*corev1.Pod)
	if !ok {
		return fmt.Sprintf("%s %T", event.Type, event.Object)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s %s %s", event.Type, pod.Name, pod.Status.Phase, pod.Status.Message)
	for i := range pod.Status.ContainerStatuses {
		status := &pod.Status.ContainerStatuses[i]
		fmt.Fprintf(&text, "; %s %+v", status.Name, status.State)
	}
	return text.String()
}

func (g *ground) watchPods(ctx context.Context, label string) (watch.Interface, error) {
	events, err := g.kube.CoreV1().Pods(g.namespace).Watch(ctx, metav1.ListOptions{LabelSelector: directLabel + "=" + label})
	if err != nil {
		return nil, fmt.Errorf("watch pods: %w", err)
	}
	return events, nil
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
	var task, pod string
	return pair{
		gantry: timed(func(ctx context.Context, _ int) error {
			tasks, err := g.run(ctx, 1)
			if err != nil {
				return err
			}
			task = aws.ToString(tasks[0].TaskArn)
			return poll(ctx, "task RUNNING", g.haveStatus([]string{task}, "RUNNING"))
		}),
		direct: func(ctx context.Context, i int) (time.Duration, error) {
			events, err := g.watchPods(ctx, "pod")
			if err != nil {
				return 0, err
			}
			defer events.Stop()
			pod = fmt.Sprintf("direct-%d", i)
			began := time.Now()
			if err := g.createPod(ctx, template, pod); err != nil {
				return 0, err
			}
			err = awaitEvent(ctx, events, "pod Running", func(e watch.Event) bool {
				seen, ok := e.Object.(*corev1.Pod)
				return ok && seen.Name == pod && allRunning(seen)
			})
			return time.Since(began), err
		},
		after: func(ctx context.Context, _ int) error {
			return errors.Join(g.deletePod(ctx, pod), g.end(ctx, task), g.awaitNoPods(ctx, directLabel+"=pod"))
		},
	}, g.remove, nil
}

// allRunning is what makes a task RUNNING: the phase is Running as soon as one
// container runs.
func allRunning(pod *corev1.Pod) bool {
	if pod.Status.Phase != corev1.PodRunning {
		return false
	}
	for i := range pod.Status.ContainerStatuses {
		if pod.Status.ContainerStatuses[i].State.Running == nil {
			return false
		}
	}
	return len(pod.Status.ContainerStatuses) == len(pod.Spec.Containers)
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

// service makes a service, and waits for all of its tasks.
func (g *ground) service(ctx context.Context, name string, count int32) error {
	if err := g.makeService(ctx, name, count); err != nil {
		return err
	}
	return pollEvery(ctx, lookEvery(count), "runningCount", g.runs(name, count))
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

// lookEvery is how long to wait between two looks. A look costs both processors
// milliseconds that what starts needs itself, where a watch costs nothing; half of
// the interval is added to what is measured.
func lookEvery(tasks int32) time.Duration {
	if tasks > 1 {
		return 50 * time.Millisecond
	}
	return 25 * time.Millisecond
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

// awaitTask waits for the one task of a service that is meant to run and is not the
// other, and until it runs: first for its ARN, then for its status, a call a look.
func (g *ground) awaitTask(ctx context.Context, service, other string) (task string, err error) {
	err = poll(ctx, "the service's task", func(ctx context.Context) (bool, error) {
		list, err := g.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &g.cluster, ServiceName: &service})
		if err != nil {
			return false, fmt.Errorf("ListTasks: %w", err)
		}
		if len(list.TaskArns) != 1 || list.TaskArns[0] == other {
			return false, nil
		}
		task = list.TaskArns[0]
		return true, nil
	})
	if err != nil {
		return "", err
	}
	return task, poll(ctx, "the service's task RUNNING", g.haveStatus([]string{task}, "RUNNING"))
}
