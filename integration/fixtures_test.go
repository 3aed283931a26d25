package integration

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/testimages"
)

const (
	startLimit   = 3 * time.Minute
	cleanupLimit = 3 * time.Minute
)

// scene is a test's own ECS cluster, at the replica that it calls.
type scene struct {
	*testing.T
	gantry  *gantry
	ecs     *ecs.Client
	cluster string
}

// newScene makes a cluster at the shared replica; it goes with the test.
func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{T: t, gantry: suite.gantry, ecs: suite.gantry.ecs(), cluster: unique("it")}
	_, err := s.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: &s.cluster})
	s.ok(err, "CreateCluster")
	t.Cleanup(s.cleanUp)
	return s
}

// at is the same scene seen through another replica.
func (s *scene) at(g *gantry) *scene {
	other := *s
	other.gantry, other.ecs = g, g.ecs()
	return &other
}

func unique(prefix string) string { return prefix + "-" + strings.ToLower(rand.Text()[:8]) }

func (s *scene) ok(err error, what string) {
	s.Helper()
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
}

// cleanUp deletes what the cluster holds. It does not wait for containers to
// end, and asks no more of Gantry than it must: the test may have failed.
func (s *scene) cleanUp() {
	if s.Failed() {
		s.report()
	}
	ctx, cancel := context.WithTimeout(context.Background(), cleanupLimit)
	defer cancel()
	services := ecs.NewListServicesPaginator(s.ecs, &ecs.ListServicesInput{Cluster: &s.cluster})
	for services.HasMorePages() {
		page, err := services.NextPage(ctx)
		if err != nil {
			s.Errorf("clean up: ListServices: %v", err)
			return
		}
		for _, arn := range page.ServiceArns {
			_, err := s.ecs.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: &s.cluster, Service: &arn, Force: aws.Bool(true)})
			if err != nil {
				s.Errorf("clean up: DeleteService: %v", err)
			}
		}
	}
	for _, namespace := range s.namespaces(ctx) {
		if err := suite.kube.CoreV1().Namespaces().Delete(ctx, namespace, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			s.Errorf("clean up: delete namespace %s: %v", namespace, err)
		}
	}
	err := wait.PollUntilContextCancel(ctx, pollEvery, true, func(ctx context.Context) (bool, error) {
		_, err := s.ecs.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: &s.cluster})
		return err == nil, nil
	})
	if err != nil {
		s.Errorf("clean up: the cluster %s is not deleted after %s", s.cluster, cleanupLimit)
	}
}

// report shows what a failed test leaves.
func (s *scene) report() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, pod := range s.podsAt(ctx) {
		s.Logf("pod %s/%s uid %s phase %s deleted %v stop %q %q labels %v", pod.Namespace, pod.Name, pod.UID, pod.Status.Phase, pod.DeletionTimestamp,
			pod.Annotations[v1alpha1.StopCodeAnnotation], pod.Annotations[v1alpha1.StoppedReasonAnnotation], pod.Labels)
		for _, c := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
			s.Logf("  %s ready %t restarts %d %s", c.Name, c.Ready, c.RestartCount, c.State.String())
		}
	}
}

// namespaces are those that hold the cluster's tasks.
func (s *scene) namespaces(ctx context.Context) []string {
	list, err := suite.kube.CoreV1().Namespaces().List(ctx, metav1.ListOptions{LabelSelector: v1alpha1.ClusterLabel + "=" + s.cluster})
	if err != nil {
		s.Errorf("list namespaces: %v", err)
		return nil
	}
	var names []string
	for i := range list.Items {
		names = append(names, list.Items[i].Name)
	}
	return names
}

// awaitNamespacesGone is for a cluster that outlives the tests.
func awaitNamespacesGone(ctx context.Context) error {
	if os.Getenv("GANTRY_TEST_REUSE") == "" {
		return nil
	}
	left := ""
	err := wait.PollUntilContextTimeout(ctx, pollEvery, cleanupLimit, true, func(ctx context.Context) (bool, error) {
		list, err := suite.kube.CoreV1().Namespaces().List(ctx, metav1.ListOptions{LabelSelector: v1alpha1.ClusterLabel})
		if err != nil {
			return false, err
		}
		left = ""
		for i := range list.Items {
			if strings.HasPrefix(list.Items[i].Labels[v1alpha1.ClusterLabel], "it-") {
				left += " " + list.Items[i].Name
			}
		}
		return left == "", nil
	})
	if err != nil {
		return fmt.Errorf("namespaces are left:%s: %w", left, err)
	}
	return nil
}

