package compat

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// RunTasks runs tasks and stops them after the case.
func (t *T) RunTasks(in *ecs.RunTaskInput) []types.Task {
	out, err := t.ECS.RunTask(t.ctx, in)
	t.OK(err, "RunTask")
	t.Cleanup(func(ctx context.Context) {
		for _, task := range out.Tasks {
			_, _ = t.ECS.StopTask(ctx, &ecs.StopTaskInput{Cluster: in.Cluster, Task: task.TaskArn})
		}
	})
	t.EmptyList("failures", out.Failures)
	if len(out.Tasks) == 0 {
		t.Fatal("RunTask answered no task")
	}
	return out.Tasks
}

func (t *T) describeTask(cluster, task string) types.Task {
	out, err := t.ECS.DescribeTasks(t.ctx, &ecs.DescribeTasksInput{Cluster: aws.String(cluster), Tasks: []string{task}})
	t.OK(err, "DescribeTasks")
	if len(out.Tasks) != 1 || len(out.Tasks[0].Containers) == 0 {
		t.Fatal("DescribeTasks of %s answered %s, want one task with containers", task, show(out.Tasks))
	}
	return out.Tasks[0]
}

func (t *T) listTasks(in *ecs.ListTasksInput) []string {
	var arns []string
	pages := ecs.NewListTasksPaginator(t.ECS, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.ctx)
		t.OK(err, "ListTasks")
		if in.MaxResults != nil {
			t.True(len(page.TaskArns) <= int(*in.MaxResults), "a page has at most %d tasks", *in.MaxResults)
		}
		arns = append(arns, page.TaskArns...)
	}
	return arns
}

func taskARNs(tasks []types.Task) []string {
	arns := make([]string, len(tasks))
	for i, task := range tasks {
		arns[i] = aws.ToString(task.TaskArn)
	}
	return arns
}

