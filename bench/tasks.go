package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/testimages"
)

// ground is an ECS cluster with a task definition, and the namespace that
// carries it: both sides make their pods there.
type ground struct {
	*place
	cluster    string
	namespace  string
	definition string
}

// newGround makes them, each run its own.
func (p *place) newGround(ctx context.Context, what string, run int) (*ground, error) {
	return p.newGroundOf(ctx, what, run, webAndSidecar)
}

func (p *place) newGroundOf(ctx context.Context, what string, run int, define func(family string) *ecs.RegisterTaskDefinitionInput) (*ground, error) {
	g := &ground{place: p, cluster: fmt.Sprintf("bench-%s-%d", what, run)}
	if _, err := p.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: &g.cluster}); err != nil {
		return nil, fmt.Errorf("CreateCluster: %w", err)
	}
	registered, err := p.ecs.RegisterTaskDefinition(ctx, define(g.cluster))
	if err != nil {
		return nil, fmt.Errorf("RegisterTaskDefinition: %w", err)
	}
	g.definition = aws.ToString(registered.TaskDefinition.TaskDefinitionArn)
	return g, nil
}

// webAndSidecar is a task definition as people write them: two containers, some
// environment, ports, sizes.
func webAndSidecar(family string) *ecs.RegisterTaskDefinitionInput {
	return &ecs.RegisterTaskDefinitionInput{
		Family: aws.String(family), Cpu: aws.String("256"), Memory: aws.String("512"),
		ContainerDefinitions: []types.ContainerDefinition{
			{
				Name: aws.String("web"), Image: aws.String(testimages.Reference("sleeps")), Essential: aws.Bool(true), Cpu: 64,
				Environment: []types.KeyValuePair{
					{Name: aws.String("STAGE"), Value: aws.String("test")}, {Name: aws.String("BACKEND"), Value: aws.String("localhost:9000")},
				},
				PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(8080), Protocol: types.TransportProtocolTcp}},
			},
			{Name: aws.String("sidecar"), Image: aws.String(testimages.Reference("sleeps")), Essential: aws.Bool(false), Cpu: 32},
		},
	}
}

func (g *ground) run(ctx context.Context, count int32) ([]types.Task, error) {
	out, err := g.ecs.RunTask(ctx, &ecs.RunTaskInput{Cluster: &g.cluster, TaskDefinition: &g.definition, Count: &count})
	if err != nil {
		return nil, fmt.Errorf("RunTask: %w", err)
	}
	if len(out.Tasks) != int(count) || len(out.Failures) > 0 {
		return nil, fmt.Errorf("RunTask of %d made %d tasks and has the failures %v", count, len(out.Tasks), out.Failures)
	}
	return out.Tasks, nil
}

// podOf finds a pod of the ground's tasks. The object of a cluster with a name
// like the bench's has that name too.
func (g *ground) podOf(ctx context.Context) (*corev1.Pod, error) {
	pods, err := g.kube.CoreV1().Pods("").List(ctx, metav1.ListOptions{LabelSelector: v1alpha1.ClusterLabel + "=" + g.cluster})
	if err != nil {
		return nil, fmt.Errorf("list pods: %w", err)
	}
	if len(pods.Items) == 0 {
		return nil, fmt.Errorf("cluster %s has no pod", g.cluster)
	}
	return &pods.Items[0], nil
}

// template runs a task and takes its pod for the direct side to copy: the same
// spec, without what marks it as Gantry's.
func (g *ground) template(ctx context.Context) (*corev1.Pod, []types.Task, error) {
	tasks, err := g.run(ctx, 1)
	if err != nil {
		return nil, nil, err
	}
	made, err := g.podOf(ctx)
	if err != nil {
		return nil, nil, err
	}
	g.namespace = made.Namespace
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: made.Namespace, Labels: map[string]string{directLabel: "pod"}},
		Spec:       made.Spec,
	}
	pod.Spec.NodeName = ""
	return pod, tasks, nil
}

// directLabel marks what the direct side makes.
const directLabel = "bench-direct"

func (g *ground) createPod(ctx context.Context, template *corev1.Pod, name string) error {
	pod := template.DeepCopy()
	pod.Name = name
	if _, err := g.kube.CoreV1().Pods(pod.Namespace).Create(ctx, pod, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("create pod: %w", err)
	}
	return nil
}

