package integration

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// daemonTasks are the ids of the daemon's tasks that are wanted.
func (s *scene) daemonTasks(desired types.DesiredStatus) []string {
	s.Helper()
	out, err := s.ecs.ListTasks(s.Context(), &ecs.ListTasksInput{Cluster: &s.cluster, DaemonName: aws.String("agent"), DesiredStatus: desired})
	s.ok(err, "ListTasks of the daemon")
	ids := make([]string, len(out.TaskArns))
	for i, arn := range out.TaskArns {
		ids[i] = taskID(arn)
	}
	return ids
}

// nextDaemonTask waits for a running task on the instance that is not the old one.
func (s *scene) nextDaemonTask(old string) types.Task {
	s.Helper()
	var task types.Task
	eventually(s.T, startLimit, "the daemon's next task runs", func() (bool, string) {
		ids := s.daemonTasks(types.DesiredStatusRunning)
		if len(ids) != 1 || ids[0] == old {
			return false, fmt.Sprintf("tasks %v", ids)
		}
		task = s.task(ids[0])
		return aws.ToString(task.LastStatus) == "RUNNING", aws.ToString(task.LastStatus)
	})
	return task
}

func (s *scene) daemonDefinition(program string, check *types.HealthCheck, args ...string) string {
	s.Helper()
	out, err := s.ecs.RegisterDaemonTaskDefinition(s.Context(), &ecs.RegisterDaemonTaskDefinitionInput{
		Family: aws.String(unique("agent")), ContainerDefinitions: []types.DaemonContainerDefinition{{
			Name: aws.String("main"), Image: aws.String("gantry.local/" + program + ":1"), Memory: aws.Int32(32), Command: args, HealthCheck: check,
		}},
	})
	s.ok(err, "RegisterDaemonTaskDefinition")
	return aws.ToString(out.DaemonTaskDefinitionArn)
}

// TestDaemon: one task on the node, replaced when it is stopped, when it ends and
// when the daemon is updated; each leaves a record that says why it stopped.
func TestDaemon(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	providers := []string{"arn:aws:ecs:us-east-1:000000000000:capacity-provider/managed"}
	created, err := s.ecs.CreateDaemon(t.Context(), &ecs.CreateDaemonInput{
		DaemonName: aws.String("agent"), ClusterArn: &s.cluster, CapacityProviderArns: providers,
		DaemonTaskDefinitionArn: aws.String(s.daemonDefinition("sleeps", nil)),
	})
	s.ok(err, "CreateDaemon")
	first := s.nextDaemonTask("")
	_, err = s.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &s.cluster, Task: first.TaskArn, Reason: aws.String("try")})
	s.ok(err, "StopTask")
	second := s.nextDaemonTask(taskID(*first.TaskArn))
	if task := s.stopped(taskID(*first.TaskArn)); task.StopCode != types.TaskStopCodeUserInitiated || aws.ToString(task.StoppedReason) != "try" {
		t.Errorf("the stopped task has %s %q, want UserInitiated and the reason given", task.StopCode, aws.ToString(task.StoppedReason))
	}

	// With a health check it is never healthy: a busy kubelet tells late that a
	// container has ended.
	exits := s.daemonDefinition("exits", &types.HealthCheck{Command: []string{"CMD", "/program", "-check"}, StartPeriod: aws.Int32(60)}, "7")
	updated, err := s.ecs.UpdateDaemon(t.Context(), &ecs.UpdateDaemonInput{
		DaemonArn: created.DaemonArn, DaemonTaskDefinitionArn: &exits, CapacityProviderArns: providers,
	})
	s.ok(err, "UpdateDaemon")
	replaced := s.stopped(taskID(*second.TaskArn))
	if replaced.StopCode != types.TaskStopCodeServiceSchedulerInitiated || !strings.HasPrefix(aws.ToString(replaced.StoppedReason), "Scaling activity") {
		t.Errorf("the replaced task has %s %q, want the scheduler's", replaced.StopCode, aws.ToString(replaced.StoppedReason))
	}
	eventually(t, startLimit, "a task that ends by itself is recorded so", func() (bool, string) {
		for _, id := range s.daemonTasks(types.DesiredStatusStopped) {
			task := s.task(id)
			if aws.ToString(task.TaskDefinitionArn) != exits || aws.ToString(task.LastStatus) != "STOPPED" {
				continue
			}
			code := aws.ToInt32(task.Containers[0].ExitCode)
			return task.StopCode == types.TaskStopCodeEssentialContainerExited && code == 7,
				fmt.Sprintf("%s %q, exit code %d", task.StopCode, aws.ToString(task.StoppedReason), code)
		}
		return false, "none yet"
	})
	s.daemonFails(updated.DeploymentArn)

	deleted, err := s.ecs.DeleteDaemon(t.Context(), &ecs.DeleteDaemonInput{DaemonArn: created.DaemonArn})
	s.ok(err, "DeleteDaemon")
	if deleted.Status != types.DaemonStatusDeleteInProgress {
		t.Errorf("the status is %s", deleted.Status)
	}
	eventually(t, startLimit, "the daemon is gone with its tasks", func() (bool, string) {
		_, err := s.ecs.DescribeDaemon(t.Context(), &ecs.DescribeDaemonInput{DaemonArn: created.DaemonArn})
		return err != nil && len(s.livePods()) == 0, fmt.Sprintf("%v, %d pods", err, len(s.livePods()))
	})
}

// daemonFails waits until a failure counts for the deployment, which goes on.
func (s *scene) daemonFails(deployment *string) {
	s.Helper()
	eventually(s.T, startLimit, "the deployment counts failures", func() (bool, string) {
		out, err := s.ecs.DescribeDaemonDeployments(s.Context(), &ecs.DescribeDaemonDeploymentsInput{DaemonDeploymentArns: []string{*deployment}})
		s.ok(err, "DescribeDaemonDeployments")
		d := out.DaemonDeployments[0]
		return d.CircuitBreaker.FailureCount > 0 && d.Status == types.DaemonDeploymentStatusInProgress,
			fmt.Sprintf("%s with %d failures", d.Status, d.CircuitBreaker.FailureCount)
	})
}
