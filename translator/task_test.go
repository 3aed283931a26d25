package translator

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func annotate(key, value string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Annotations[key] = value }
}

func held(pod *corev1.Pod) { pod.Finalizers = []string{v1alpha1.TaskFinalizer} }

const awsvpcTask = `{"launchType":"FARGATE","attachments":[{"type":"ElasticNetworkInterface","details":[{"name":"subnetId","value":"subnet-1"}]}],"containers":[{"name":"app"},{"name":"helper"}]}`

func taskOf(t *testing.T, pod *corev1.Pod, after time.Duration) types.Task {
	t.Helper()
	return TaskFromPod(pod, nil, born.Add(after))
}

func TestLastStatus(t *testing.T) {
	stopped := annotate(v1alpha1.StopCodeAnnotation, "UserInitiated")
	for name, test := range map[string]struct {
		pod           *corev1.Pod
		last, desired string
		version       int64
	}{
		"bridge without a node":               {taskPod(unplacedFor("")), "PENDING", "RUNNING", 1},
		"awsvpc without a node":               {taskPod(unplacedFor(""), annotate(v1alpha1.TaskAnnotation, awsvpcTask)), "PROVISIONING", "RUNNING", 1},
		"starting":                            {taskPod(waiting("ContainerCreating", "")), "PENDING", "RUNNING", 1},
		"running":                             {taskPod(), "RUNNING", "RUNNING", 2},
		"a helper has ended":                  {taskPod(terminated(1, "Completed", 0, "")), "RUNNING", "RUNNING", 2},
		"waits to be started again":           {taskPod(restarted(time.Minute), betweenRuns), "RUNNING", "RUNNING", 2},
		"being stopped":                       {taskPod(stopped), "STOPPING", "STOPPED", 4},
		"being deleted":                       {taskPod(deleted), "STOPPING", "STOPPED", 3},
		"ended by itself":                     {taskPod(phase(corev1.PodFailed, "", ""), terminated(0, "Error", 3, ""), terminated(1, "Error", 143, "")), "STOPPED", "STOPPED", 4},
		"the phase says so, a container not":  {taskPod(stopped, phase(corev1.PodFailed, "", ""), terminated(0, "Error", 137, "")), "STOPPING", "STOPPED", 4},
		"deleted and ended":                   {taskPod(deleted, terminated(0, "Error", 3, ""), terminated(1, "Error", 143, "")), "STOPPED", "STOPPED", 4},
		"deleted and ended, not recorded yet": {taskPod(deleted, held, terminated(0, "Error", 3, ""), terminated(1, "Error", 143, "")), "STOPPING", "STOPPED", 3},
		"never started":                       {taskPod(stopped, waiting("ErrImagePull", ""), phase(corev1.PodFailed, "", ""), terminated(1, "ContainerStatusUnknown", 137, "")), "STOPPED", "STOPPED", 4},
	} {
		t.Run(name, func(t *testing.T) {
			task := taskOf(t, test.pod, time.Minute)
			if got := aws.ToString(task.LastStatus); got != test.last {
				t.Errorf("lastStatus %s, want %s", got, test.last)
			}
			if got := aws.ToString(task.DesiredStatus); got != test.desired {
				t.Errorf("desiredStatus %s, want %s", got, test.desired)
			}
			if task.Version != test.version {
				t.Errorf("version %d, want %d", task.Version, test.version)
			}
		})
	}
}

func TestTimesAreInOrder(t *testing.T) {
	pod := taskPod(annotate(v1alpha1.StopCodeAnnotation, "UserInitiated"),
		annotate(v1alpha1.StoppingAtAnnotation, FormatTime(born.Add(19*time.Second+500*time.Millisecond))),
		annotate(v1alpha1.CreatedAtAnnotation, FormatTime(born.Add(700*time.Millisecond))), // the pod's own time has no milliseconds
		phase(corev1.PodFailed, "", ""), terminated(0, "Error", 143, ""), terminated(1, "Error", 143, ""))
	task := taskOf(t, pod, time.Minute)
	last := born
	for _, step := range []struct {
		name string
		at   *time.Time
	}{
		{"createdAt", task.CreatedAt},
		{"connectivityAt", task.ConnectivityAt},
		{"pullStartedAt", task.PullStartedAt},
		{"pullStoppedAt", task.PullStoppedAt},
		{"startedAt", task.StartedAt},
		{"stoppingAt", task.StoppingAt},
		{"executionStoppedAt", task.ExecutionStoppedAt},
		{"stoppedAt", task.StoppedAt},
	} {
		if step.at == nil {
			t.Errorf("%s is absent", step.name)
			continue
		}
		if step.at.Before(last) {
			t.Errorf("%s is %s, before the one before it, %s", step.name, step.at, last)
		}
		last = *step.at
	}
	if want := born.Add(700 * time.Millisecond); !task.CreatedAt.Equal(want) {
		t.Errorf("createdAt %s, want %s", task.CreatedAt, want)
	}
}

