package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/localcluster"
)

// TestTwoReplicas runs what must hold whichever replica is asked.
func TestTwoReplicas(t *testing.T) {
	t.Parallel()
	config := startCluster(t, localcluster.Options{})
	one, two := startGantry(t, config).home(), startGantry(t, config).home()
	ctx := context.Background()
	prepare(ctx, t, one, "app")
	kubernetes := kubernetesClient(t, config)

	t.Run("revisions without a gap", func(t *testing.T) { testRevisions(ctx, t, one, two) })
	t.Run("register at one, run at the other, stop at the first", func(t *testing.T) { testBackAndForth(ctx, t, one, two) })
	t.Run("RunTask with a token", func(t *testing.T) { testRunTaskToken(ctx, t, one, two, kubernetes) })
	t.Run("CreateService with a token", func(t *testing.T) { testCreateServiceToken(ctx, t, one, two) })
}

func testRevisions(ctx context.Context, t *testing.T, one, two *ecs.Client) {
	const each = 20
	revisions := make(chan int32, 2*each)
	var wg sync.WaitGroup
	for i := range 2 * each {
		api := one
		if i%2 == 1 {
			api = two
		}
		wg.Go(func() {
			out, err := api.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
				Family: aws.String("many"), ContainerDefinitions: []types.ContainerDefinition{{
					Name: aws.String("app"), Image: aws.String("i"), Memory: aws.Int32(16),
				}},
			})
			if err != nil {
				t.Errorf("register: %v", err)
				return
			}
			revisions <- out.TaskDefinition.Revision
		})
	}
	wg.Wait()
	close(revisions)
	var got, want []int32
	for revision := range revisions {
		got = append(got, revision)
	}
	slices.Sort(got)
	for i := range int32(2 * each) {
		want = append(want, i+1)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("revisions (-want +got):\n%s", diff)
	}
}

func testBackAndForth(ctx context.Context, t *testing.T, one, two *ecs.Client) {
	for range rounds(20, 500) {
		definition := register(ctx, t, one, "both")
		run, err := two.RunTask(ctx, &ecs.RunTaskInput{TaskDefinition: aws.String("both")})
		if err != nil {
			t.Fatalf("run: %v", err)
		}
		task := run.Tasks[0]
		if got := aws.ToString(task.TaskDefinitionArn); got != definition {
			t.Fatalf("it runs %s, not the newest revision %s", got, definition)
		}
		if _, err := one.StopTask(ctx, &ecs.StopTaskInput{Task: task.TaskArn}); err != nil {
			t.Fatalf("stop: %v", err)
		}
		eventually(t, "the task is STOPPED at the other", func(ctx context.Context) error {
			out, err := two.DescribeTasks(ctx, &ecs.DescribeTasksInput{Tasks: []string{*task.TaskArn}})
			if err != nil {
				return err
			}
			if len(out.Tasks) != 1 || aws.ToString(out.Tasks[0].LastStatus) != "STOPPED" {
				return fmt.Errorf("tasks %v, failures %v", out.Tasks, out.Failures)
			}
			return nil
		})
	}
}

func testRunTaskToken(ctx context.Context, t *testing.T, one, two *ecs.Client, kubernetes client.Client) {
	input := &ecs.RunTaskInput{TaskDefinition: aws.String("app"), Count: aws.Int32(10), ClientToken: aws.String("again"), StartedBy: aws.String("token")}
	var wg sync.WaitGroup
	results := make([]*ecs.RunTaskOutput, 6)
	for i := range results {
		api := one
		if i%2 == 1 {
			api = two
		}
		wg.Go(func() {
			var err error
			if results[i], err = api.RunTask(ctx, input); err != nil {
				t.Errorf("try %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	first := taskARNs(results[0].Tasks)
	if len(first) != 10 {
		t.Fatalf("%d tasks, want 10", len(first))
	}
	for i, result := range results[1:] {
		if diff := cmp.Diff(first, taskARNs(result.Tasks)); diff != "" {
			t.Errorf("try %d has other tasks (-first +this):\n%s", i+1, diff)
		}
	}
	other := *input
	other.StartedBy = aws.String("somebody")
	_, err := one.RunTask(ctx, &other)
	var conflict *types.ConflictException
	if !errors.As(err, &conflict) {
		t.Fatalf("another request under the token: %v", err)
	}
	if diff := cmp.Diff(first, conflict.ResourceIds); diff != "" {
		t.Errorf("the conflict's resources (-want +got):\n%s", diff)
	}
	for _, arn := range first {
		if _, err := one.StopTask(ctx, &ecs.StopTaskInput{Task: aws.String(arn)}); err != nil {
			t.Fatal(err)
		}
	}
	removePods(ctx, t, kubernetes)
	register(ctx, t, one, "app") // a newer revision changes nothing for the token
	again, err := two.RunTask(ctx, input)
	if err != nil {
		t.Fatalf("retry after the pods are gone: %v", err)
	}
	if diff := cmp.Diff(first, taskARNs(again.Tasks)); diff != "" {
		t.Errorf("the retry ran others (-first +this):\n%s", diff)
	}
}

// removePods deletes the pods of the default cluster's tasks and waits until
// they are gone.
func removePods(ctx context.Context, t *testing.T, c client.Client) {
	t.Helper()
	eventually(t, "the pods are gone", func(ctx context.Context) error {
		pods := &corev1.PodList{}
		if err := c.List(ctx, pods, client.InNamespace("ecs-default")); err != nil {
			return err
		}
		for i := range pods.Items {
			if err := c.Delete(ctx, &pods.Items[i]); client.IgnoreNotFound(err) != nil {
				return err
			}
		}
		if len(pods.Items) > 0 {
			return fmt.Errorf("%d are left", len(pods.Items))
		}
		return nil
	})
}

func testCreateServiceToken(ctx context.Context, t *testing.T, one, two *ecs.Client) {
	input := &ecs.CreateServiceInput{
		ServiceName: aws.String("once"), TaskDefinition: aws.String("app"), DesiredCount: aws.Int32(1), ClientToken: aws.String("once"),
	}
	var wg sync.WaitGroup
	ids := make([]string, 6)
	for i := range ids {
		api := one
		if i%2 == 1 {
			api = two
		}
		wg.Go(func() {
			out, err := api.CreateService(ctx, input)
			if err != nil {
				t.Errorf("try %d: %v", i, err)
				return
			}
			ids[i] = aws.ToString(out.Service.Deployments[0].Id)
		})
	}
	wg.Wait()
	for i, id := range ids {
		if id != ids[0] {
			t.Errorf("try %d has the deployment %s, try 0 %s", i, id, ids[0])
		}
	}
	other := *input
	other.DesiredCount = aws.Int32(2)
	_, err := one.CreateService(ctx, &other)
	if err := expectError[*types.InvalidParameterException](err, "Creation of service was not idempotent."); err != nil {
		t.Error(err)
	}
	eventually(t, "one task runs", func(ctx context.Context) error {
		svc, err := describe(ctx, two, "once")
		if err == nil && (svc.RunningCount != 1 || len(svc.Deployments) != 1) {
			err = fmt.Errorf("%d run in %d deployments", svc.RunningCount, len(svc.Deployments))
		}
		return err
	})
}