func taskCases() []Case {
	return []Case{
		{
			Name: "task/run", Operations: []string{"RunTask"},
			Description: "the answer is the task as it begins",
			Source:      "AWS CLI examples, run-task; API reference, Task",
			Run:         taskRun,
		},
		{
			Name: "task/run-and-stop", Operations: []string{"RunTask", "DescribeTasks", "StopTask"}, Needs: []Feature{Tasks},
			Description: "a task reaches RUNNING, is stopped with a reason, and is described as STOPPED; the waiters end",
			Source:      "Developer Guide, task life cycle; API reference, StopTask",
			Timeout:     3 * time.Minute, Run: taskRunAndStop,
		},
		{
			Name: "task/exits", Operations: []string{"RunTask", "DescribeTasks"}, Needs: []Feature{Containers},
			Description: "a job that ends gives its exit code",
			Source:      "Developer Guide, stopped tasks error codes",
			Timeout:     3 * time.Minute, Run: taskExits,
		},
		{
			Name: "task/image-missing", Operations: []string{"DescribeTasks"}, Needs: []Feature{Containers},
			Description: "an image that cannot be pulled stops the task",
			Source:      "Developer Guide, CannotPullContainer task errors",
			Timeout:     4 * time.Minute, Run: taskImageMissing,
		},
		{
			Name: "task/out-of-memory", Operations: []string{"DescribeTasks"}, Needs: []Feature{Containers},
			Description: "a container that takes more memory than it may is killed, and its reason says so",
			Source:      "aws/amazon-ecs-agent, dockerapi/errors.go",
			Timeout:     3 * time.Minute, Run: taskOutOfMemory,
		},
		{
			Name: "task/client-token", Operations: []string{"RunTask"},
			Description: "the same request under one clientToken runs once, another one is a conflict",
			Source:      "API reference, RunTask.clientToken, ConflictException",
			Run:         taskClientToken,
		},
		{
			Name: "task/list", Operations: []string{"ListTasks"},
			Description: "tasks are listed by family, startedBy and desired status, over pages",
			Source:      "API reference, ListTasks",
			Timeout:     2 * time.Minute, Run: taskList,
		},
		{
			Name: "task/overrides", Operations: []string{"RunTask", "DescribeTasks"}, Needs: []Feature{Containers},
			Description: "an override's command and environment are what runs",
			Source:      "API reference, ContainerOverride",
			Timeout:     3 * time.Minute, Run: taskOverrides,
		},
		{
			Name: "task/run-errors", Operations: []string{"RunTask"},
			Description: "what RunTask refuses",
			Source:      "texts noted from AWS in issues of public repositories",
			Run:         taskRunErrors,
		},
		{
			Name: "task/describe-errors", Operations: []string{"DescribeTasks"},
			Description: "an unknown task is a failure in the answer, a malformed one an error",
			Source:      "Developer Guide, API failure reasons; texts noted from AWS",
			Run:         taskDescribeErrors,
		},
		{
			Name: "task/stop-errors", Operations: []string{"StopTask"},
			Description: "an unknown task cannot be stopped",
			Source:      "text noted from AWS in Apache Airflow's tests",
			Run: func(t *T) {
				cluster := t.Cluster("c")
				_, err := t.ECS.StopTask(t.ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: aws.String(strings.Repeat("0", 32))})
				t.Error(err, "StopTask", "InvalidParameterException", "The referenced task was not found.")
				_, err = t.ECS.StopTask(t.ctx, &ecs.StopTaskInput{Cluster: aws.String(t.Name("no")), Task: aws.String(strings.Repeat("0", 32))})
				t.Error(err, "StopTask in an unknown cluster", "ClusterNotFoundException", "Cluster not found.")
			},
		},
		{
			Name: "task/list-errors", Operations: []string{"ListTasks"},
			Description: "an unknown cluster or service is refused",
			Source:      "API reference, ListTasks",
			Run: func(t *T) {
				_, err := t.ECS.ListTasks(t.ctx, &ecs.ListTasksInput{Cluster: aws.String(t.Name("no"))})
				t.Error(err, "ListTasks in an unknown cluster", "ClusterNotFoundException", "Cluster not found.")
				_, err = t.ECS.ListTasks(t.ctx, &ecs.ListTasksInput{Cluster: aws.String(t.Cluster("c")), ServiceName: aws.String("no")})
				t.Error(err, "ListTasks of an unknown service", "ServiceNotFoundException", "Service not found.")
			},
		},
		{
			Name: "task/cluster-not-empty", Operations: []string{"DeleteCluster"},
			Description: "a cluster with a task cannot be deleted",
			Source:      "text noted from AWS",
			Run: func(t *T) {
				cluster, family := t.Cluster("busy"), t.Name("f")
				t.Register(family, t.container("sleeps"))
				t.RunTasks(&ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(family)})
				_, err := t.ECS.DeleteCluster(t.ctx, &ecs.DeleteClusterInput{Cluster: aws.String(cluster)})
				t.Error(err, "DeleteCluster", "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
			},
		},
	}
}

