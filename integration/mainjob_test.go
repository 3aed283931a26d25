package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What the AWS CLI prints, as far as it is looked at: times are strings there.
type (
	cliService struct {
		Status       string
		DesiredCount int
		RunningCount int
		PendingCount int
		Deployments  []struct {
			ID, Status, RolloutState, RolloutStateReason string
			DesiredCount, RunningCount, FailedTasks      int
		}
		Events []struct{ Message string }
	}
	cliTask struct {
		TaskArn, LastStatus, DesiredStatus, StopCode, StoppedReason string
		Group, StartedBy, HealthStatus                              string
		Containers                                                  []struct {
			Name, LastStatus, HealthStatus, Reason string
			ExitCode                               *int
		}
	}
	cliTasks struct {
		Tasks    []cliTask
		Failures []struct{ Arn, Reason string }
	}
)

// file writes a document for the CLI to read.
func file(t *testing.T, document string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "document.json")
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

const sampleDefinition = `{
  "family": %q,
  "containerDefinitions": [
    {"name": "web", "image": "gantry.local/web:1", "essential": true, "cpu": 64, "memory": 64, "stopTimeout": 30,
     "portMappings": [{"containerPort": 8080}],
     "healthCheck": {"command": ["CMD", "/program", "-check"], "interval": 5, "timeout": 5, "retries": 6}},
    {"name": "sidecar", "image": "gantry.local/sidecar:1", "essential": true, "cpu": 32, "memory": 32, "stopTimeout": 30}
  ]
}`

const jobDefinition = `{
  "family": %q,
  "containerDefinitions": [{"name": "main", "image": "gantry.local/%s:1", "command": ["3"], "essential": true, "cpu": 32, "memory": 32, "stopTimeout": 30}]
}`

// TestMainJobByCLI: from nothing to a service, a job and back, with the AWS CLI
// and its own waiters.
func TestMainJobByCLI(t *testing.T) {
	t.Parallel()
	g := suite.gantry
	s := &scene{T: t, gantry: g, ecs: g.ecs(), cluster: unique("it")}
	var made struct {
		Cluster struct{ ClusterArn, Status string }
	}
	g.cli(t, &made, "ecs", "create-cluster", "--cluster-name", s.cluster)
	t.Cleanup(s.cleanUp)
	if made.Cluster.Status != "ACTIVE" || !strings.HasSuffix(made.Cluster.ClusterArn, ":cluster/"+s.cluster) {
		t.Errorf("create-cluster answers %+v", made.Cluster)
	}
	web, job, sleeper := unique("web"), unique("job"), unique("sleeper")
	for family, document := range map[string]string{
		web: fmt.Sprintf(sampleDefinition, web), job: fmt.Sprintf(jobDefinition, job, "exits"), sleeper: fmt.Sprintf(jobDefinition, sleeper, "sleeps"),
	} {
		var registered struct {
			TaskDefinition struct {
				Revision int
				Status   string
			}
		}
		g.cli(t, &registered, "ecs", "register-task-definition", "--cli-input-json", file(t, document))
		if registered.TaskDefinition.Revision != 1 || registered.TaskDefinition.Status != "ACTIVE" {
			t.Errorf("register-task-definition of %s answers %+v", family, registered)
		}
	}
	var created struct{ Service cliService }
	g.cli(t, &created, "ecs", "create-service", "--cluster", s.cluster, "--service-name", "web", "--task-definition", web, "--desired-count", "2")
	if got := created.Service; got.Status != "ACTIVE" || got.DesiredCount != 2 || len(got.Deployments) != 1 || got.Deployments[0].RolloutState != "IN_PROGRESS" {
		t.Errorf("create-service answers %+v", got)
	}
	g.cli(t, nil, "ecs", "wait", "services-stable", "--cluster", s.cluster, "--services", "web")
	s.sampleIsStable(created.Service.Deployments[0].ID)
	s.jobExits(job)
	s.sleeperIsStopped(sleeper)
	s.serviceIsDeleted()
}

