package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	apitypes "k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// The service of a faultScene: with 75 and 125 percent three tasks must serve at
// any time, and five may be there.
const (
	faultTasks = 4
	faultLower = 3
	faultUpper = 5
	// faultLimit bounds the way back to the desired state.
	faultLimit = 2 * time.Minute
)

// faultScene is a service in a cluster of its own, under which things go wrong,
// and a record of all pods that it ever had.
type faultScene struct {
	*testing.T
	api     *ecs.Client
	objects client.Client
	cluster string

	mu   sync.Mutex
	pods map[apitypes.UID]corev1.Pod
	// exceeded is how many tasks lived at once where they were too many,
	// fell how few served where they were too few.
	exceeded, fell int
	steady         bool      // the service has been stable, and nothing may take tasks from it
	unbounded      bool      // the fault makes more tasks than the upper limit
	cutAt          time.Time // when the API server was killed last; zero where the fault leaves it alone
}

func newFaultScene(t *testing.T, api *ecs.Client, objects client.Client) *faultScene {
	t.Helper()
	s := &faultScene{
		T: t, api: api, objects: objects, cluster: "fault-" + strings.ToLower(rand.Text()[:8]), pods: map[apitypes.UID]corev1.Pod{}, fell: faultTasks,
	}
	ctx := context.Background()
	_, err := api.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: &s.cluster})
	ok(t, err)
	s.follow()
	definition := s.define()
	out, err := api.CreateService(ctx, &ecs.CreateServiceInput{
		Cluster: &s.cluster, ServiceName: aws.String("web"), TaskDefinition: &definition, DesiredCount: aws.Int32(faultTasks),
		DeploymentConfiguration: &types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(75), MaximumPercent: aws.Int32(125)},
		LoadBalancers: []types.LoadBalancer{{
			TargetGroupArn: aws.String(targetGroup(s.cluster)),
			ContainerName:  aws.String("app"), ContainerPort: aws.Int32(8080),
		}},
	})
	ok(t, err)
	s.arrived(out.Service.Deployments[0], 0)
	return s
}

func (s *faultScene) namespace() string { return "ecs-" + s.cluster }

// define registers the next revision of the family.
func (s *faultScene) define() string {
	s.Helper()
	out, err := s.api.RegisterTaskDefinition(context.Background(), &ecs.RegisterTaskDefinitionInput{
		Family: &s.cluster, ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("app"), Image: aws.String("gantry.local/sleeps:1"), Memory: aws.Int32(16),
			PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(8080)}},
		}},
	})
	ok(s.T, err)
	return aws.ToString(out.TaskDefinition.TaskDefinitionArn)
}

// deploy asks for a deployment of a definition, and asks again until it is
// answered: what is asked twice is done once.
func (s *faultScene) deploy(definition string) types.Deployment {
	s.Helper()
	var answer types.Deployment
	waitFor(s.T, faultLimit, "UpdateService is answered", func() bool {
		out, err := s.api.UpdateService(context.Background(), &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: aws.String("web"), TaskDefinition: &definition})
		if err == nil {
			answer = out.Service.Deployments[0]
		}
		return err == nil
	})
	if got := aws.ToString(answer.TaskDefinition); got != definition {
		s.Fatalf("the newest deployment runs %s, want %s", got, definition)
	}
	return answer
}

// follow records all pods until the test ends. Pods of tasks stay until they are
// recorded, so that looking often sees all, the API server's absence included.
func (s *faultScene) follow() {
	ctx, cancel := context.WithCancel(context.Background())
	var followed sync.WaitGroup
	followed.Go(func() {
		wait.UntilWithContext(ctx, func(ctx context.Context) {
			pods := &corev1.PodList{}
			if s.objects.List(ctx, pods, client.InNamespace(s.namespace())) == nil {
				s.record(pods.Items)
			}
		}, 25*time.Millisecond)
	})
	s.Cleanup(func() {
		cancel()
		followed.Wait()
	})
}

func (s *faultScene) record(pods []corev1.Pod) {
	s.mu.Lock()
	defer s.mu.Unlock()
	live, serving := 0, 0
	for _, pod := range pods {
		s.pods[pod.UID] = pod
		if !lives(&pod) {
			continue
		}
		live++
		if podIsReady(&pod) {
			serving++
		}
	}
	s.exceeded = max(s.exceeded, live)
	if s.steady {
		s.fell = min(s.fell, serving)
	}
}

func lives(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && pod.Status.Phase != corev1.PodFailed && pod.Status.Phase != corev1.PodSucceeded &&
		pod.Labels[v1alpha1.ServiceLabel] != ""
}

func podIsReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// guard says whether the lower limit is to be kept from now on: it is where the
// fault takes no tasks.
func (s *faultScene) guard(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steady, s.fell = on, faultTasks
}