func taskRun(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	helper := t.container("sidecar")
	helper.Name, helper.Cpu = aws.String("helper"), 10
	td := t.Register(family, t.container("web"), helper)
	task := t.RunTasks(&ecs.RunTaskInput{
		Cluster: aws.String(cluster), TaskDefinition: aws.String(family), StartedBy: aws.String("compat"),
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}},
	})[0]

	id := lastPart(aws.ToString(task.TaskArn))
	t.True(strings.Contains(aws.ToString(task.TaskArn), ":task/"+cluster+"/") && len(id) == 32, "taskArn %s ends in task/%s/ and 32 digits", aws.ToString(task.TaskArn), cluster)
	t.Equal("taskDefinitionArn", task.TaskDefinitionArn, td.TaskDefinitionArn)
	t.True(strings.HasSuffix(aws.ToString(task.ClusterArn), ":cluster/"+cluster), "clusterArn is the cluster's")
	t.Equal("desiredStatus", task.DesiredStatus, "RUNNING")
	status := aws.ToString(task.LastStatus)
	t.True(status == "PROVISIONING" || status == "PENDING", "lastStatus %s is PROVISIONING or PENDING", status)
	t.Equal("group", task.Group, "family:"+family)
	t.Equal("startedBy", task.StartedBy, "compat")
	t.Equal("launchType", task.LaunchType, "EC2")
	t.Equal("cpu", task.Cpu, "10")
	t.Equal("memory", task.Memory, "64")
	t.Equal("enableExecuteCommand", task.EnableExecuteCommand, false)
	t.True(task.CreatedAt != nil, "createdAt is there")
	t.True(task.Version >= 1, "version is 1 or more")
	t.Equal("number of tags", len(task.Tags), 1)
	t.EmptyList("attachments", task.Attachments)
	if task.Overrides == nil || len(task.Overrides.ContainerOverrides) != 2 {
		t.fail("overrides name each container, got %s", show(task.Overrides))
	}
	t.Equal("number of containers", len(task.Containers), 2)
	for _, c := range task.Containers {
		t.Equal("lastStatus of a container", c.LastStatus, "PENDING")
		t.True(strings.Contains(aws.ToString(c.ContainerArn), ":container/"+cluster+"/"+id+"/"), "containerArn %s has cluster and task", aws.ToString(c.ContainerArn))
		t.True(c.ExitCode == nil && c.Reason == nil, "a container that has not ended has no exitCode and no reason")
	}
}

func taskRunAndStop(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	arns := taskARNs(t.RunTasks(&ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(family)}))
	t.tasksRunning(cluster, arns)

	task := t.describeTask(cluster, lastPart(arns[0]))
	t.Equal("lastStatus", task.LastStatus, "RUNNING")
	t.True(task.StartedAt != nil, "startedAt is there")
	t.Equal("container's lastStatus", task.Containers[0].LastStatus, "RUNNING")
	t.Equal("healthStatus without a check", task.HealthStatus, "UNKNOWN")
	t.Equal("runningTasksCount of the cluster", t.describeCluster(cluster).RunningTasksCount, 1)

	out, err := t.ECS.StopTask(t.ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: aws.String(arns[0]), Reason: aws.String("seen enough")})
	t.OK(err, "StopTask")
	t.Equal("desiredStatus in the answer", out.Task.DesiredStatus, "STOPPED")
	t.tasksStopped(cluster, arns)

	task = t.describeTask(cluster, arns[0])
	t.Equal("stopCode", task.StopCode, "UserInitiated")
	t.Equal("stoppedReason", task.StoppedReason, "seen enough")
	t.Equal("lastStatus", task.LastStatus, "STOPPED")
	t.True(task.StoppingAt != nil && task.StoppedAt != nil, "stoppingAt and stoppedAt are there")
	t.Equal("container's lastStatus", task.Containers[0].LastStatus, "STOPPED")
	again, err := t.ECS.StopTask(t.ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: aws.String(arns[0]), Reason: aws.String("again")})
	t.OK(err, "StopTask of a stopped task")
	t.Equal("stoppedReason after a second stop", again.Task.StoppedReason, "seen enough")
	t.Equal("stopped tasks listed", t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster), DesiredStatus: types.DesiredStatusStopped}), arns)
	t.Equal("running tasks listed", len(t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster)})), 0)
}

// ended runs one container and returns the stopped task.
func (t *T) ended(c types.ContainerDefinition, overrides *types.TaskOverride) types.Task {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, c)
	arns := taskARNs(t.RunTasks(&ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(family), Overrides: overrides}))
	t.tasksStopped(cluster, arns)
	return t.describeTask(cluster, arns[0])
}

func taskExits(t *T) {
	task := t.ended(t.container("exits", "3"), nil)
	t.Equal("stopCode", task.StopCode, "EssentialContainerExited")
	t.Equal("stoppedReason", task.StoppedReason, "Essential container in task exited")
	t.Equal("exitCode", task.Containers[0].ExitCode, 3)
	t.Equal("reason", task.Containers[0].Reason, nil)
	t.Equal("desiredStatus", task.DesiredStatus, "STOPPED")
	t.True(task.StartedAt != nil && task.StoppedAt != nil && !task.StoppedAt.Before(*task.StartedAt), "startedAt is not after stoppedAt")
	t.True(strings.HasPrefix(aws.ToString(task.Containers[0].ImageDigest), "sha256:"), "imageDigest %s is a digest", aws.ToString(task.Containers[0].ImageDigest))
	t.True(aws.ToString(task.Containers[0].RuntimeId) != "", "runtimeId is there")
}

