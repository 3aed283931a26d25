package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// watchPods follows the pods of either side. Calls to Gantry that look again and
// again would take processor time from the containers that start, and add half of
// the interval between two to what is measured: Gantry is asked when the watch has
// shown what its answer is to say.
func (g *ground) watchPods(ctx context.Context, of labels.Set) (watch.Interface, error) {
	events, err := g.kube.CoreV1().Pods(g.namespace).Watch(ctx, metav1.ListOptions{LabelSelector: of.String()})
	if err != nil {
		return nil, fmt.Errorf("watch pods: %w", err)
	}
	return events, nil
}

// watched is a side that begins when the watch is there.
func (g *ground) watched(of labels.Set, do func(ctx context.Context, i int, events watch.Interface) error) side {
	return func(ctx context.Context, i int) (time.Duration, error) {
		events, err := g.watchPods(ctx, of)
		if err != nil {
			return 0, err
		}
		defer events.Stop()
		return timed(func(ctx context.Context, i int) error { return do(ctx, i, events) })(ctx, i)
	}
}

// tasks are the labels of the pods of the ground's tasks, tasksOf of those that
// count for a service. Objects have the names that the bench gives to what they are of.
func (g *ground) tasks() labels.Set { return labels.Set{v1alpha1.ClusterLabel: g.cluster} }

func (g *ground) tasksOf(service string) labels.Set {
	return labels.Set{v1alpha1.ClusterLabel: g.cluster, v1alpha1.ServiceLabel: service}
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

// podWith says yes to an event of a pod that is so.
func podWith(so func(*corev1.Pod) bool) func(watch.Event) bool {
	return func(event watch.Event) bool {
		pod, ok := event.Object.(*corev1.Pod)
		return ok && so(pod)
	}
}

// lastRunning says yes to the event that shows the last of so many pods running.
func lastRunning(count int32) func(watch.Event) bool {
	running := map[types.UID]bool{}
	return podWith(func(pod *corev1.Pod) bool {
		if allRunning(pod) {
			running[pod.UID] = true
		}
		return len(running) == int(count)
	})
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

func isReady(pod *corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// awaitTask waits until a task other than this one is described as RUNNING, and
// says which.
func (g *ground) awaitTask(ctx context.Context, events watch.Interface, other string) (task string, err error) {
	err = awaitEvent(ctx, events, "task Running", podWith(func(pod *corev1.Pod) bool {
		task = kube.TaskID(string(pod.UID))
		return task != other && allRunning(pod)
	}))
	if err != nil {
		return "", err
	}
	return task, answers(ctx, "task RUNNING", g.haveStatus([]string{task}, "RUNNING"))
}

// awaitCount waits until a service counts its tasks as running.
func (g *ground) awaitCount(ctx context.Context, events watch.Interface, service string, count int32) error {
	if err := awaitEvent(ctx, events, "tasks Running", lastRunning(count)); err != nil {
		return err
	}
	return answers(ctx, "runningCount", g.runs(service, count))
}

// answers waits until Gantry says what a watch has shown: in the next call, or in
// the one after it.
func answers(ctx context.Context, what string, so func(context.Context) (bool, error)) error {
	return pollEvery(ctx, time.Millisecond, what, so)
}
