package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/prometheus/procfs"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

const (
	// calm is how long the services are left alone before the processor's time is
	// looked at: a task without a health check counts as healthy 40 s after its
	// start, and its service is steady then.
	calm = time.Minute
	// idleFor is for how long it is looked at.
	idleFor = time.Minute
	// changes are how many a percentile of reconciliations is taken of.
	changes = 200
)

// idleProcessor is the part of one processor that the server takes while nothing
// happens to its services.
func idleProcessor(ctx context.Context, _ options, p *place, res *result) error {
	if err := pause(ctx, calm); err != nil {
		return err
	}
	before, err := p.gantry.processorTime()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := pause(ctx, idleFor); err != nil {
		return err
	}
	after, err := p.gantry.processorTime()
	if err != nil {
		return err
	}
	value := 100 * (after - before) / time.Since(began).Seconds()
	res.Value = &value
	res.Note = fmt.Sprintf("over %.0f s, %.0f s after the last service was there", idleFor.Seconds(), calm.Seconds())
	return nil
}

// processorTime is how much the process has used, in seconds.
func (s *served) processorTime() (float64, error) {
	process, err := procfs.NewProc(s.process.Pid)
	if err != nil {
		return 0, fmt.Errorf("look at process %d: %w", s.process.Pid, err)
	}
	stat, err := process.Stat()
	if err != nil {
		return 0, fmt.Errorf("read the times of process %d: %w", s.process.Pid, err)
	}
	return stat.CPUTime(), nil
}

// reconcile is the time from UpdateService to the new count in the service's
// Deployment, one service after another, up and down in turns.
func reconcile(ctx context.Context, o options, p *place, res *result) error {
	deployments := p.kube.AppsV1().Deployments("")
	now, err := deployments.List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return fmt.Errorf("list deployments: %w", err)
	}
	events, err := deployments.Watch(ctx, metav1.ListOptions{
		LabelSelector: v1alpha1.ManagedByLabel + "=" + v1alpha1.ManagedBy, ResourceVersion: now.ResourceVersion,
	})
	if err != nil {
		return fmt.Errorf("watch deployments: %w", err)
	}
	defer events.Stop()
	count := changes
	if o.pairs > 0 {
		count = o.pairs
	}
	times := make([]time.Duration, 0, count)
	for i := range count {
		took, err := p.changeCount(ctx, events, i/2, int32(tasksOfService+1-i%2))
		if err != nil {
			return fmt.Errorf("change %d: %w", i, err)
		}
		times = append(times, took)
	}
	value := float64(percentile(times, 99)) / float64(time.Millisecond)
	res.Value = &value
	res.Note = fmt.Sprintf("p50 %s; from UpdateService to the Deployment's replicas, %d changes; load %s",
		milliseconds(percentile(times, 50)), count, load())
	return nil
}

func (p *place) changeCount(ctx context.Context, events watch.Interface, service int, count int32) (time.Duration, error) {
	g, name := p.homeOf(service)
	began := time.Now()
	_, err := g.ecs.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &g.cluster, Service: &name, DesiredCount: &count})
	if err != nil {
		return 0, fmt.Errorf("UpdateService: %w", err)
	}
	err = awaitEvent(ctx, events, "the Deployment's new count", func(e watch.Event) bool {
		seen, ok := e.Object.(*appsv1.Deployment)
		return ok && seen.Labels[v1alpha1.ServiceLabel] == name &&
			seen.Spec.Template.Labels[v1alpha1.ClusterLabel] == g.cluster && *seen.Spec.Replicas == count
	})
	return time.Since(began), err
}

// restarts is the time from the start of a new process to its being ready, with
// everything that it watches there.
func restarts(ctx context.Context, o options, p *place, res *result) error {
	var err error
	if p.filling.memory, err = p.gantry.memory(); err != nil {
		return err
	}
	var times []time.Duration
	for range o.runs {
		took, err := p.gantry.restart(ctx)
		if err != nil {
			return err
		}
		times = append(times, took)
	}
	value := median(times).Seconds()
	res.Value = &value
	res.Note = fmt.Sprintf("from the start of the process to /readyz; median of %d, the longest %.2f s; load %s",
		o.runs, slices.Max(times).Seconds(), load())
	return nil
}

// memoryOfServices is the resident size of the process that has seen the services
// come, or of one that was started beside them, whichever is more.
func memoryOfServices(ctx context.Context, _ options, p *place, res *result) error {
	if p.filling.memory.resident == 0 {
		return errors.New("the row of restarts, which measures the process before them, was left out")
	}
	if err := pause(ctx, settle); err != nil {
		return err
	}
	after, err := p.gantry.memory()
	if err != nil {
		return err
	}
	value := max(p.filling.memory.resident, after.resident)
	res.Value = &value
	res.Note = fmt.Sprintf("%.0f MB of the process that saw them come, %.0f MB %d s after a restart; %.0f MB of it the program's file",
		p.filling.memory.resident, after.resident, int(settle.Seconds()), after.file)
	return nil
}
