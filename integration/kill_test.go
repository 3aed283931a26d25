package integration

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

const (
	killRounds     = 4
	killRoundsSoak = 200
)

// killDuring makes a call, kills Gantry with SIGKILL after a random part of
// span, starts it again and says how the call ended.
func killDuring(t *testing.T, span time.Duration, call func(context.Context) error) {
	t.Helper()
	delay := rand.N(span)
	began := time.Now()
	var ended error
	var took time.Duration
	var wg sync.WaitGroup
	wg.Go(func() {
		ended = call(t.Context())
		took = time.Since(began)
	})
	<-time.After(delay)
	suite.gantry.kill()
	wg.Wait()
	t.Logf("killed %s after the call began, which ended after %s with: %v", delay.Round(10*time.Microsecond), took.Round(10*time.Microsecond), ended)
	suite.gantry.restart(t)
}

// TestKillDuringRunTask: the call, tried again with the same clientToken, makes
// exactly the tasks that it was to make.
func TestKillDuringRunTask(t *testing.T) {
	s := newScene(t)
	definition := s.define(container("main", "sleeps"))
	for round := range rounds(killRounds, killRoundsSoak) {
		in := &ecs.RunTaskInput{
			Cluster: &s.cluster, TaskDefinition: &definition, Count: aws.Int32(10),
			ClientToken: aws.String(unique("token")), StartedBy: aws.String(fmt.Sprintf("round-%d", round)),
		}
		killDuring(t, 60*time.Millisecond, func(ctx context.Context) error {
			_, err := s.ecs.RunTask(ctx, in)
			return err
		})
		out, err := s.ecs.RunTask(t.Context(), in)
		s.ok(err, "RunTask again")
		if len(out.Tasks) != 10 || len(out.Failures) > 0 {
			t.Fatalf("round %d: the second try answers %d tasks and failures %s", round, len(out.Tasks), show(out.Failures))
		}
		answered := make([]string, 10)
		for i := range out.Tasks {
			answered[i] = taskID(*out.Tasks[i].TaskArn)
		}
		slices.Sort(answered)
		s.exactly(round, in.StartedBy, answered)
		for _, id := range answered {
			_, err := s.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &s.cluster, Task: &id})
			s.ok(err, "StopTask")
		}
	}
	s.liveCount(0)
}

// exactly: these tasks exist, in the lists and as pods, and no other.
func (s *scene) exactly(round int, startedBy *string, want []string) {
	s.Helper()
	listed, err := s.ecs.ListTasks(s.Context(), &ecs.ListTasksInput{Cluster: &s.cluster, StartedBy: startedBy})
	s.ok(err, "ListTasks")
	var ids, pods []string
	for _, arn := range listed.TaskArns {
		ids = append(ids, taskID(arn))
	}
	for _, pod := range s.podsAt(s.Context()) {
		if pod.Annotations[v1alpha1.StartedByAnnotation] == *startedBy {
			pods = append(pods, podTask(&pod))
		}
	}
	slices.Sort(ids)
	slices.Sort(pods)
	if !slices.Equal(ids, want) || !slices.Equal(pods, want) {
		s.Errorf("round %d: answered %v, listed %v, pods %v", round, want, ids, pods)
	}
}

// span of the moments at which Gantry is killed: while it answers, or while its
// controllers carry out what it has answered.
func span(round int) time.Duration {
	if round%2 == 0 {
		return 40 * time.Millisecond
	}
	return time.Second
}

// TestKillDuringCreateService: tried again with the same clientToken there is
// one service, with one deployment.
func TestKillDuringCreateService(t *testing.T) {
	s := newScene(t)
	definition := s.define(container("main", "sleeps"))
	for round := range rounds(killRounds, killRoundsSoak) {
		name := fmt.Sprintf("round-%d", round)
		in := &ecs.CreateServiceInput{
			Cluster: &s.cluster, ServiceName: &name, TaskDefinition: &definition, DesiredCount: aws.Int32(2), ClientToken: aws.String(unique("token")),
		}
		killDuring(t, span(round), func(ctx context.Context) error {
			_, err := s.ecs.CreateService(ctx, in)
			return err
		})
		out, err := s.ecs.CreateService(t.Context(), in)
		s.ok(err, "CreateService again")
		if len(out.Service.Deployments) != 1 {
			t.Fatalf("round %d: the second try answers %d deployments", round, len(out.Service.Deployments))
		}
		s.onlyDeployment(name, *out.Service.Deployments[0].Id, 1, 2)
		listed, err := s.ecs.ListServices(t.Context(), &ecs.ListServicesInput{Cluster: &s.cluster})
		s.ok(err, "ListServices")
		if len(listed.ServiceArns) != 1 {
			t.Errorf("round %d: services are %v", round, listed.ServiceArns)
		}
		s.remove(name)
	}
	s.liveCount(0)
}

