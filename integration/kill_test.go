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

// killDuring makes a call and kills Gantry with SIGKILL after a random part of
// span. While it is down, left says for the log what the call has left behind.
func killDuring(t *testing.T, span time.Duration, call func(context.Context) error, left func() string) {
	t.Helper()
	delay := rand.N(span)
	var ended error
	var wg sync.WaitGroup
	wg.Go(func() { ended = call(t.Context()) })
	<-time.After(delay)
	suite.gantry.kill()
	wg.Wait()
	answered := "the call was answered"
	if ended != nil {
		answered = "the call was not answered"
	}
	t.Logf("killed after %s of %s: %s, %s", delay.Round(10*time.Microsecond), span.Round(time.Millisecond), answered, left())
	suite.gantry.restart(t)
}

// timed is how long a call takes that nothing disturbs, and a little more.
func timed(t *testing.T, call func(context.Context) error) time.Duration {
	t.Helper()
	began := time.Now()
	if err := call(t.Context()); err != nil {
		t.Fatal(err)
	}
	return time.Since(began) * 5 / 4
}

// TestKillDuringRunTask: the call, tried again with the same clientToken, makes
// exactly the tasks that it was to make.
func TestKillDuringRunTask(t *testing.T) {
	s := newScene(t)
	definition := s.define(container("main", "sleeps"))
	input := func(startedBy string) *ecs.RunTaskInput {
		return &ecs.RunTaskInput{
			Cluster: &s.cluster, TaskDefinition: &definition, Count: aws.Int32(10), ClientToken: aws.String(unique("token")), StartedBy: &startedBy,
		}
	}
	runTask := func(in *ecs.RunTaskInput) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := s.ecs.RunTask(ctx, in)
			return err
		}
	}
	span := timed(t, runTask(input("first")))
	s.stopAll("first")
	for round := range rounds(killRounds, killRoundsSoak) {
		in := input(fmt.Sprintf("round-%d", round))
		killDuring(t, span, runTask(in), func() string { return fmt.Sprintf("%d pods are there", len(s.podsStartedBy(*in.StartedBy))) })
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
		s.stopAll(*in.StartedBy)
	}
	s.liveCount(0)
}

// exactly: these tasks exist, in the lists and as pods, and no other.
func (s *scene) exactly(round int, startedBy *string, want []string) {
	s.Helper()
	listed, err := s.ecs.ListTasks(s.Context(), &ecs.ListTasksInput{Cluster: &s.cluster, StartedBy: startedBy})
	s.ok(err, "ListTasks")
	var ids []string
	for _, arn := range listed.TaskArns {
		ids = append(ids, taskID(arn))
	}
	pods := s.podsStartedBy(*startedBy)
	slices.Sort(ids)
	slices.Sort(pods)
	if !slices.Equal(ids, want) || !slices.Equal(pods, want) {
		s.Errorf("round %d: answered %v, listed %v, pods %v", round, want, ids, pods)
	}
}

// podsStartedBy are the tasks of the pods that are there.
func (s *scene) podsStartedBy(startedBy string) []string {
	s.Helper()
	var ids []string
	for _, pod := range s.podsAt(s.Context()) {
		if pod.Annotations[v1alpha1.StartedByAnnotation] == startedBy {
			ids = append(ids, podTask(&pod))
		}
	}
	return ids
}

func (s *scene) stopAll(startedBy string) {
	s.Helper()
	for _, id := range s.podsStartedBy(startedBy) {
		_, err := s.ecs.StopTask(s.Context(), &ecs.StopTaskInput{Cluster: &s.cluster, Task: &id})
		s.ok(err, "StopTask")
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
		}, func() string { return s.stored(name) })
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
	services := s.storedServices(service)
	if len(services) != 1 || services[0].Spec.LastDeployment != number {
		s.Errorf("%s: the stored services are %s, want one whose last deployment is %d", service, show(services), number)
		return
	}
	eventually(s.T, startLimit, "one Deployment of "+service, func() (bool, string) {
		list := s.storedDeployments(services[0].Namespace, service)
		return len(list) == 1 && *list[0].Spec.Replicas == count, show(len(list))
	})
	s.liveCount(int(count))
}

func (s *scene) storedServices(service string) []v1alpha1.ECSService {
	s.Helper()
	list := v1alpha1.ECSServiceList{}
	s.ok(suite.objects.List(s.Context(), &list, client.MatchingLabels{v1alpha1.ClusterLabel: s.cluster, v1alpha1.ServiceLabel: service}), "list ECSServices")
	return list.Items
}

func (s *scene) storedDeployments(namespace, service string) []appsv1.Deployment {
	s.Helper()
	list := appsv1.DeploymentList{}
	s.ok(suite.objects.List(s.Context(), &list, client.InNamespace(namespace), client.MatchingLabels{v1alpha1.ServiceLabel: service}), "list Deployments")
	return list.Items
}

// stored says what Kubernetes holds of a service.
func (s *scene) stored(service string) string {
	s.Helper()
	services := s.storedServices(service)
	if len(services) == 0 {
		return "no service is there"
	}
	return fmt.Sprintf("the service has deployment %d, %d Deployments are there",
		services[0].Spec.LastDeployment, len(s.storedDeployments(services[0].Namespace, service)))
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
		}, func() string { return s.stored("web") })
		out, err := s.ecs.UpdateService(t.Context(), in)
		s.ok(err, "UpdateService again")
		s.onlyDeployment("web", aws.ToString(out.Service.Deployments[0].Id), int64(round)+2, 1)
		task := s.task(s.list("web", types.DesiredStatusRunning)[0])
		if got := taskID(aws.ToString(task.TaskDefinitionArn)); got != *in.TaskDefinition {
			t.Errorf("round %d: the task runs %s, want %s", round, got, *in.TaskDefinition)
		}
	}
}
