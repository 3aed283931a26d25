package compat

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	smithy "github.com/aws/smithy-go"
)

// pollInterval is how often a state is asked for that takes a moment.
const pollInterval = 250 * time.Millisecond

// eventually asks until the answer is yes, an error comes, or the time is over.
func eventually(ctx context.Context, limit time.Duration, is func() (bool, error)) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		if yes, err := is(); yes || err != nil {
			return yes, err
		}
		select {
		case <-ctx.Done():
			return false, nil
		case <-tick.C:
		}
	}
}

// Eventually checks that something becomes so within the time.
func (t *T) Eventually(limit time.Duration, what string, is func() (bool, error)) {
	yes, err := eventually(t.ctx, limit, is)
	t.OK(err, what)
	t.True(yes, "%s within %s", what, limit)
}

func isCode(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}

// The SDK's waiters ask every 6 or 15 seconds by default, which is for AWS.
const (
	waiterMinDelay = 300 * time.Millisecond
	waiterMaxDelay = 2 * time.Second
	waiterLimit    = 2 * time.Minute
)

func (t *T) tasksRunning(cluster string, tasks []string) {
	w := ecs.NewTasksRunningWaiter(t.ECS, func(o *ecs.TasksRunningWaiterOptions) {
		o.MinDelay, o.MaxDelay = waiterMinDelay, waiterMaxDelay
	})
	t.OK(w.Wait(t.ctx, &ecs.DescribeTasksInput{Cluster: &cluster, Tasks: tasks}, waiterLimit), "tasks-running waiter")
}

func (t *T) tasksStopped(cluster string, tasks []string) {
	w := ecs.NewTasksStoppedWaiter(t.ECS, func(o *ecs.TasksStoppedWaiterOptions) {
		o.MinDelay, o.MaxDelay = waiterMinDelay, waiterMaxDelay
	})
	t.OK(w.Wait(t.ctx, &ecs.DescribeTasksInput{Cluster: &cluster, Tasks: tasks}, waiterLimit), "tasks-stopped waiter")
}

func (t *T) servicesStable(cluster string, services ...string) {
	w := ecs.NewServicesStableWaiter(t.ECS, func(o *ecs.ServicesStableWaiterOptions) {
		o.MinDelay, o.MaxDelay = waiterMinDelay, waiterMaxDelay
	})
	t.OK(w.Wait(t.ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: services}, waiterLimit), "services-stable waiter")
}

func (t *T) servicesInactive(cluster string, services ...string) {
	w := ecs.NewServicesInactiveWaiter(t.ECS, func(o *ecs.ServicesInactiveWaiterOptions) {
		o.MinDelay, o.MaxDelay = waiterMinDelay, waiterMaxDelay
	})
	t.OK(w.Wait(t.ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: services}, waiterLimit), "services-inactive waiter")
}