func taskImageMissing(t *T) {
	c := t.container("web")
	c.Image = aws.String("localhost:1/no/such-image:1")
	task := t.ended(c, nil)
	t.Equal("stopCode", task.StopCode, "TaskFailedToStart")
	t.True(strings.Contains(aws.ToString(task.StoppedReason)+aws.ToString(task.Containers[0].Reason), "CannotPullContainerError"),
		"stoppedReason %q or the container's reason %q has CannotPullContainerError", aws.ToString(task.StoppedReason), aws.ToString(task.Containers[0].Reason))
	t.Equal("exitCode", task.Containers[0].ExitCode, nil)
	t.True(task.StartedAt == nil, "startedAt is absent")
}

func taskOutOfMemory(t *T) {
	task := t.ended(t.container("eats-memory"), nil)
	t.Equal("stopCode", task.StopCode, "EssentialContainerExited")
	t.Equal("exitCode", task.Containers[0].ExitCode, 137)
	t.Equal("reason", task.Containers[0].Reason, "OutOfMemoryError: Container killed due to memory usage")
}

func taskOverrides(t *T) {
	task := t.ended(t.container("exits", "3"), &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
		Name: aws.String("main"), Command: []string{"4"}, Environment: []types.KeyValuePair{{Name: aws.String("AFTER"), Value: aws.String("1s")}},
	}}})
	t.Equal("exitCode", task.Containers[0].ExitCode, 4)
	if task.Overrides == nil || len(task.Overrides.ContainerOverrides) != 1 {
		t.Fatal("overrides are %s, want the one given", show(task.Overrides))
	}
	t.Equal("overrides' command", task.Overrides.ContainerOverrides[0].Command, []string{"4"})
}

func taskClientToken(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	in := &ecs.RunTaskInput{
		Cluster: aws.String(cluster), TaskDefinition: aws.String(family), Count: aws.Int32(2), ClientToken: aws.String(t.Name("token")),
	}
	first, second := taskARNs(t.RunTasks(in)), taskARNs(t.RunTasks(in))
	t.True(len(first) == 2 && sameSet(first, second...), "the second call answers the tasks of the first: %v and %v", first, second)
	t.Equal("number of tasks in the cluster", len(t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster)})), 2)
	in.Count = aws.Int32(1)
	_, err := t.ECS.RunTask(t.ctx, in)
	t.Error(err, "RunTask with the token of another request", "ConflictException", anyText)
}

func taskList(t *T) {
	cluster, family, other := t.Cluster("c"), t.Name("f"), t.Name("f-other")
	t.Register(family, t.container("sleeps"))
	t.Register(other, t.container("sleeps"))
	three := taskARNs(t.RunTasks(&ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(family), Count: aws.Int32(3)}))
	one := taskARNs(t.RunTasks(&ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(other), StartedBy: aws.String("me")}))
	check := func(what string, in ecs.ListTasksInput, want []string) {
		in.Cluster = aws.String(cluster)
		got := t.listTasks(&in)
		t.True(sameSet(got, want...), "%s are %v, got %v", what, want, got)
	}
	check("all tasks", ecs.ListTasksInput{}, append(one, three...))
	check("all tasks in pages", ecs.ListTasksInput{MaxResults: aws.Int32(2)}, append(one, three...))
	check("tasks of a family", ecs.ListTasksInput{Family: aws.String(family)}, three)
	check("tasks started by me", ecs.ListTasksInput{StartedBy: aws.String("me")}, one)
	check("tasks of launch type FARGATE", ecs.ListTasksInput{LaunchType: types.LaunchTypeFargate}, nil)
	check("tasks with desired status PENDING", ecs.ListTasksInput{DesiredStatus: types.DesiredStatusPending}, nil)
	_, err := t.ECS.StopTask(t.ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: aws.String(one[0])})
	t.OK(err, "StopTask")
	check("tasks after a stop", ecs.ListTasksInput{}, three)
	check("stopped tasks", ecs.ListTasksInput{DesiredStatus: types.DesiredStatusStopped}, one)
}

