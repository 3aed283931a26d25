package compat

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// taskStateCases follow tasks through their lives.
func taskStateCases() []Case {
	const lifecycle = "Developer Guide, task life cycle and container health checks"
	return []Case{
		{
			Name: "task/healthy", Operations: []string{"DescribeTasks"}, Needs: []Feature{Containers},
			Description: "a health check that passes makes container and task HEALTHY",
			Source:      "API reference, HealthCheck", Timeout: 3 * time.Minute, Run: taskHealthy,
		},
		{
			Name: "task/unhealthy", Operations: []string{"DescribeTasks"}, Needs: []Feature{Containers},
			Description: "a health check that fails makes a standalone task UNHEALTHY, and leaves it running",
			Source:      "API reference, HealthCheck", Timeout: 3 * time.Minute, Run: taskUnhealthy,
		},
		{
			Name: "task/essential-container", Operations: []string{"DescribeTasks"}, Needs: []Feature{Containers},
			Description: "an essential container that ends, well or not, ends the others",
			Source:      "API reference, ContainerDefinition.essential", Timeout: 3 * time.Minute, Run: taskEssential,
		},
		{
			Name: "task/other-container", Operations: []string{"DescribeTasks"}, Needs: []Feature{Containers},
			Description: "a container that is not essential ends alone",
			Source:      "API reference, ContainerDefinition.essential", Timeout: 3 * time.Minute, Run: taskNotEssential,
		},
		{
			Name: "task/ignores-sigterm", Operations: []string{"StopTask"}, Needs: []Feature{Containers},
			Description: "a process that ignores SIGTERM is killed after its stopTimeout",
			Source:      "API reference, StopTask, ContainerDefinition.stopTimeout", Timeout: 3 * time.Minute, Run: taskIgnoresSigterm,
		},
		{
			Name: "task/depends-on", Operations: []string{"RunTask", "DescribeTasks"}, Needs: []Feature{Containers},
			Description: "a container waits for the success of another",
			Source:      "API reference, ContainerDependency", Timeout: 3 * time.Minute, Run: taskDependsOn,
		},
		{
			Name: "task/dependency-fails", Operations: []string{"DescribeTasks"}, Needs: []Feature{Containers},
			Description: "a container whose dependency does not succeed has code 143 and the agent's reason",
			Source:      "aws/amazon-ecs-agent, pull request 3218", Timeout: 3 * time.Minute, Run: taskDependencyFails,
		},
		{
			Name: "task/secret-missing", Operations: []string{"DescribeTasks"}, Needs: []Feature{Containers},
			Description: "a secret that is not there stops the task before it starts",
			Source:      "Developer Guide, stopped tasks error codes", Timeout: 4 * time.Minute, Run: taskSecretMissing,
		},
		{
			Name: "task/timestamps", Operations: []string{"DescribeTasks"}, Needs: []Feature{Containers},
			Description: "the times of a task are all there and in order",
			Source:      lifecycle, Timeout: 3 * time.Minute, Run: taskTimestamps,
		},
	}
}

func (t *T) run(containers ...types.ContainerDefinition) (cluster, arn string) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.register(&ecs.RegisterTaskDefinitionInput{
		Family: aws.String(family), ContainerDefinitions: containers, ExecutionRoleArn: aws.String("arn:aws:iam::123456789012:role/execution"),
	})
	return cluster, taskARNs(t.RunTasks(&ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(family)}))[0]
}

// helper is a container beside main that is not essential.
func helper(c types.ContainerDefinition, name string) types.ContainerDefinition {
	c.Name, c.Essential = aws.String(name), aws.Bool(false)
	return c
}

func containerOf(task types.Task, name string) types.Container {
	i := slices.IndexFunc(task.Containers, func(c types.Container) bool { return aws.ToString(c.Name) == name })
	if i < 0 {
		return types.Container{}
	}
	return task.Containers[i]
}

func (t *T) checked(flags ...string) types.ContainerDefinition {
	c := t.container("web")
	c.HealthCheck = &types.HealthCheck{
		Command: append([]string{"CMD", "/program"}, flags...), Interval: aws.Int32(5), Timeout: aws.Int32(2), Retries: aws.Int32(1),
	}
	return c
}

func taskHealthy(t *T) {
	cluster, arn := t.run(t.checked("-check"))
	t.tasksRunning(cluster, []string{arn})
	t.Eventually(time.Minute, "the task is HEALTHY", func() (bool, error) {
		return t.describeTask(cluster, arn).HealthStatus == types.HealthStatusHealthy, nil
	})
	t.Equal("container's healthStatus", t.describeTask(cluster, arn).Containers[0].HealthStatus, "HEALTHY")
}

func taskUnhealthy(t *T) {
	cluster, arn := t.run(t.checked("-no-such-flag"))
	t.tasksRunning(cluster, []string{arn})
	t.Eventually(time.Minute, "the task is UNHEALTHY", func() (bool, error) {
		return t.describeTask(cluster, arn).HealthStatus == types.HealthStatusUnhealthy, nil
	})
	task := t.describeTask(cluster, arn)
	t.Equal("container's healthStatus", task.Containers[0].HealthStatus, "UNHEALTHY")
	t.Equal("lastStatus", task.LastStatus, "RUNNING")
	t.Equal("desiredStatus", task.DesiredStatus, "RUNNING")
}