// container is a container definition of one of the test images.
func container(name, program string, change ...func(*types.ContainerDefinition)) types.ContainerDefinition {
	def := types.ContainerDefinition{
		Name: aws.String(name), Image: aws.String(testimages.Reference(program)), Essential: aws.Bool(true),
		Cpu: 32, MemoryReservation: aws.Int32(32), StopTimeout: aws.Int32(20), // of use on a starved node only: the programs end at once
	}
	for _, c := range change {
		c(&def)
	}
	return def
}

func environment(pairs ...string) func(*types.ContainerDefinition) {
	return func(def *types.ContainerDefinition) {
		for i := 0; i < len(pairs); i += 2 {
			def.Environment = append(def.Environment, types.KeyValuePair{Name: &pairs[i], Value: &pairs[i+1]})
		}
	}
}

func command(args ...string) func(*types.ContainerDefinition) {
	return func(def *types.ContainerDefinition) { def.Command = args }
}

func notEssential(def *types.ContainerDefinition) { def.Essential = aws.Bool(false) }

// webContainers are the sample: a web server with a health check and the sidecar
// that it reaches over localhost.
func webContainers() []types.ContainerDefinition {
	return []types.ContainerDefinition{
		container("web", "web", func(def *types.ContainerDefinition) {
			def.PortMappings = []types.PortMapping{{ContainerPort: aws.Int32(8080)}}
			def.HealthCheck = &types.HealthCheck{
				Command: []string{"CMD", "/program", "-check"}, Interval: aws.Int32(5), Timeout: aws.Int32(5), Retries: aws.Int32(6),
			}
		}),
		container("sidecar", "sidecar"),
	}
}

// define registers a family of its own and returns family:revision.
func (s *scene) define(containers ...types.ContainerDefinition) string {
	s.Helper()
	return s.register(&ecs.RegisterTaskDefinitionInput{Family: aws.String(unique("it")), ContainerDefinitions: containers})
}

func (s *scene) register(in *ecs.RegisterTaskDefinitionInput) string {
	s.Helper()
	out, err := s.ecs.RegisterTaskDefinition(s.Context(), in)
	s.ok(err, "RegisterTaskDefinition")
	return fmt.Sprintf("%s:%d", *out.TaskDefinition.Family, out.TaskDefinition.Revision)
}

// serve creates a service.
func (s *scene) serve(name, definition string, count int32, change ...func(*ecs.CreateServiceInput)) *types.Service {
	s.Helper()
	in := &ecs.CreateServiceInput{Cluster: &s.cluster, ServiceName: &name, TaskDefinition: &definition, DesiredCount: &count}
	for _, c := range change {
		c(in)
	}
	out, err := s.ecs.CreateService(s.Context(), in)
	s.ok(err, "CreateService")
	return out.Service
}

// stable waits with the SDK's waiter and returns the service.
func (s *scene) stable(name string) types.Service {
	s.Helper()
	waiter := ecs.NewServicesStableWaiter(s.ecs, func(o *ecs.ServicesStableWaiterOptions) {
		o.MinDelay, o.MaxDelay = 200*time.Millisecond, time.Second
	})
	out, err := waiter.WaitForOutput(s.Context(), &ecs.DescribeServicesInput{Cluster: &s.cluster, Services: []string{name}}, 2*time.Minute)
	s.ok(err, "wait services-stable of "+name)
	return out.Services[0]
}

func (s *scene) service(name string) types.Service {
	s.Helper()
	out, err := s.ecs.DescribeServices(s.Context(), &ecs.DescribeServicesInput{Cluster: &s.cluster, Services: []string{name}})
	s.ok(err, "DescribeServices")
	if len(out.Services) != 1 {
		s.Fatalf("DescribeServices of %s answers failures %s", name, show(out.Failures))
	}
	return out.Services[0]
}

// run starts one task and returns its id. Where the tasks of other tests fill the
// node it waits for room.
func (s *scene) run(definition string, change ...func(*ecs.RunTaskInput)) string {
	s.Helper()
	in := &ecs.RunTaskInput{Cluster: &s.cluster, TaskDefinition: &definition}
	for _, c := range change {
		c(in)
	}
	var id string
	eventually(s.T, startLimit, "RunTask starts the task", func() (bool, string) {
		out, err := s.ecs.RunTask(s.Context(), in)
		s.ok(err, "RunTask")
		if len(out.Failures) > 0 && strings.HasPrefix(aws.ToString(out.Failures[0].Reason), "RESOURCE:") {
			return false, aws.ToString(out.Failures[0].Reason)
		}
		if len(out.Tasks) != 1 || len(out.Failures) > 0 {
			s.Fatalf("RunTask answers %d tasks and failures %s", len(out.Tasks), show(out.Failures))
		}
		id = taskID(*out.Tasks[0].TaskArn)
		return true, ""
	})
	return id
}

