package compat

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func taskProtectionCases() []Case {
	return []Case{
		{
			Name: "taskprotection/set", Operations: []string{"UpdateTaskProtection", "GetTaskProtection"}, Needs: []Feature{Tasks},
			Description: "a service's task is protected for two hours or as long as asked for, and no longer when taken back",
			Source:      "API reference, UpdateTaskProtection; AWS CLI examples, update-task-protection",
			Timeout:     3 * time.Minute, Run: taskProtectionSet,
		},
		{
			Name: "taskprotection/blocked", Operations: []string{"UpdateTaskProtection"}, Needs: []Feature{Tasks},
			Description: "with more protected tasks than are desired none is protected, another or for longer",
			Source:      "Developer Guide, task scale-in protection, DEPLOYMENT_BLOCKED",
			Timeout:     3 * time.Minute, Run: taskProtectionBlocked,
		},
		{
			Name: "taskprotection/failures", Operations: []string{"UpdateTaskProtection", "GetTaskProtection"},
			Description: "a task of no service is not valid, an unknown one is missing",
			Source:      "Developer Guide, task scale-in protection",
			Run:         taskProtectionFailures,
		},
		{
			Name: "taskprotection/errors", Operations: []string{"UpdateTaskProtection", "GetTaskProtection"},
			Description: "what the calls refuse",
			Source:      "API reference, UpdateTaskProtection, GetTaskProtection",
			Run:         taskProtectionErrors,
		},
	}
}

func (t *T) protect(cluster string, tasks []string, enabled bool, minutes *int32) *ecs.UpdateTaskProtectionOutput {
	out, err := t.ECS.UpdateTaskProtection(t.ctx, &ecs.UpdateTaskProtectionInput{
		Cluster: aws.String(cluster), Tasks: tasks, ProtectionEnabled: enabled, ExpiresInMinutes: minutes,
	})
	t.OK(err, "UpdateTaskProtection")
	return out
}

func (t *T) protection(cluster string, tasks ...string) []types.ProtectedTask {
	out, err := t.ECS.GetTaskProtection(t.ctx, &ecs.GetTaskProtectionInput{Cluster: aws.String(cluster), Tasks: tasks})
	t.OK(err, "GetTaskProtection")
	return out.ProtectedTasks
}

// protectedFor checks one task's protection and how long it lasts; none where that is 0.
func (t *T) protectedFor(what string, tasks []types.ProtectedTask, task string, period time.Duration) {
	i := slices.IndexFunc(tasks, func(p types.ProtectedTask) bool { return aws.ToString(p.TaskArn) == task })
	if i < 0 {
		t.Fatal("%s: %s has no task %s", what, show(tasks), task)
	}
	got := tasks[i]
	t.Equal(what+": protectionEnabled", got.ProtectionEnabled, period > 0)
	if period == 0 {
		t.True(got.ExpirationDate == nil, "%s: no expirationDate", what)
		return
	}
	left := time.Until(aws.ToTime(got.ExpirationDate))
	t.True(left > period-time.Minute && left <= period+time.Minute, "%s: expires in %s, which is about %s", what, left, period)
}

// tasksOfService makes a service of so many tasks, and waits until they run.
func (t *T) tasksOfService(count int32) (cluster, service string, tasks []string) {
	cluster, service = t.Cluster("c"), t.Name("s")
	t.Service(cluster, service, t.sleeping(), count)
	t.servicesStable(cluster, service)
	tasks = t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String(service)})
	if len(tasks) != int(count) {
		t.Fatal("the service has %d tasks, want %d", len(tasks), count)
	}
	return cluster, service, tasks
}

func taskProtectionSet(t *T) {
	cluster, _, tasks := t.tasksOfService(2)
	t.protectedFor("before", t.protection(cluster, tasks...), tasks[0], 0)
	t.protectedFor("answer", t.protect(cluster, tasks[:1], true, nil).ProtectedTasks, tasks[0], 2*time.Hour)
	t.protectedFor("default", t.protection(cluster, tasks[0]), tasks[0], 2*time.Hour)
	t.protectedFor("the other", t.protection(cluster, tasks...), tasks[1], 0)
	t.protectedFor("of all tasks", t.protection(cluster), tasks[0], 2*time.Hour)
	t.protect(cluster, tasks[:1], true, aws.Int32(30))
	t.protectedFor("set again", t.protection(cluster, tasks[0]), tasks[0], 30*time.Minute)
	t.protectedFor("answer to taking it back", t.protect(cluster, tasks[:1], false, nil).ProtectedTasks, tasks[0], 0)
	t.protectedFor("taken back", t.protection(cluster, tasks[0]), tasks[0], 0)

	stopped, err := t.ECS.StopTask(t.ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: aws.String(tasks[1])})
	t.OK(err, "StopTask")
	out := t.protect(cluster, tasks[1:], true, nil)
	t.EmptyList("protectedTasks of a task that is stopped", out.ProtectedTasks)
	if len(out.Failures) != 1 {
		t.Fatal("failures are %s, want one", show(out.Failures))
	}
	t.Equal("reason", out.Failures[0].Reason, "TASK_NOT_VALID")
	t.Equal("arn", out.Failures[0].Arn, stopped.Task.TaskArn)
}