func taskEssential(t *T) {
	job := t.container("exits", "0")
	job.Environment = []types.KeyValuePair{{Name: aws.String("AFTER"), Value: aws.String("1s")}}
	cluster, arn := t.run(job, helper(t.container("sleeps"), "helper"))
	t.tasksStopped(cluster, []string{arn})
	task := t.describeTask(cluster, arn)
	t.Equal("stopCode", task.StopCode, "EssentialContainerExited")
	t.Equal("exitCode of the essential one", containerOf(task, "main").ExitCode, 0)
	t.Equal("exitCode of the other, which ends well at SIGTERM", containerOf(task, "helper").ExitCode, 0)
	t.Equal("lastStatus of the other", containerOf(task, "helper").LastStatus, "STOPPED")
}

func taskNotEssential(t *T) {
	cluster, arn := t.run(t.container("sleeps"), helper(t.container("exits", "5"), "job"))
	t.Eventually(time.Minute, "the job has ended", func() (bool, error) {
		return aws.ToString(containerOf(t.describeTask(cluster, arn), "job").LastStatus) == "STOPPED", nil
	})
	t.Equal("exitCode", containerOf(t.describeTask(cluster, arn), "job").ExitCode, 5)
	t.tasksRunning(cluster, []string{arn})
	t.Equal("lastStatus of the essential one", containerOf(t.describeTask(cluster, arn), "main").LastStatus, "RUNNING")
}

func taskIgnoresSigterm(t *T) {
	c := t.container("ignores-sigterm")
	c.StopTimeout = aws.Int32(2)
	cluster, arn := t.run(c)
	t.tasksRunning(cluster, []string{arn})
	_, err := t.ECS.StopTask(t.ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: aws.String(arn)})
	t.OK(err, "StopTask")
	t.tasksStopped(cluster, []string{arn})
	task := t.describeTask(cluster, arn)
	t.Equal("exitCode", task.Containers[0].ExitCode, 137)
	t.Equal("stopCode", task.StopCode, "UserInitiated")
	t.Equal("reason, for it is no error of the container", task.Containers[0].Reason, nil)
}

// runDependent runs a task whose container main waits for the success of first,
// which ends with the code.
func (t *T) runDependent(code string) (cluster, arn string) {
	main := t.container("sleeps")
	main.DependsOn = []types.ContainerDependency{{ContainerName: aws.String("first"), Condition: types.ContainerConditionSuccess}}
	return t.run(main, helper(t.container("exits", code), "first"))
}

func taskDependsOn(t *T) {
	cluster, arn := t.runDependent("0")
	t.tasksRunning(cluster, []string{arn})
	task := t.describeTask(cluster, arn)
	t.Equal("lastStatus of the first", containerOf(task, "first").LastStatus, "STOPPED")
	t.Equal("exitCode of the first", containerOf(task, "first").ExitCode, 0)
	t.Equal("lastStatus of the second", containerOf(task, "main").LastStatus, "RUNNING")
}

func taskDependencyFails(t *T) {
	cluster, arn := t.runDependent("4")
	t.tasksStopped(cluster, []string{arn})
	task := t.describeTask(cluster, arn)
	t.Equal("stopCode", task.StopCode, "TaskFailedToStart")
	t.True(task.StartedAt == nil, "startedAt is absent")
	t.Equal("exitCode of the first", containerOf(task, "first").ExitCode, 4)
	waiting := containerOf(task, "main")
	t.Equal("exitCode of the second", waiting.ExitCode, 143)
	reason := aws.ToString(waiting.Reason)
	t.True(strings.HasPrefix(reason, "CannotStartContainerError: ") && strings.HasSuffix(reason, "as dependency did not exit successfully."),
		"reason of the second is %q", reason)
}

func taskSecretMissing(t *T) {
	c := t.container("sleeps")
	c.Secrets = []types.Secret{{Name: aws.String("PASSWORD"), ValueFrom: aws.String(t.Name("no-such-parameter"))}}
	cluster, arn := t.run(c)
	t.tasksStopped(cluster, []string{arn})
	task := t.describeTask(cluster, arn)
	t.Equal("stopCode", task.StopCode, "TaskFailedToStart")
	t.True(strings.HasPrefix(aws.ToString(task.StoppedReason), "Fetching secret data from SSM Parameter Store in "),
		"stoppedReason %q is the agent's of EC2", aws.ToString(task.StoppedReason))
	t.Equal("reason of the container", task.Containers[0].Reason, nil)
	t.True(task.StartedAt == nil, "startedAt is absent")
	t.Equal("exitCode", task.Containers[0].ExitCode, nil)
}

func taskTimestamps(t *T) {
	job := t.container("exits", "0")
	job.Environment = []types.KeyValuePair{{Name: aws.String("AFTER"), Value: aws.String("1s")}}
	task := t.ended(job, nil)
	times := []struct {
		name string
		at   *time.Time
	}{
		{"createdAt", task.CreatedAt},
		{"pullStartedAt", task.PullStartedAt},
		{"pullStoppedAt", task.PullStoppedAt},
		{"startedAt", task.StartedAt},
		{"executionStoppedAt", task.ExecutionStoppedAt},
		{"stoppedAt", task.StoppedAt},
	}
	for i, now := range times {
		if now.at == nil {
			t.fail("%s is absent", now.name)
			continue
		}
		if i > 0 && times[i-1].at != nil {
			t.True(!now.at.Before(*times[i-1].at), "%s %s is not before %s %s", now.name, now.at, times[i-1].name, times[i-1].at)
		}
	}
	t.True(task.StoppingAt != nil, "stoppingAt is there")
}