// sampleIsStable: two tasks that run, reach each other's containers, and events
// that say so.
func (s *scene) sampleIsStable(deployment string) {
	s.Helper()
	t, g := s.T, s.gantry
	var described struct{ Services []cliService }
	eventually(t, startLimit, "the rollout completes", func() (bool, string) {
		g.cli(t, &described, "ecs", "describe-services", "--cluster", s.cluster, "--services", "web")
		return described.Services[0].Deployments[0].RolloutState == "COMPLETED", show(described)
	})
	svc := described.Services[0]
	if svc.RunningCount != 2 || svc.PendingCount != 0 || len(svc.Deployments) != 1 {
		t.Errorf("describe-services answers %+v, want two running tasks of one deployment", svc)
	}
	if d := svc.Deployments[0]; d.ID != deployment || d.Status != "PRIMARY" || d.RolloutStateReason != "ECS deployment "+deployment+" completed." || d.RunningCount != 2 {
		t.Errorf("the deployment is %+v, want %s completed with two tasks", d, deployment)
	}
	var listed struct{ TaskArns []string }
	g.cli(t, &listed, "ecs", "list-tasks", "--cluster", s.cluster, "--service-name", "web")
	if len(listed.TaskArns) != 2 {
		t.Fatalf("list-tasks answers %v, want two", listed.TaskArns)
	}
	ids := []string{taskID(listed.TaskArns[0]), taskID(listed.TaskArns[1])}
	slices.Sort(ids)
	var messages []string
	for _, event := range svc.Events {
		messages = append(messages, event.Message)
	}
	wanted := []string{ // newest first
		"(service web) has reached a steady state.",
		"(service web) (deployment " + deployment + ") deployment completed.",
		"(service web) has started 2 tasks: (task " + ids[0] + ") (task " + ids[1] + ").",
	}
	if !slices.Equal(messages, wanted) {
		t.Errorf("events are\n%s\nwant\n%s", strings.Join(messages, "\n"), strings.Join(wanted, "\n"))
	}
	var tasks cliTasks
	g.cli(t, &tasks, append([]string{"ecs", "describe-tasks", "--cluster", s.cluster, "--tasks"}, ids...)...)
	for _, task := range tasks.Tasks {
		if task.LastStatus != "RUNNING" || task.StartedBy != deployment || task.Group != "service:web" {
			t.Errorf("task %s is %s, startedBy %s, group %s", task.TaskArn, task.LastStatus, task.StartedBy, task.Group)
		}
		for _, c := range task.Containers {
			if want := map[string]string{"web": "HEALTHY", "sidecar": "UNKNOWN"}[c.Name]; c.LastStatus != "RUNNING" || c.HealthStatus != want {
				t.Errorf("container %s is %s and %s, want RUNNING and %s", c.Name, c.LastStatus, c.HealthStatus, want)
			}
		}
		if got := s.get(s.podOf(taskID(task.TaskArn)).Status.PodIP, "/peer"); got != "greetings from the sidecar" {
			t.Errorf("over localhost the web server hears %q from its sidecar", got)
		}
	}
	s.liveCount(2)
}

// jobExits: a job's exit code is there once the waiter has ended.
func (s *scene) jobExits(definition string) {
	s.Helper()
	t, g := s.T, s.gantry
	var ran cliTasks
	g.cli(t, &ran, "ecs", "run-task", "--cluster", s.cluster, "--task-definition", definition, "--started-by", "nightly")
	if len(ran.Tasks) != 1 || ran.Tasks[0].DesiredStatus != "RUNNING" || len(ran.Failures) > 0 {
		t.Fatalf("run-task answers %+v", ran)
	}
	id := taskID(ran.Tasks[0].TaskArn)
	g.cli(t, nil, "ecs", "wait", "tasks-stopped", "--cluster", s.cluster, "--tasks", id)
	var ended cliTasks
	g.cli(t, &ended, "ecs", "describe-tasks", "--cluster", s.cluster, "--tasks", id)
	task := ended.Tasks[0]
	if task.StopCode != "EssentialContainerExited" || task.StoppedReason != "Essential container in task exited" || task.StartedBy != "nightly" {
		t.Errorf("the job stopped with %s %q, startedBy %s", task.StopCode, task.StoppedReason, task.StartedBy)
	}
	if c := task.Containers[0]; c.ExitCode == nil || *c.ExitCode != 3 || c.Reason != "" {
		code, _ := json.Marshal(c)
		t.Errorf("the job's container is %s, want exit code 3 and no reason", code)
	}
}

// sleeperIsStopped: a task that runs until it is told to stop.
func (s *scene) sleeperIsStopped(definition string) {
	s.Helper()
	t, g := s.T, s.gantry
	var ran, ended cliTasks
	g.cli(t, &ran, "ecs", "run-task", "--cluster", s.cluster, "--task-definition", definition)
	id := taskID(ran.Tasks[0].TaskArn)
	g.cli(t, nil, "ecs", "wait", "tasks-running", "--cluster", s.cluster, "--tasks", id)
	g.cli(t, nil, "ecs", "stop-task", "--cluster", s.cluster, "--task", id, "--reason", "the day is over")
	g.cli(t, nil, "ecs", "wait", "tasks-stopped", "--cluster", s.cluster, "--tasks", id)
	g.cli(t, &ended, "ecs", "describe-tasks", "--cluster", s.cluster, "--tasks", id)
	task := ended.Tasks[0]
	if task.StopCode != "UserInitiated" || task.StoppedReason != "the day is over" || task.Containers[0].ExitCode == nil || *task.Containers[0].ExitCode != 0 {
		t.Errorf("the task stopped with %s %q, container %+v; want UserInitiated, the reason given and exit code 0", task.StopCode, task.StoppedReason, task.Containers[0])
	}
}

// serviceIsDeleted: to zero, deleted, INACTIVE, and no pod is left.
func (s *scene) serviceIsDeleted() {
	s.Helper()
	t, g := s.T, s.gantry
	g.cli(t, nil, "ecs", "update-service", "--cluster", s.cluster, "--service", "web", "--desired-count", "0")
	var deleted struct{ Service cliService }
	g.cli(t, &deleted, "ecs", "delete-service", "--cluster", s.cluster, "--service", "web")
	if deleted.Service.Status != "DRAINING" {
		t.Errorf("delete-service answers status %s, want DRAINING", deleted.Service.Status)
	}
	g.cli(t, nil, "ecs", "wait", "services-inactive", "--cluster", s.cluster, "--services", "web")
	var described struct{ Services []cliService }
	g.cli(t, &described, "ecs", "describe-services", "--cluster", s.cluster, "--services", "web")
	if got := described.Services[0]; got.Status != "INACTIVE" || got.RunningCount != 0 || got.DesiredCount != 0 {
		t.Errorf("the deleted service is %+v", got)
	}
	s.liveCount(0)
}