// arrived waits, with the SDK's waiter too, until the deployment has taken over,
// and checks that each of its tasks was made once, and up to lost ones besides
// for those that the fault has taken.
func (s *faultScene) arrived(want types.Deployment, lost int) {
	s.Helper()
	ctx := context.Background()
	waiter := ecs.NewServicesStableWaiter(s.api, func(o *ecs.ServicesStableWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, 500*time.Millisecond
		retryable := o.Retryable
		o.Retryable = func(ctx context.Context, in *ecs.DescribeServicesInput, out *ecs.DescribeServicesOutput, err error) (bool, error) {
			if err != nil { // nobody answers: a client tries again
				return true, nil
			}
			return retryable(ctx, in, out, err)
		}
	})
	described := &ecs.DescribeServicesInput{Cluster: &s.cluster, Services: []string{"web"}}
	if err := waiter.Wait(ctx, described, faultLimit); err != nil {
		s.Fatalf("wait services-stable: %v: %s", err, s.outline())
	}
	id := aws.ToString(want.Id)
	var svc types.Service
	waitFor(s.T, faultLimit, "deployment "+id+" completes", func() bool {
		out, err := s.api.DescribeServices(ctx, described)
		if err != nil || len(out.Services) != 1 {
			return false
		}
		svc = out.Services[0]
		d := svc.Deployments[0]
		return len(svc.Deployments) == 1 && aws.ToString(d.Id) == id && d.RolloutState == types.DeploymentRolloutStateCompleted &&
			svc.RunningCount == faultTasks && svc.PendingCount == 0
	})
	s.exactly(id, aws.ToString(want.TaskDefinition), lost)
	eventually(s.T, "each task's start is told", func(ctx context.Context) error {
		out, err := s.api.DescribeServices(ctx, described)
		if err != nil {
			return err
		}
		svc = out.Services[0]
		return s.told(svc, id)
	})
	s.mu.Lock()
	exceeded := s.exceeded
	s.mu.Unlock()
	if over := exceeded - faultUpper; over > 0 && !s.unbounded && !s.madeTwice(over, func(*corev1.Pod) bool { return true }) {
		s.Errorf("%d tasks lived at once, the upper limit is %d", exceeded, faultUpper)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fell < faultLower {
		s.Errorf("%d tasks served, the lower limit is %d", s.fell, faultLower)
	}
}

func (s *faultScene) outline() string {
	out, err := s.api.DescribeServices(context.Background(), &ecs.DescribeServicesInput{Cluster: &s.cluster, Services: []string{"web"}})
	if err != nil || len(out.Services) != 1 {
		return fmt.Sprint(err)
	}
	var b strings.Builder
	for _, d := range out.Services[0].Deployments {
		fmt.Fprintf(&b, "%s %s %s: %d run, %d pending, %d failed; ", aws.ToString(d.Id), aws.ToString(d.Status), d.RolloutState, d.RunningCount, d.PendingCount, d.FailedTasks)
	}
	for _, event := range out.Services[0].Events[:min(5, len(out.Services[0].Events))] {
		fmt.Fprintf(&b, "\n%s", aws.ToString(event.Message))
	}
	return b.String()
}

// exactly: the service's tasks are those of the deployment, each is a pod that
// lives, and of all pods that ever were the others are tasks that have stopped.
func (s *faultScene) exactly(id, definition string, lost int) {
	s.Helper()
	ctx := context.Background()
	eventually(s.T, "the tasks are the pods that live, and no task is lost", func(ctx context.Context) error {
		running, err := s.api.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &s.cluster, ServiceName: aws.String("web")})
		if err != nil {
			return err
		}
		pods := &corev1.PodList{}
		if err := s.objects.List(ctx, pods, client.InNamespace(s.namespace())); err != nil {
			return err
		}
		s.record(pods.Items)
		var live, listed, stopped []string
		for i := range pods.Items {
			if lives(&pods.Items[i]) {
				live = append(live, kube.TaskID(string(pods.Items[i].UID)))
			}
		}
		for _, arn := range running.TaskArns {
			listed = append(listed, taskID(arn))
		}
		slices.Sort(live)
		slices.Sort(listed)
		if !slices.Equal(live, listed) || len(live) != faultTasks {
			return fmt.Errorf("tasks %v, pods %v", listed, live)
		}
		stopped = append(stopped, s.ever(func(pod *corev1.Pod) bool { return !slices.Contains(live, kube.TaskID(string(pod.UID))) })...)
		return s.allStopped(ctx, stopped)
	})
	ofDeployment := func(pod *corev1.Pod) bool { return pod.Annotations[v1alpha1.StartedByAnnotation] == id }
	made := s.ever(ofDeployment)
	if over := len(made) - faultTasks - lost; len(made) < faultTasks || over > 0 && !s.madeTwice(over, ofDeployment) {
		s.Errorf("%d tasks were made for the deployment, want %d and up to %d for those that were lost", len(made), faultTasks, lost)
	}
	out, err := s.api.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &s.cluster, Tasks: made})
	ok(s.T, err)
	for _, task := range out.Tasks {
		if got := aws.ToString(task.TaskDefinitionArn); got != definition || aws.ToString(task.StartedBy) != id {
			s.Errorf("task %s runs %s, started by %s", aws.ToString(task.TaskArn), got, aws.ToString(task.StartedBy))
		}
	}
}

