package integration

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

func percentages(minimum, maximum int32) func(*ecs.CreateServiceInput) {
	return func(in *ecs.CreateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{MinimumHealthyPercent: &minimum, MaximumPercent: &maximum}
	}
}

// readyPods are live pods that are Ready: HEALTHY in ECS's words.
func (s *scene) readyPods() int {
	s.Helper()
	ready := 0
	for _, pod := range s.livePods() {
		if slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		}) {
			ready++
		}
	}
	return ready
}

// TestRollingUpdate: between the limits from beginning to end, and told as ECS
// tells it.
func TestRollingUpdate(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	const desired, lower, upper = 4, 3, 5
	family := unique("it")
	next := func() string {
		return s.register(&ecs.RegisterTaskDefinitionInput{Family: &family, ContainerDefinitions: webContainers()[:1]})
	}
	created := s.serve("web", next(), desired, percentages(75, 125))
	s.stable("web")
	s.hasEvent("web", "has reached a steady state.")
	oldID, oldTasks := aws.ToString(created.Deployments[0].Id), s.list("web", types.DesiredStatusRunning)
	end := watch(t, func() error {
		ready := s.readyPods()
		if ready < lower {
			return fmt.Errorf("%d pods are ready, the lower limit is %d", ready, lower)
		}
		return s.atMostLive(upper)
	})
	second := next()
	out, err := s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: aws.String("web"), TaskDefinition: &second})
	s.ok(err, "UpdateService")
	newID := aws.ToString(out.Service.Deployments[0].Id)
	s.twoDeployments(out.Service, newID, oldID, second)
	endRollout := s.watchRollout("web", newID, oldID, lower, upper)
	s.stable("web")
	// The last old task may go before the last new one is HEALTHY.
	s.completed("web", newID)
	endRollout()
	end()
	for _, id := range oldTasks {
		ending{
			code: types.TaskStopCodeServiceSchedulerInitiated, reason: "Scaling activity initiated by (deployment " + oldID + ")",
			containers: map[string]containerEnding{"web": {exit: 0}},
		}.check(t, s.stopped(id))
	}
	for _, task := range s.tasks(s.replaced("web", desired, oldTasks...)...) {
		if got := taskID(aws.ToString(task.TaskDefinitionArn)); got != second || aws.ToString(task.StartedBy) != newID {
			t.Errorf("a task runs %s, started by %s; want %s by %s", got, aws.ToString(task.StartedBy), second, newID)
		}
	}
	s.hasEvent("web", "(deployment "+newID+") deployment completed.")
}

// completed waits until the service's only deployment is COMPLETED.
func (s *scene) completed(service, id string) {
	s.Helper()
	eventually(s.T, startLimit, "deployment "+id+" completes", func() (bool, string) {
		svc := s.service(service)
		d := svc.Deployments[0]
		return len(svc.Deployments) == 1 && aws.ToString(d.Id) == id && d.RolloutState == types.DeploymentRolloutStateCompleted &&
				aws.ToString(d.RolloutStateReason) == "ECS deployment "+id+" completed.",
			fmt.Sprintf("%d deployments, the first is %s %s", len(svc.Deployments), aws.ToString(d.Id), d.RolloutState)
	})
}

// twoDeployments checks the answer of the update: the new deployment first.
func (s *scene) twoDeployments(svc *types.Service, newID, oldID, definition string) {
	s.Helper()
	if len(svc.Deployments) != 2 {
		s.Fatalf("UpdateService answers %d deployments, want the new and the old one", len(svc.Deployments))
	}
	first, second := svc.Deployments[0], svc.Deployments[1]
	if newID == oldID || aws.ToString(second.Id) != oldID {
		s.Errorf("the deployments are %s and %s, want a new one and %s", newID, aws.ToString(second.Id), oldID)
	}
	if aws.ToString(first.Status) != "PRIMARY" || first.RolloutState != types.DeploymentRolloutStateInProgress ||
		aws.ToString(first.RolloutStateReason) != "ECS deployment "+newID+" in progress." || taskID(aws.ToString(first.TaskDefinition)) != definition {
		s.Errorf("the new deployment is %s %s %q of %s", aws.ToString(first.Status), first.RolloutState, aws.ToString(first.RolloutStateReason), aws.ToString(first.TaskDefinition))
	}
	if aws.ToString(second.Status) != "ACTIVE" || second.RolloutState != types.DeploymentRolloutStateCompleted {
		s.Errorf("the old deployment is %s %s, want ACTIVE COMPLETED", aws.ToString(second.Status), second.RolloutState)
	}
}