func taskRunErrors(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	t.Register(family, t.container("sleeps"))
	t.deregister(family + ":1")
	awsvpc := t.Name("awsvpc")
	t.register(&ecs.RegisterTaskDefinitionInput{
		Family: aws.String(awsvpc), NetworkMode: types.NetworkModeAwsvpc, ContainerDefinitions: []types.ContainerDefinition{t.container("sleeps")},
	})
	const invalid = "InvalidParameterException"
	for _, c := range []struct {
		name   string
		change func(in *ecs.RunTaskInput)
		code   string
		text   string
	}{
		{"unknown cluster", func(in *ecs.RunTaskInput) { in.Cluster = aws.String(t.Name("no")) }, "ClusterNotFoundException", "Cluster not found."},
		{"unknown definition", func(in *ecs.RunTaskInput) { in.TaskDefinition = aws.String(t.Name("no")) }, "ClientException", "TaskDefinition not found."},
		{"inactive definition", func(in *ecs.RunTaskInput) { in.TaskDefinition = aws.String(family + ":1") }, invalid, "TaskDefinition is inactive"},
		{"count 11", func(in *ecs.RunTaskInput) { in.Count = aws.Int32(11) }, invalid, anyText},
		{"unknown container", func(in *ecs.RunTaskInput) {
			in.Overrides = &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{Name: aws.String("ghost")}}}
		}, invalid, "Override for container named ghost is not a container in the TaskDefinition."},
		{
			"awsvpc without a network", func(in *ecs.RunTaskInput) { in.TaskDefinition = aws.String(awsvpc) },
			invalid, "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
		},
		{"bridge with a network", func(in *ecs.RunTaskInput) {
			in.NetworkConfiguration = &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-0123456789abcdef0"}}}
		}, invalid, "Network Configuration is not valid for the given networkMode of this task definition."},
		{
			"Fargate for EC2's definition", func(in *ecs.RunTaskInput) { in.LaunchType = types.LaunchTypeFargate },
			invalid, "Task definition does not support launch_type FARGATE.",
		},
		{"unknown launch type", func(in *ecs.RunTaskInput) { in.LaunchType = "MOON" }, invalid, anyText},
	} {
		in := &ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(family)}
		c.change(in)
		_, err := t.ECS.RunTask(t.ctx, in)
		t.Error(err, "RunTask: "+c.name, c.code, c.text)
	}
	t.Equal("number of tasks after the refusals", len(t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster)})), 0)
}

func taskDescribeErrors(t *T) {
	cluster, id := t.Cluster("c"), strings.Repeat("0", 32)
	out, err := t.ECS.DescribeTasks(t.ctx, &ecs.DescribeTasksInput{Cluster: aws.String(cluster), Tasks: []string{id}})
	t.OK(err, "DescribeTasks of an unknown task")
	t.Equal("number of tasks", len(out.Tasks), 0)
	t.missing(out.Failures, ":task/"+cluster+"/"+id)
	for _, c := range []struct {
		cluster    string
		tasks      []string
		code, text string
	}{
		{t.Name("no"), []string{id}, "ClusterNotFoundException", "Cluster not found."},
		{cluster, []string{}, "InvalidParameterException", "Tasks cannot be empty."},
		{cluster, []string{"short"}, "InvalidParameterException", "taskId length should be one of [32,36]"},
	} {
		_, err := t.ECS.DescribeTasks(t.ctx, &ecs.DescribeTasksInput{Cluster: aws.String(c.cluster), Tasks: c.tasks})
		t.Error(err, "DescribeTasks of "+strings.Join(c.tasks, ","), c.code, c.text)
	}
}