// runTask compares RunTask with as many creates at once. The pods stay: their
// cluster is thrown away, and deleting them would be work in the background.
func runTask(count int) setup {
	return func(ctx context.Context, p *place, run int) (pair, func(context.Context) error, error) {
		g, err := p.newGround(ctx, fmt.Sprintf("run%d", count), run)
		if err != nil {
			return pair{}, nil, err
		}
		template, _, err := g.template(ctx)
		if err != nil {
			return pair{}, nil, err
		}
		return pair{
			gantry: timed(func(ctx context.Context, _ int) error {
				_, err := g.run(ctx, int32(count)) //nolint:gosec // at most ten
				return err
			}),
			direct: timed(func(ctx context.Context, i int) error {
				if count == 1 {
					return g.createPod(ctx, template, fmt.Sprintf("direct-%d", i))
				}
				creates, ctx := errgroup.WithContext(ctx)
				for n := range count {
					creates.Go(func() error { return g.createPod(ctx, template, fmt.Sprintf("direct-%d-%d", i, n)) })
				}
				return creates.Wait()
			}),
		}, nil, nil
	}
}

// hundred runs a hundred tasks and waits until all are RUNNING.
func (g *ground) hundred(ctx context.Context) ([]string, error) {
	var arns []string
	for range 10 {
		tasks, err := g.run(ctx, 10)
		if err != nil {
			return nil, err
		}
		for _, task := range tasks {
			arns = append(arns, aws.ToString(task.TaskArn))
		}
	}
	pod, err := g.podOf(ctx)
	if err != nil {
		return nil, err
	}
	g.namespace = pod.Namespace
	return arns, settled(ctx, "tasks RUNNING", g.haveStatus(arns, "RUNNING"))
}

func (g *ground) listPods(ctx context.Context, _ int) error {
	pods, err := g.kube.CoreV1().Pods(g.namespace).List(ctx, metav1.ListOptions{})
	if err == nil && len(pods.Items) != 100 {
		err = fmt.Errorf("%d pods, not 100", len(pods.Items))
	}
	return err
}

func describeTasks(ctx context.Context, p *place, run int) (pair, func(context.Context) error, error) {
	g, err := p.newGround(ctx, "describe", run)
	if err != nil {
		return pair{}, nil, err
	}
	arns, err := g.hundred(ctx)
	if err != nil {
		return pair{}, nil, err
	}
	describe := g.describe(arns)
	return pair{
		direct: timed(g.listPods),
		gantry: timed(func(ctx context.Context, _ int) error { return describe(ctx) }),
	}, nil, nil
}

// describe asks for a hundred tasks.
func (g *ground) describe(arns []string) call {
	return func(ctx context.Context) error {
		out, err := g.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &g.cluster, Tasks: arns})
		if err == nil && len(out.Tasks) != 100 {
			err = fmt.Errorf("%d tasks, not 100", len(out.Tasks))
		}
		return err
	}
}

func listTasks(ctx context.Context, p *place, run int) (pair, func(context.Context) error, error) {
	g, err := p.newGround(ctx, "list", run)
	if err != nil {
		return pair{}, nil, err
	}
	if _, err := g.hundred(ctx); err != nil {
		return pair{}, nil, err
	}
	return pair{
		direct: timed(g.listPods),
		gantry: timed(func(ctx context.Context, _ int) error { return g.list(ctx) }),
	}, nil, nil
}

// list asks for a page of a hundred tasks.
func (g *ground) list(ctx context.Context) error {
	out, err := g.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &g.cluster, MaxResults: aws.Int32(100)})
	if err == nil && len(out.TaskArns) != 100 {
		err = fmt.Errorf("%d tasks, not 100", len(out.TaskArns))
	}
	return err
}

// haveStatus asks whether all tasks have the status.
func (g *ground) haveStatus(arns []string, status string) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		out, err := g.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &g.cluster, Tasks: arns})
		if err != nil {
			return false, fmt.Errorf("DescribeTasks: %w", err)
		}
		for _, task := range out.Tasks {
			if aws.ToString(task.LastStatus) != status {
				return false, nil
			}
		}
		return len(out.Tasks) == len(arns), nil
	}
}