// onlyDeployment waits until the service is stable with one deployment, the one
// given, and checks what Kubernetes holds of it.
func (s *scene) onlyDeployment(service, id string, number int64, count int32) {
	s.Helper()
	svc := s.stable(service)
	if got := aws.ToString(svc.Deployments[0].Id); got != id {
		s.Errorf("%s: the deployment is %s, the call's answer had %s", service, got, id)
	}
	if svc.DesiredCount != count || svc.RunningCount != count {
		s.Errorf("%s: %d of %d tasks run, want %d", service, svc.RunningCount, svc.DesiredCount, count)
	}
	services := v1alpha1.ECSServiceList{}
	s.ok(suite.objects.List(s.Context(), &services, client.MatchingLabels{v1alpha1.ClusterLabel: s.cluster, v1alpha1.ServiceLabel: service}), "list ECSServices")
	if len(services.Items) != 1 || services.Items[0].Spec.LastDeployment != number {
		s.Errorf("%s: the stored services are %s, want one whose last deployment is %d", service, show(services.Items), number)
		return
	}
	deployments := func() []appsv1.Deployment {
		list := appsv1.DeploymentList{}
		s.ok(suite.objects.List(s.Context(), &list, client.InNamespace(services.Items[0].Namespace), client.MatchingLabels{v1alpha1.ServiceLabel: service}), "list Deployments")
		return list.Items
	}
	eventually(s.T, startLimit, "one Deployment of "+service, func() (bool, string) {
		list := deployments()
		return len(list) == 1 && *list[0].Spec.Replicas == count, show(len(list))
	})
	s.liveCount(int(count))
}

// remove deletes a service and waits, with the SDK's waiter, until it is INACTIVE.
func (s *scene) remove(name string) {
	s.Helper()
	_, err := s.ecs.DeleteService(s.Context(), &ecs.DeleteServiceInput{Cluster: &s.cluster, Service: &name, Force: aws.Bool(true)})
	s.ok(err, "DeleteService")
	waiter := ecs.NewServicesInactiveWaiter(s.ecs, func(o *ecs.ServicesInactiveWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, time.Second
	})
	err = waiter.Wait(s.Context(), &ecs.DescribeServicesInput{Cluster: &s.cluster, Services: []string{name}}, startLimit)
	s.ok(err, "wait services-inactive of "+name)
}

// TestKillDuringUpdateService: tried again, there is one new deployment, and it
// replaces the old one.
func TestKillDuringUpdateService(t *testing.T) {
	s := newScene(t)
	family := unique("it")
	next := func() string {
		return s.register(&ecs.RegisterTaskDefinitionInput{Family: &family, ContainerDefinitions: []types.ContainerDefinition{container("main", "sleeps")}})
	}
	s.serve("web", next(), 1)
	s.stable("web")
	for round := range rounds(killRounds, killRoundsSoak) {
		in := &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: aws.String("web"), TaskDefinition: aws.String(next())}
		killDuring(t, span(round), func(ctx context.Context) error {
			_, err := s.ecs.UpdateService(ctx, in)
			return err
		})
		out, err := s.ecs.UpdateService(t.Context(), in)
		s.ok(err, "UpdateService again")
		s.onlyDeployment("web", aws.ToString(out.Service.Deployments[0].Id), int64(round)+2, 1)
		task := s.task(s.list("web", types.DesiredStatusRunning)[0])
		if got := taskID(aws.ToString(task.TaskDefinitionArn)); got != *in.TaskDefinition {
			t.Errorf("round %d: the task runs %s, want %s", round, got, *in.TaskDefinition)
		}
	}
}
