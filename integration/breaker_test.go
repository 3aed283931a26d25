package integration

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func breaker(rollback bool) func(*ecs.CreateServiceInput) {
	return func(in *ecs.CreateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{
			DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, Rollback: rollback},
		}
	}
}

// failingUpdate makes a service of two tasks that are healthy, and updates it to
// a revision whose container cannot start.
func (s *scene) failingUpdate(rollback bool) (oldID, newID, oldDefinition string, oldTasks []string) {
	s.Helper()
	family := unique("it")
	define := func(c types.ContainerDefinition) string {
		return s.register(&ecs.RegisterTaskDefinitionInput{Family: &family, ContainerDefinitions: []types.ContainerDefinition{c}})
	}
	oldDefinition = define(container("main", "sleeps"))
	created := s.serve("web", oldDefinition, 2, breaker(rollback))
	oldID = aws.ToString(created.Deployments[0].Id)
	s.stable("web")
	s.completed("web", oldID)
	oldTasks = s.list("web", types.DesiredStatusRunning)
	bad := define(container("main", "sleeps", func(def *types.ContainerDefinition) { def.EntryPoint = []string{"/missing"} }))
	out, err := s.ecs.UpdateService(s.Context(), &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: aws.String("web"), TaskDefinition: &bad})
	s.ok(err, "UpdateService")
	return oldID, aws.ToString(out.Service.Deployments[0].Id), oldDefinition, oldTasks
}

func (s *scene) deploymentFails(id string) types.Deployment {
	s.Helper()
	var found types.Deployment
	eventually(s.T, startLimit, "deployment "+id+" fails", func() (bool, string) {
		for _, d := range s.service("web").Deployments {
			if aws.ToString(d.Id) == id {
				found = d
			}
		}
		return found.RolloutState == types.DeploymentRolloutStateFailed, fmt.Sprintf("%s with %d failed tasks", found.RolloutState, found.FailedTasks)
	})
	if want := "ECS deployment circuit breaker: tasks failed to start."; aws.ToString(found.RolloutStateReason) != want {
		s.Errorf("rolloutStateReason is %q, want %q", aws.ToString(found.RolloutStateReason), want)
	}
	if found.FailedTasks < 3 {
		s.Errorf("failedTasks is %d, the threshold is 3", found.FailedTasks)
	}
	s.hasEvent("web", "(deployment "+id+") deployment failed: tasks failed to start.")
	return found
}

// TestBreakerWithoutRollback: the deployment fails and starts nothing more, while
// the old tasks go on.
func TestBreakerWithoutRollback(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	oldID, newID, _, oldTasks := s.failingUpdate(false)
	if d := s.deploymentFails(newID); aws.ToString(d.Status) != "PRIMARY" {
		t.Errorf("the failed deployment is %s, want PRIMARY", aws.ToString(d.Status))
	}
	eventually(t, startLimit, "only the old tasks are left", func() (bool, string) {
		pods := s.livePods()
		return len(pods) == len(oldTasks), fmt.Sprintf("%d pods", len(pods))
	})
	for _, task := range s.tasks(oldTasks...) {
		if aws.ToString(task.LastStatus) != "RUNNING" {
			t.Errorf("old task %s is %s", aws.ToString(task.TaskArn), aws.ToString(task.LastStatus))
		}
	}
	svc := s.service("web")
	if len(svc.Deployments) != 2 || aws.ToString(svc.Deployments[1].Id) != oldID || svc.RunningCount != 2 {
		t.Errorf("%d deployments with %d running tasks, want the failed and the old one with 2", len(svc.Deployments), svc.RunningCount)
	}
}

// TestBreakerWithRollback: a third deployment, with an id of its own, runs the
// first revision again.
func TestBreakerWithRollback(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	oldID, newID, oldDefinition, _ := s.failingUpdate(true)
	s.hasEvent("web", "(deployment "+newID+") deployment failed: tasks failed to start.")
	s.hasEvent("web", "rolling back to deployment "+oldID+".")
	var primary types.Deployment
	eventually(t, startLimit, "the rollback completes", func() (bool, string) {
		svc := s.service("web")
		primary = svc.Deployments[0]
		id := aws.ToString(primary.Id)
		return id != newID && id != oldID && len(svc.Deployments) == 1 && primary.RolloutState == types.DeploymentRolloutStateCompleted,
			fmt.Sprintf("%s %s of %d", id, primary.RolloutState, len(svc.Deployments))
	})
	if got := taskID(aws.ToString(primary.TaskDefinition)); got != oldDefinition {
		t.Errorf("the service runs %s, want %s", got, oldDefinition)
	}
}