func TestTimesOfATaskThatNeverStarted(t *testing.T) {
	task := taskOf(t, taskPod(annotate(v1alpha1.StopCodeAnnotation, "TaskFailedToStart"), phase(corev1.PodFailed, "", ""),
		terminated(0, "ContainerStatusUnknown", 137, ""), terminated(1, "ContainerStatusUnknown", 137, ""),
		func(pod *corev1.Pod) {
			for i := range pod.Status.ContainerStatuses {
				pod.Status.ContainerStatuses[i].State.Terminated.StartedAt = metav1.Time{}
				pod.Status.ContainerStatuses[i].State.Terminated.FinishedAt = metav1.Time{}
			}
		}), time.Minute)
	if task.StartedAt != nil {
		t.Errorf("startedAt is %s", task.StartedAt)
	}
	if task.Containers[0].ExitCode != nil {
		t.Errorf("the kubelet's invented exit code %d is told", *task.Containers[0].ExitCode)
	}
	if task.StoppedAt == nil {
		t.Error("stoppedAt is absent")
	}
}

func TestTimesOfATaskOfWhichOneContainerNeverStarted(t *testing.T) {
	task := taskOf(t, taskPod(annotate(v1alpha1.StopCodeAnnotation, "TaskFailedToStart"), phase(corev1.PodFailed, "", ""),
		terminated(0, "ContainerStatusUnknown", 137, ""), terminated(1, "Completed", 0, "")), time.Minute)
	if task.StartedAt != nil {
		t.Errorf("startedAt is %s: not all containers have run", task.StartedAt)
	}
}

func TestTimesOfATaskWhoseDependencyFailed(t *testing.T) {
	task := taskOf(t, taskPod(waiting("PodInitializing", ""), phase(corev1.PodFailed, "", ""), terminated(1, "Error", 4, "")), time.Minute)
	if want := born.Add(20 * time.Second); task.StoppingAt == nil || !task.StoppingAt.Equal(want) {
		t.Errorf("stoppingAt is %v, want the end of the dependency, %s", task.StoppingAt, want)
	}
}

func TestContainers(t *testing.T) {
	task := taskOf(t, taskPod(terminated(1, "OOMKilled", 137, "")), 5*time.Second)
	app, helper := task.Containers[0], task.Containers[1]
	if got := aws.ToString(app.LastStatus) + " " + string(app.HealthStatus) + " " + aws.ToString(app.RuntimeId) + " " + aws.ToString(app.ImageDigest); got != "RUNNING HEALTHY appid sha256:app" {
		t.Errorf("app is %s", got)
	}
	if aws.ToInt32(helper.ExitCode) != 137 || aws.ToString(helper.Reason) != "OutOfMemoryError: Container killed due to memory usage" {
		t.Errorf("helper is %+v", helper)
	}
	if helper.HealthStatus != types.HealthStatusUnknown {
		t.Errorf("a container without a health check is %s", helper.HealthStatus)
	}
	if task.HealthStatus != types.HealthStatusHealthy {
		t.Errorf("the task is %s: only essential containers count", task.HealthStatus)
	}
	if len(app.NetworkBindings) != 0 || app.NetworkBindings == nil {
		t.Errorf("network bindings %v, want none, not absent", app.NetworkBindings)
	}
}

func TestNetworkInterface(t *testing.T) {
	task := taskOf(t, taskPod(annotate(v1alpha1.TaskAnnotation, awsvpcTask)), 5*time.Second)
	attachment := task.Attachments[0]
	if aws.ToString(attachment.Status) != "ATTACHED" {
		t.Errorf("attachment is %s", aws.ToString(attachment.Status))
	}
	var names []string
	for _, detail := range attachment.Details {
		names = append(names, aws.ToString(detail.Name))
	}
	if len(names) != 4 || names[0] != "subnetId" || names[3] != "privateIPv4Address" {
		t.Errorf("details %v", names)
	}
	for _, c := range task.Containers {
		if len(c.NetworkInterfaces) != 1 || aws.ToString(c.NetworkInterfaces[0].PrivateIpv4Address) != "10.0.0.9" {
			t.Errorf("interfaces of %s: %v", aws.ToString(c.Name), c.NetworkInterfaces)
		}
		if aws.ToString(c.NetworkInterfaces[0].AttachmentId) != aws.ToString(attachment.Id) {
			t.Errorf("%s names another attachment", aws.ToString(c.Name))
		}
	}
}