func taskID(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

func (s *scene) tasks(ids ...string) []types.Task {
	s.Helper()
	out, err := s.ecs.DescribeTasks(s.Context(), &ecs.DescribeTasksInput{Cluster: &s.cluster, Tasks: ids})
	s.ok(err, "DescribeTasks")
	if len(out.Tasks) != len(ids) {
		s.Fatalf("DescribeTasks of %v answers %d tasks and failures %s", ids, len(out.Tasks), show(out.Failures))
	}
	return out.Tasks
}

func (s *scene) task(id string) types.Task {
	s.Helper()
	return s.tasks(id)[0]
}

// running waits with the SDK's waiter until a task is RUNNING.
func (s *scene) running(id string) types.Task {
	s.Helper()
	waiter := ecs.NewTasksRunningWaiter(s.ecs, func(o *ecs.TasksRunningWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, 500*time.Millisecond
	})
	out, err := waiter.WaitForOutput(s.Context(), &ecs.DescribeTasksInput{Cluster: &s.cluster, Tasks: []string{id}}, startLimit)
	s.ok(err, "wait tasks-running of "+id)
	return out.Tasks[0]
}

// stopped waits with the SDK's waiter until a task is STOPPED.
func (s *scene) stopped(id string) types.Task {
	s.Helper()
	waiter := ecs.NewTasksStoppedWaiter(s.ecs, func(o *ecs.TasksStoppedWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, 500*time.Millisecond
	})
	out, err := waiter.WaitForOutput(s.Context(), &ecs.DescribeTasksInput{Cluster: &s.cluster, Tasks: []string{id}}, startLimit)
	s.ok(err, "wait tasks-stopped of "+id)
	return out.Tasks[0]
}

// list answers the ids of a service's tasks by desired status.
func (s *scene) list(service string, desired types.DesiredStatus) []string {
	s.Helper()
	out, err := s.ecs.ListTasks(s.Context(), &ecs.ListTasksInput{Cluster: &s.cluster, ServiceName: &service, DesiredStatus: desired})
	s.ok(err, "ListTasks")
	ids := make([]string, len(out.TaskArns))
	for i, arn := range out.TaskArns {
		ids[i] = taskID(arn)
	}
	return ids
}

// firstStopped waits until a task of the service has stopped, and returns the oldest.
func (s *scene) firstStopped(service string) types.Task {
	s.Helper()
	var first types.Task
	eventually(s.T, startLimit, "a task of "+service+" stops", func() (bool, string) {
		ids := s.list(service, types.DesiredStatusStopped)
		if len(ids) == 0 {
			return false, "none"
		}
		tasks := s.tasks(ids...)
		first = slices.MinFunc(tasks, func(a, b types.Task) int { return a.CreatedAt.Compare(*b.CreatedAt) })
		return aws.ToString(first.LastStatus) == "STOPPED", show(aws.ToString(first.LastStatus))
	})
	return first
}

// hasEvent waits for a service event.
func (s *scene) hasEvent(service, message string) {
	s.Helper()
	want := "(service " + service + ") " + message
	eventually(s.T, startLimit, "event "+want, func() (bool, string) {
		var messages []string
		for _, event := range s.service(service).Events {
			messages = append(messages, aws.ToString(event.Message))
		}
		return slices.Contains(messages, want), strings.Join(messages, "\n")
	})
}

// podsAt are all pods of the cluster's tasks.
func (s *scene) podsAt(ctx context.Context) []corev1.Pod {
	list, err := suite.kube.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{
		LabelSelector: v1alpha1.ClusterLabel + "=" + s.cluster,
	})
	if err != nil {
		s.Errorf("list pods: %v", err)
		return nil
	}
	return list.Items
}

// livePods are those that run or will, and that nobody is ending.
func (s *scene) livePods() []corev1.Pod {
	s.Helper()
	return slices.DeleteFunc(s.podsAt(s.Context()), func(pod corev1.Pod) bool {
		ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
		return ended || pod.DeletionTimestamp != nil || pod.Spec.ActiveDeadlineSeconds != nil
	})
}

// podOf is the pod of a task: its id is the pod's UID without dashes.
func (s *scene) podOf(id string) corev1.Pod {
	s.Helper()
	for _, pod := range s.podsAt(s.Context()) {
		if podTask(&pod) == id {
			return pod
		}
	}
	s.Fatalf("task %s has no pod", id)
	return corev1.Pod{}
}

func podTask(pod *corev1.Pod) string { return strings.ReplaceAll(string(pod.UID), "-", "") }

// liveCount waits until as many pods live as there should be.
func (s *scene) liveCount(want int) []corev1.Pod {
	s.Helper()
	var pods []corev1.Pod
	eventually(s.T, startLimit, fmt.Sprintf("%d live pods", want), func() (bool, string) {
		pods = s.livePods()
		return len(pods) == want, show(len(pods))
	})
	return pods
}