// watchRollout looks at DescribeServices all the way: the PRIMARY stays, the old
// deployment only shrinks, and the counts stay between the limits.
func (s *scene) watchRollout(service, newID, oldID string, lower, upper int32) (end func()) {
	s.Helper()
	var mu sync.Mutex
	oldRunning := upper
	return watch(s.T, func() error {
		out, err := s.ecs.DescribeServices(s.Context(), &ecs.DescribeServicesInput{Cluster: &s.cluster, Services: []string{service}})
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		svc := out.Services[0]
		if svc.RunningCount < lower || svc.RunningCount+svc.PendingCount > upper {
			return fmt.Errorf("%d tasks run and %d are pending, the limits are %d and %d", svc.RunningCount, svc.PendingCount, lower, upper)
		}
		if got := aws.ToString(svc.Deployments[0].Id); got != newID {
			return fmt.Errorf("the PRIMARY deployment is %s, UpdateService answered %s", got, newID)
		}
		if len(svc.Deployments) == 1 {
			return nil
		}
		if svc.Deployments[0].RolloutState != types.DeploymentRolloutStateInProgress {
			return fmt.Errorf("rolloutState is %s with the old deployment still there", svc.Deployments[0].RolloutState)
		}
		old := svc.Deployments[1]
		if aws.ToString(old.Id) != oldID || old.RunningCount > oldRunning {
			return fmt.Errorf("old deployment %s runs %d tasks, before it ran %d", aws.ToString(old.Id), old.RunningCount, oldRunning)
		}
		oldRunning = old.RunningCount
		return nil
	})
}

// ripe waits until tasks without a health check have run for long enough to count
// as healthy.
func (s *scene) ripe(ids []string) {
	s.Helper()
	eventually(s.T, startLimit, "tasks count as healthy", func() (bool, string) {
		for _, task := range s.tasks(ids...) {
			// Kubernetes counts in seconds: a whole one more is waited for.
			if task.StartedAt == nil || time.Since(*task.StartedAt) < healthyAfter+time.Second {
				return false, show(task.StartedAt)
			}
		}
		return true, ""
	})
}

// TestUpdateThatCannotStart: the old tasks stand until a third revision takes
// over.
func TestUpdateThatCannotStart(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	family := unique("it")
	define := func(c types.ContainerDefinition) string {
		return s.register(&ecs.RegisterTaskDefinitionInput{Family: &family, ContainerDefinitions: []types.ContainerDefinition{c}})
	}
	s.serve("web", define(container("main", "sleeps")), 2)
	s.stable("web")
	oldTasks := s.list("web", types.DesiredStatusRunning)
	s.ripe(oldTasks)
	end := watch(t, func() error {
		if ready := s.readyPods(); ready < 2 {
			return fmt.Errorf("%d pods are ready, the lower limit is 2", ready)
		}
		return s.atMostLive(4)
	})
	update := func(definition string) *types.Service {
		out, err := s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: aws.String("web"), TaskDefinition: &definition})
		s.ok(err, "UpdateService")
		return out.Service
	}
	update(define(container("main", "sleeps", withImage(missingImage))))
	eventually(t, startLimit, "a task of the second revision fails", func() (bool, string) {
		failed := s.service("web").Deployments[0].FailedTasks
		return failed > 0, show(failed)
	})
	third := define(container("main", "sleeps"))
	svc := update(third)
	if len(svc.Deployments) != 3 {
		t.Errorf("there are %d deployments, want three", len(svc.Deployments))
	}
	id := aws.ToString(svc.Deployments[0].Id)
	stable := s.stable("web")
	if got := aws.ToString(stable.Deployments[0].Id); got != id {
		t.Errorf("the service is stable with %s, want %s", got, id)
	}
	end()
	for _, task := range s.tasks(s.replaced("web", 2, oldTasks...)...) {
		if got := taskID(aws.ToString(task.TaskDefinitionArn)); got != third {
			t.Errorf("a task runs %s, want %s", got, third)
		}
	}
}
