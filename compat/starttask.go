package compat

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func startTaskCases() []Case {
	return []Case{
		{
			Name: "task/start", Operations: []string{"StartTask", "DescribeTasks", "ListTasks"}, Needs: []Feature{Tasks, Instances},
			Description: "a task runs on the container instance that is named, and is listed by it",
			Source:      "AWS CLI examples, start-task; API reference, StartTask",
			Timeout:     3 * time.Minute, Run: startTask,
		},
		{
			Name: "task/start-failures", Operations: []string{"StartTask"}, Needs: []Feature{Tasks, Instances},
			Description: "an unknown instance is a failure beside the tasks that were started, and so is one without room",
			Source:      "Developer Guide, API failure reasons",
			Timeout:     2 * time.Minute, Run: startTaskFailures,
		},
		{
			Name: "task/start-errors", Operations: []string{"StartTask"},
			Description: "what StartTask refuses",
			Source:      "API reference, StartTask; the form of the texts as in other calls",
			Run:         startTaskErrors,
		},
	}
}

// sleeping registers a task definition of one container that stays.
func (t *T) sleeping() string {
	family := t.Name("sleeps")
	t.Register(family, t.container("sleeps"))
	return family
}

// instance finds a container instance: one that has run a task.
func (t *T) instance(cluster, definition string) string {
	task := t.RunTasks(&ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(definition)})[0]
	t.tasksRunning(cluster, []string{*task.TaskArn})
	instance := t.describeTask(cluster, *task.TaskArn).ContainerInstanceArn
	if instance == nil {
		t.Fatal("a running task of launch type EC2 has no containerInstanceArn")
	}
	return *instance
}

func startTask(t *T) {
	cluster, definition := t.Cluster("c"), t.sleeping()
	instance := t.instance(cluster, definition)
	out, err := t.ECS.StartTask(t.ctx, &ecs.StartTaskInput{
		Cluster: aws.String(cluster), TaskDefinition: aws.String(definition), ContainerInstances: []string{instance},
		StartedBy: aws.String("compat"), Group: aws.String("mine"), EnableECSManagedTags: true,
		Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}},
	})
	t.OK(err, "StartTask")
	t.EmptyList("failures", out.Failures)
	if len(out.Tasks) != 1 {
		t.Fatal("StartTask answered %d tasks, want 1", len(out.Tasks))
	}
	task := out.Tasks[0]
	t.Cleanup(func(ctx context.Context) {
		_, _ = t.ECS.StopTask(ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: task.TaskArn})
	})
	t.Equal("launchType", task.LaunchType, "EC2")
	t.Equal("startedBy", task.StartedBy, "compat")
	t.Equal("group", task.Group, "mine")
	t.Equal("desiredStatus", task.DesiredStatus, "RUNNING")
	t.Equal("containerInstanceArn at once", task.ContainerInstanceArn, instance)
	t.Equal("number of tags", len(task.Tags), 2)
	t.tasksRunning(cluster, []string{*task.TaskArn})
	t.Equal("containerInstanceArn", t.describeTask(cluster, *task.TaskArn).ContainerInstanceArn, instance)
	listed := t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster), ContainerInstance: aws.String(instance)})
	t.True(slices.Contains(listed, *task.TaskArn), "ListTasks by the container instance has the task")
}

func startTaskFailures(t *T) {
	cluster, definition := t.Cluster("c"), t.sleeping()
	instance := t.instance(cluster, definition)
	unknown := strings.Repeat("0", 32)
	out, err := t.ECS.StartTask(t.ctx, &ecs.StartTaskInput{
		Cluster: aws.String(cluster), TaskDefinition: aws.String(definition), ContainerInstances: []string{unknown, instance},
	})
	t.OK(err, "StartTask")
	t.Cleanup(func(ctx context.Context) {
		for _, task := range out.Tasks {
			_, _ = t.ECS.StopTask(ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: task.TaskArn})
		}
	})
	t.Equal("number of tasks", len(out.Tasks), 1)
	if len(out.Failures) != 1 {
		t.Fatal("failures are %s, want one", show(out.Failures))
	}
	t.Equal("reason", out.Failures[0].Reason, "MISSING")
	t.True(strings.HasSuffix(aws.ToString(out.Failures[0].Arn), ":container-instance/"+cluster+"/"+unknown),
		"the failure names the instance: %s", aws.ToString(out.Failures[0].Arn))

	none, err := t.ECS.StartTask(t.ctx, &ecs.StartTaskInput{
		Cluster: aws.String(cluster), TaskDefinition: aws.String(definition), ContainerInstances: []string{instance},
		Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
			Name: aws.String("main"), Memory: aws.Int32(1 << 30), MemoryReservation: aws.Int32(1 << 30),
		}}},
	})
	t.OK(err, "StartTask of a task that fits nowhere")
	t.Equal("number of tasks that fit nowhere", len(none.Tasks), 0)
	if len(none.Failures) != 1 {
		t.Fatal("failures are %s, want one", show(none.Failures))
	}
	t.Equal("reason", none.Failures[0].Reason, "RESOURCE:MEMORY")
	t.Equal("arn", none.Failures[0].Arn, instance)
}

func startTaskErrors(t *T) {
	cluster, definition := t.Cluster("c"), t.sleeping()
	start := func(change func(*ecs.StartTaskInput)) error {
		in := &ecs.StartTaskInput{
			Cluster: aws.String(cluster), TaskDefinition: aws.String(definition), ContainerInstances: []string{strings.Repeat("0", 32)},
		}
		change(in)
		_, err := t.ECS.StartTask(t.ctx, in)
		return err
	}
	t.Error(start(func(in *ecs.StartTaskInput) { in.ContainerInstances = []string{} }),
		"StartTask on none", "ClientException", "Container Instances cannot be empty.")
	t.Error(start(func(in *ecs.StartTaskInput) { in.ContainerInstances = slices.Repeat(in.ContainerInstances, 11) }),
		"StartTask on 11", "InvalidParameterException", anyText)
	t.Error(start(func(in *ecs.StartTaskInput) { in.ContainerInstances = []string{"short"} }),
		"StartTask on a malformed id", "InvalidParameterException", "instanceId length should be one of [32,36]")
	t.Error(start(func(in *ecs.StartTaskInput) { in.StartedBy = aws.String(strings.Repeat("s", 37)) }),
		"StartTask with a long startedBy", "InvalidParameterException", anyText)
	t.Error(start(func(in *ecs.StartTaskInput) { in.PropagateTags = types.PropagateTagsService }),
		"StartTask with tags of a service", "InvalidParameterException", anyText)
	t.Error(start(func(in *ecs.StartTaskInput) { in.TaskDefinition = aws.String(t.Name("none")) }),
		"StartTask of no task definition", "ClientException", "TaskDefinition not found.")
	t.Error(start(func(in *ecs.StartTaskInput) { in.Cluster = aws.String(t.Name("none")) }),
		"StartTask in no cluster", "ClusterNotFoundException", "Cluster not found.")
}