// unansweredCreation is what the ReplicaSet controller says of a creation that the
// API server may have carried out: it was cut off after the request was sent.
var unansweredCreation = regexp.MustCompile(`EOF|connection reset|connection lost`)

// madeTwice says whether ReplicaSets of such pods have made as many more than they
// should since the API server was killed. A ReplicaSet whose creation is carried out
// and not answered does not know of that pod, makes another under a name of chance,
// and deletes one when it sees both. It tells of the creation as one that failed.
func (s *faultScene) madeTwice(pods int, which func(*corev1.Pod) bool) bool {
	if s.cutAt.IsZero() {
		return false
	}
	sets := s.owners(which)
	err := wait.PollUntilContextTimeout(context.Background(), time.Second, time.Minute, true, func(ctx context.Context) (bool, error) {
		events := &corev1.EventList{}
		if err := s.objects.List(ctx, events, client.InNamespace(s.namespace())); err != nil {
			return false, nil
		}
		told := 0
		for _, event := range events.Items {
			if event.Reason == "FailedCreate" && sets[event.InvolvedObject.UID] && !event.LastTimestamp.Time.Before(s.cutAt) &&
				unansweredCreation.MatchString(event.Message) {
				told += int(event.Count)
			}
		}
		return told >= pods, nil
	})
	return err == nil
}

// owners are the ReplicaSets that made such pods.
func (s *faultScene) owners(which func(*corev1.Pod) bool) map[apitypes.UID]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sets := map[apitypes.UID]bool{}
	for _, pod := range s.pods {
		for _, owner := range pod.OwnerReferences {
			sets[owner.UID] = sets[owner.UID] || which(&pod)
		}
	}
	return sets
}

// cut notes that the API server is killed now: what was seen before is no excuse.
func (s *faultScene) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cutAt, s.exceeded = time.Now().Truncate(time.Second), 0
}

// ever are the ids of the tasks of all pods that ever were.
func (s *faultScene) ever(which func(*corev1.Pod) bool) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for uid, pod := range s.pods {
		if which(&pod) {
			ids = append(ids, kube.TaskID(string(uid)))
		}
	}
	return ids
}

func (s *faultScene) allStopped(ctx context.Context, ids []string) error {
	for chunk := range slices.Chunk(ids, 100) {
		out, err := s.api.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &s.cluster, Tasks: chunk})
		if err != nil {
			return err
		}
		if len(out.Failures) > 0 {
			return fmt.Errorf("tasks are lost: %s %s", aws.ToString(out.Failures[0].Arn), aws.ToString(out.Failures[0].Reason))
		}
		for _, task := range out.Tasks {
			if aws.ToString(task.LastStatus) != "STOPPED" || task.StopCode == "" || task.StoppedAt == nil {
				return fmt.Errorf("task %s is %s, stopCode %q", aws.ToString(task.TaskArn), aws.ToString(task.LastStatus), task.StopCode)
			}
		}
	}
	return nil
}

var taskNamed = regexp.MustCompile(`\(task ([0-9a-f]{32})\)`)

// told: the completion is told once, and so is each task's start and stop. It
// says which start is not told yet.
func (s *faultScene) told(svc types.Service, id string) error {
	s.Helper()
	times := map[string]int{}
	for _, event := range svc.Events {
		message := aws.ToString(event.Message)
		if strings.Contains(message, "(deployment "+id+") deployment completed.") {
			times["completed"]++
		}
		for _, kind := range []string{"has started", "has stopped"} {
			if strings.Contains(message, kind) {
				for _, m := range taskNamed.FindAllStringSubmatch(message, -1) {
					times[kind+" "+m[1]]++
				}
			}
		}
	}
	if times["completed"] != 1 {
		s.Errorf("%d events tell that %s completed", times["completed"], id)
	}
	for what, n := range times {
		if n > 1 {
			s.Errorf("%d events tell of the same: %s", n, what)
		}
	}
	for _, task := range s.ever(lives) {
		if times["has started "+task] == 0 && len(svc.Events) < 100 {
			return fmt.Errorf("no event tells that task %s has started", task)
		}
	}
	return nil
}

// ends deletes the service and waits with the SDK's waiters until it and its
// tasks are gone.
func (s *faultScene) ends() {
	s.Helper()
	ctx := context.Background()
	s.guard(false)
	tasks := s.ever(lives)
	_, err := s.api.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: &s.cluster, Service: aws.String("web"), Force: aws.Bool(true)})
	ok(s.T, err)
	err = ecs.NewTasksStoppedWaiter(s.api, func(o *ecs.TasksStoppedWaiterOptions) { o.MinDelay, o.MaxDelay = 100*time.Millisecond, time.Second }).
		Wait(ctx, &ecs.DescribeTasksInput{Cluster: &s.cluster, Tasks: tasks}, faultLimit)
	err = errors.Join(err, ecs.NewServicesInactiveWaiter(s.api, func(o *ecs.ServicesInactiveWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, time.Second
	}).Wait(ctx, &ecs.DescribeServicesInput{Cluster: &s.cluster, Services: []string{"web"}}, faultLimit))
	if err != nil {
		s.Errorf("the service's end: %v", err)
	}
}
