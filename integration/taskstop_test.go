package integration

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestUnhealthyStandaloneTaskRunsOn: nobody replaces it, so nobody stops it.
func TestUnhealthyStandaloneTaskRunsOn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.run(s.define(container("main", "sleeps", func(def *types.ContainerDefinition) {
		def.HealthCheck = &types.HealthCheck{Command: []string{"CMD", "/no-such-check"}, Interval: aws.Int32(5), Timeout: aws.Int32(2), Retries: aws.Int32(1)}
	})))
	var task types.Task
	eventually(t, startLimit, "the task is UNHEALTHY", func() (bool, string) {
		task = s.task(id)
		return task.HealthStatus == types.HealthStatusUnhealthy, string(task.HealthStatus)
	})
	if got := task.Containers[0].HealthStatus; got != types.HealthStatusUnhealthy {
		t.Errorf("the container is %s, want UNHEALTHY", got)
	}
	began := time.Now()
	eventually(t, startLimit, "five seconds more", func() (bool, string) {
		task = s.task(id)
		if aws.ToString(task.LastStatus) != "RUNNING" || aws.ToString(task.DesiredStatus) != "RUNNING" || task.StopCode != "" {
			t.Fatalf("the task is %s and wanted %s, stopCode %q; want it to run on",
				aws.ToString(task.LastStatus), aws.ToString(task.DesiredStatus), task.StopCode)
		}
		return time.Since(began) > 5*time.Second, "less"
	})
	_, err := s.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &s.cluster, Task: &id})
	s.ok(err, "StopTask")
	ending{
		code: types.TaskStopCodeUserInitiated, reason: "Task stopped by user",
		containers: map[string]containerEnding{"main": {exit: 0}},
	}.check(t, s.stopped(id))
}

// TestTaskWithoutNodeIsStopped: a task that waits for room is stopped at once.
func TestTaskWithoutNodeIsStopped(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	definition := s.defineEnding([]types.ContainerDefinition{container("main", "sleeps")}, true)
	id := s.run(definition, func(in *ecs.RunTaskInput) { // Fargate's largest: no machine for tests has as much
		in.LaunchType, in.NetworkConfiguration = types.LaunchTypeFargate, fargateNetwork()
		in.Overrides = &types.TaskOverride{Cpu: aws.String("16384"), Memory: aws.String("122880")}
	})
	if task := s.task(id); aws.ToString(task.LastStatus) != "PROVISIONING" || task.ContainerInstanceArn != nil {
		t.Errorf("the task is %s on %v, want PROVISIONING and nowhere", aws.ToString(task.LastStatus), task.ContainerInstanceArn)
	}
	out, err := s.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &s.cluster, Task: &id, Reason: aws.String("too large")})
	s.ok(err, "StopTask")
	if got := aws.ToString(out.Task.DesiredStatus); got != "STOPPED" {
		t.Errorf("StopTask answers desiredStatus %s", got)
	}
	task := s.stopped(id)
	ending{
		code: types.TaskStopCodeUserInitiated, reason: "too large", neverRan: true,
		containers: map[string]containerEnding{"main": {exit: noExit}},
	}.check(t, task)
	if task.PullStartedAt != nil || task.ConnectivityAt != nil {
		t.Errorf("pullStartedAt is %v, connectivityAt %v; the task was nowhere", task.PullStartedAt, task.ConnectivityAt)
	}
	s.liveCount(0)
}