// TestInjectedContainersCountInNothing: a webhook's container that has ended
// stops no task and keeps none from RUNNING.
func TestInjectedContainersCountInNothing(t *testing.T) {
	pod := taskPod(func(pod *corev1.Pod) {
		pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: "mesh"})
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{
			Name: "mesh", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull"}},
		})
	})
	task := taskOf(t, pod, time.Minute)
	if aws.ToString(task.LastStatus) != StatusRunning || len(task.Containers) != 2 {
		t.Errorf("the task is %s with %d containers", aws.ToString(task.LastStatus), len(task.Containers))
	}
	if stop, stops := StopFor(pod, RuleInput{Now: born.Add(time.Hour)}); stops {
		t.Errorf("the injected container stops the task: %+v", stop)
	}
}

func TestVolumesOfTheLaunchAreAttachments(t *testing.T) {
	static := StaticTask(TaskInput{
		TaskDefinition: &types.TaskDefinition{ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("app")}, {Name: aws.String("helper")}}},
		VolumeConfigurations: []types.TaskVolumeConfiguration{{
			Name: aws.String("data"), ManagedEBSVolume: &types.TaskManagedEBSVolumeConfiguration{RoleArn: aws.String("arn:aws:iam::000000000000:role/ebs")},
		}},
	}, TaskRequest{})
	for status, pod := range map[string]*corev1.Pod{
		"CREATED": taskPod(waiting("ContainerCreating", "")), "ATTACHED": taskPod(),
		"DELETED": taskPod(phase(corev1.PodFailed, "", ""), terminated(0, "Error", 3, ""), terminated(1, "Error", 143, "")),
	} {
		task := NewTask(static, pod, nil, born.Add(time.Minute))
		if task.LastStatus == nil || len(task.Attachments) != 1 || len(task.Containers[0].NetworkInterfaces) > 0 {
			t.Fatalf("%s: %+v", status, task)
		}
		got := task.Attachments[0]
		if aws.ToString(got.Type) != "AmazonElasticBlockStorage" || aws.ToString(got.Status) != status || got.Id == nil {
			t.Errorf("%s: %s is %s", status, aws.ToString(got.Type), aws.ToString(got.Status))
		}
		if aws.ToString(got.Details[0].Value) != "arn:aws:iam::000000000000:role/ebs" || aws.ToString(got.Details[1].Value) != "data" {
			t.Errorf("details %+v", got.Details)
		}
	}
}

// TestStoppingSince: a task that an essential container's end stops has been
// stopping since then, however late that was seen; any other since it was told.
func TestStoppingSince(t *testing.T) {
	end := Observe(taskPod(terminated(0, "Error", 7, ""))).essentialEnd()
	told := end.Add(5 * time.Second)
	for code, want := range map[types.TaskStopCode]time.Time{
		types.TaskStopCodeEssentialContainerExited: end,
		types.TaskStopCodeUserInitiated:            told,
	} {
		task := taskOf(t, taskPod(terminated(0, "Error", 7, ""), annotate(v1alpha1.StopCodeAnnotation, string(code)),
			annotate(v1alpha1.StoppingAtAnnotation, FormatTime(told))), time.Minute)
		if !task.StoppingAt.Equal(want) || !task.ExecutionStoppedAt.Equal(want) {
			t.Errorf("%s: stopping since %s, execution stopped at %s, want %s", code, task.StoppingAt, task.ExecutionStoppedAt, want)
		}
	}
}

// TestConnectivity: a task on a node whose kubelet is silent is DISCONNECTED, and has
// been connected since it was placed.
func TestConnectivity(t *testing.T) {
	pod := taskPod()
	pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
		Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(born),
	})
	for status, want := range map[corev1.ConditionStatus]types.Connectivity{
		corev1.ConditionTrue: types.ConnectivityConnected, corev1.ConditionUnknown: types.ConnectivityDisconnected, corev1.ConditionFalse: types.ConnectivityDisconnected,
	} {
		node := &corev1.Node{Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status}}}}
		task := TaskFromPod(pod, node, born.Add(time.Minute))
		if task.Connectivity != want || task.ConnectivityAt == nil {
			t.Errorf("on a node that is Ready %s it is %s since %v", status, task.Connectivity, task.ConnectivityAt)
		}
	}
}
