package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/gantry-ecs/gantry/testimages"
)

// manyOnNode are the tasks of a service that is more than one task.
const manyOnNode = 20

// checkedWeb is a container with a health check, and small: twice as many as a
// service has must find room on the node beside as many of the other side. Each
// check is a process in the container: every 5 s, those of sixty containers took
// two processors whole, and none was ever found healthy.
func checkedWeb(family string) *ecs.RegisterTaskDefinitionInput {
	in := small(family)
	in.ContainerDefinitions[0].Image = aws.String(testimages.Reference("web"))
	in.ContainerDefinitions[0].HealthCheck = &ecstypes.HealthCheck{
		Command: []string{"CMD", "/program", "-check"}, Interval: aws.Int32(15), Timeout: aws.Int32(10), Retries: aws.Int32(6),
	}
	return in
}

// small is one container that asks for little.
func small(family string) *ecs.RegisterTaskDefinitionInput {
	return &ecs.RegisterTaskDefinitionInput{
		Family: aws.String(family),
		ContainerDefinitions: []ecstypes.ContainerDefinition{{
			Name: aws.String("main"), Image: aws.String(testimages.Reference("sleeps")), Memory: aws.Int32(32),
		}},
	}
}

// surge is what ECS's 100/200 is for a Deployment: all new pods at once, no old
// one before its successor is available.
func surge() appsv1.DeploymentStrategy {
	all, none := intstr.FromString("100%"), intstr.FromInt32(0)
	return appsv1.DeploymentStrategy{
		Type: appsv1.RollingUpdateDeploymentStrategyType, RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &all, MaxUnavailable: &none},
	}
}

// rollingUpdate compares the time until a deployment of all tasks is completed
// with that until a plain Deployment has only new pods and all are available.
func rollingUpdate(ctx context.Context, p *place, run int) (pair, func(context.Context) error, error) {
	g, err := p.newGroundOf(ctx, "rolling", run, checkedWeb)
	if err != nil {
		return pair{}, nil, err
	}
	spec, err := g.servicePods(ctx)
	if err != nil {
		return pair{}, nil, err
	}
	if _, err := g.service(ctx, "rolled", manyOnNode); err != nil {
		return pair{}, nil, err
	}
	if err := settled(ctx, "the first deployment's end", g.completed("rolled")); err != nil {
		return pair{}, nil, err
	}
	if _, err := g.deploy(ctx, spec, "rolled", manyOnNode); err != nil {
		return pair{}, nil, err
	}
	return pair{
		gantry: timed(func(ctx context.Context, _ int) error {
			_, err := g.ecs.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &g.cluster, Service: aws.String("rolled"), ForceNewDeployment: true})
			if err != nil {
				return fmt.Errorf("UpdateService: %w", err)
			}
			return settled(ctx, "the deployment's end", g.completed("rolled"))
		}),
		direct: func(ctx context.Context, i int) (time.Duration, error) { return g.directUpdate(ctx, "rolled", i) },
		after:  func(ctx context.Context, _ int) error { return g.awaitRunning(ctx, 2*manyOnNode) },
	}, g.remove, nil
}

// completed asks whether a service has one deployment, which is completed.
func (g *ground) completed(name string) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		service, err := g.describeService(ctx, name)
		if err != nil {
			return false, err
		}
		newest := service.Deployments[0]
		if newest.RolloutState == ecstypes.DeploymentRolloutStateFailed {
			return false, errors.New(aws.ToString(newest.RolloutStateReason))
		}
		return newest.RolloutState == ecstypes.DeploymentRolloutStateCompleted, nil
	}
}

// directUpdate gives a Deployment's pods another annotation.
func (g *ground) directUpdate(ctx context.Context, name string, i int) (time.Duration, error) {
	client := g.kube.AppsV1().Deployments(g.namespace)
	events, err := client.Watch(ctx, metav1.ListOptions{LabelSelector: directLabel + "=" + name})
	if err != nil {
		return 0, fmt.Errorf("watch deployments: %w", err)
	}
	defer events.Stop()
	patch := fmt.Appendf(nil, `{"spec":{"template":{"metadata":{"annotations":{"bench":"%d"}}}}}`, i)
	began := time.Now()
	patched, err := client.Patch(ctx, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	if err != nil {
		return 0, fmt.Errorf("patch deployment: %w", err)
	}
	err = awaitEvent(ctx, events, "only new pods, available", func(e watch.Event) bool {
		seen, ok := e.Object.(*appsv1.Deployment)
		if !ok || seen.Status.ObservedGeneration < patched.Generation {
			return false
		}
		status := seen.Status
		return status.UpdatedReplicas == manyOnNode && status.Replicas == manyOnNode && status.AvailableReplicas == manyOnNode
	})
	return time.Since(began), err
}