// disturbances are what others than ECS's callers do to a running task.
var disturbances = []struct {
	name    string
	disturb func(s *scene, pod *corev1.Pod)
	// want is the end of a standalone task, and of a service's unless inService
	// is another.
	want      ending
	inService *ending
}{
	{
		name: "Evicted",
		disturb: func(s *scene, pod *corev1.Pod) {
			s.Helper()
			err := suite.kube.PolicyV1().Evictions(pod.Namespace).Evict(s.Context(), &policyv1.Eviction{
				ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
			})
			s.ok(err, "evict")
		},
		want: ending{
			code:       types.TaskStopCodeTerminationNotice,
			reason:     "Host EC2 (instance gantry) terminated.",
			containers: map[string]containerEnding{"main": {exit: 0}},
		},
		inService: &ending{
			code:       types.TaskStopCodeServiceSchedulerInitiated,
			reason:     "ECS is performing maintenance on the underlying infrastructure hosting the task",
			containers: map[string]containerEnding{"main": {exit: 0}},
		},
	},
	{
		name: "DeletedWithForce",
		disturb: func(s *scene, pod *corev1.Pod) {
			s.Helper()
			err := suite.kube.CoreV1().Pods(pod.Namespace).Delete(s.Context(), pod.Name, metav1.DeleteOptions{GracePeriodSeconds: aws.Int64(0)})
			s.ok(err, "delete with force")
		},
		want: ending{
			code: types.TaskStopCodeUserInitiated, reason: "Task stopped by user",
			containers: map[string]containerEnding{"main": {exit: anyExit}},
		},
	},
	{
		name:    "PauseProcessKilled",
		disturb: func(s *scene, pod *corev1.Pod) { s.Helper(); s.killPause(pod) },
		want: ending{
			code: types.TaskStopCodeEssentialContainerExited, reason: "Essential container in task exited",
			containers: map[string]containerEnding{"main": {exit: anyExit}},
		},
	},
}

// TestStandaloneTaskIsDisturbed: it ends as a rule says, and is not started again.
func TestStandaloneTaskIsDisturbed(t *testing.T) {
	t.Parallel()
	for _, tc := range disturbances {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			id := s.run(s.define(container("main", "sleeps")))
			s.running(id)
			pod := s.podOf(id)
			tc.disturb(s, &pod)
			tc.want.check(t, s.stopped(id))
			s.liveCount(0)
		})
	}
}

// TestServicesTaskIsDisturbed: it ends the same way, and another takes its place.
func TestServicesTaskIsDisturbed(t *testing.T) {
	t.Parallel()
	for _, tc := range disturbances {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			// Of three tasks one may be evicted: the limit is two.
			s.serve("web", s.define(container("main", "sleeps")), 3, func(in *ecs.CreateServiceInput) {
				in.DeploymentConfiguration = &types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(50), MaximumPercent: aws.Int32(200)}
			})
			s.stable("web")
			ids := s.list("web", types.DesiredStatusRunning)
			pod := s.podOf(ids[0])
			tc.disturb(s, &pod)
			task := s.stopped(ids[0])
			want := tc.want
			if tc.inService != nil {
				want = *tc.inService
			}
			want.check(t, task)
			if got := aws.ToString(task.Group); got != "service:web" {
				t.Errorf("group is %s", got)
			}
			fresh := slices.DeleteFunc(s.replaced("web", 3, ids[0]), func(id string) bool { return slices.Contains(ids, id) })
			if len(fresh) != 1 {
				t.Fatalf("the new tasks are %v, want one", fresh)
			}
			s.running(fresh[0])
			s.stable("web")
		})
	}
}

// killPause kills the process that holds a pod's namespaces: what is in the
// pod's cgroup and in none of its containers.
func (s *scene) killPause(pod *corev1.Pod) {
	s.Helper()
	var containers []string
	for _, status := range pod.Status.ContainerStatuses {
		_, id, _ := strings.Cut(status.ContainerID, "://")
		containers = append(containers, id)
	}
	uid := string(pod.UID)
	killed := 0
	processes, err := filepath.Glob("/proc/[0-9]*")
	s.ok(err, "list processes")
	for _, process := range processes {
		data, err := os.ReadFile(filepath.Join(process, "cgroup"))
		group := string(data)
		if err != nil || !strings.Contains(group, uid) ||
			slices.ContainsFunc(containers, func(id string) bool { return strings.Contains(group, id) }) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(process))
		s.ok(err, "read process id")
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			killed++
		}
	}
	if killed != 1 {
		s.Fatalf("%d processes hold the pod's namespaces, want one", killed)
	}
}