func taskProtectionBlocked(t *T) {
	cluster, service, tasks := t.tasksOfService(3)
	t.EmptyList("failures of protecting as many as are desired", t.protect(cluster, tasks, true, nil).Failures)
	t.updateService(&ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(service), DesiredCount: aws.Int32(1)})
	longer := t.protect(cluster, tasks[:1], true, aws.Int32(600))
	t.EmptyList("protectedTasks", longer.ProtectedTasks)
	if len(longer.Failures) != 1 {
		t.Fatal("failures are %s, want one", show(longer.Failures))
	}
	t.Equal("reason", longer.Failures[0].Reason, "DEPLOYMENT_BLOCKED")
	t.EmptyList("failures of taking it back", t.protect(cluster, tasks, false, nil).Failures)
}

func taskProtectionFailures(t *T) {
	cluster, definition := t.Cluster("c"), t.sleeping()
	alone := *t.RunTasks(&ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(definition)})[0].TaskArn
	unknown := strings.Repeat("0", 32)
	reasons := func(failures []types.Failure) map[string]string {
		byTask := map[string]string{}
		for _, f := range failures {
			byTask[aws.ToString(f.Arn)] = aws.ToString(f.Reason)
		}
		return byTask
	}
	missing := alone[:strings.LastIndexByte(alone, '/')+1] + unknown
	want := map[string]string{alone: "TASK_NOT_VALID", missing: "MISSING"}
	out := t.protect(cluster, []string{alone, unknown}, true, nil)
	t.EmptyList("protectedTasks", out.ProtectedTasks)
	t.Equal("failures of UpdateTaskProtection", reasons(out.Failures), want)
	got, err := t.ECS.GetTaskProtection(t.ctx, &ecs.GetTaskProtectionInput{Cluster: aws.String(cluster), Tasks: []string{alone, unknown}})
	t.OK(err, "GetTaskProtection")
	t.EmptyList("protectedTasks", got.ProtectedTasks)
	t.Equal("failures of GetTaskProtection", reasons(got.Failures), want)
	t.EmptyList("tasks of services", t.protection(cluster))
}

func taskProtectionErrors(t *T) {
	cluster, id := t.Cluster("c"), strings.Repeat("0", 32)
	update := func(cluster string, tasks []string, minutes *int32) error {
		_, err := t.ECS.UpdateTaskProtection(t.ctx, &ecs.UpdateTaskProtectionInput{
			Cluster: aws.String(cluster), Tasks: tasks, ProtectionEnabled: true, ExpiresInMinutes: minutes,
		})
		return err
	}
	t.Error(update(cluster, []string{}, nil), "UpdateTaskProtection of none", "InvalidParameterException", anyText)
	t.Error(update(cluster, slices.Repeat([]string{id}, 11), nil), "UpdateTaskProtection of 11", "InvalidParameterException", anyText)
	t.Error(update(cluster, []string{id}, aws.Int32(0)), "UpdateTaskProtection for no time", "InvalidParameterException", anyText)
	t.Error(update(cluster, []string{id}, aws.Int32(2881)), "UpdateTaskProtection for too long", "InvalidParameterException", anyText)
	t.Error(update(cluster, []string{"short"}, nil), "UpdateTaskProtection of a malformed id", "InvalidParameterException",
		"taskId length should be one of [32,36]")
	t.Error(update(t.Name("none"), []string{id}, nil), "UpdateTaskProtection in no cluster", "ClusterNotFoundException", "Cluster not found.")
	_, err := t.ECS.GetTaskProtection(t.ctx, &ecs.GetTaskProtectionInput{Cluster: aws.String(cluster), Tasks: slices.Repeat([]string{id}, 101)})
	t.Error(err, "GetTaskProtection of 101", "InvalidParameterException", anyText)
}
