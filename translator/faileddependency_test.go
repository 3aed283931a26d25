package translator

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// A container whose dependency did not succeed has the agent's words and code; one
// that waits for nothing, and one of a task that a user stopped, have neither.
func TestFailedDependency(t *testing.T) {
	// app waits for helper, which has ended with the code.
	waits := func(code int32, pairs, stopCode string) *corev1.Pod {
		pod := taskPod(terminated(1, "Error", code, ""), phase(corev1.PodFailed, "", ""),
			annotate(v1alpha1.SuccessDependenciesAnnotation, pairs), annotate(v1alpha1.StopCodeAnnotation, stopCode))
		pod.Spec.InitContainers, pod.Spec.Containers = pod.Spec.Containers[1:], pod.Spec.Containers[:1]
		statuses := pod.Status.ContainerStatuses
		pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses = statuses[1:], []corev1.ContainerStatus{{
			Name: "app", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reasonPodInitializing}},
		}}
		return pod
	}
	chain := waits(4, "app=middle,middle=helper", "TaskFailedToStart")
	chain.Annotations[v1alpha1.ContainersAnnotation] = "app,helper,middle"
	chain.Spec.InitContainers = append(chain.Spec.InitContainers, corev1.Container{Name: "middle"})
	for name, test := range map[string]struct {
		pod  *corev1.Pod
		code *int32
		want string
	}{
		"one that waited for it is waited for": {
			chain, aws.Int32(143),
			"CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [middle() (STOPPED->RUNNING) - Exit: 143] for target [app(a:1) (NONE->RUNNING)] as dependency did not exit successfully.",
		},
		"a circle": {waits(4, "app=app", "TaskFailedToStart"), nil, ""},
		"it failed": {
			waits(4, "app=helper", "TaskFailedToStart"), aws.Int32(143),
			"CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [helper(h:1) (STOPPED->RUNNING) - Exit: 4] for target [app(a:1) (NONE->RUNNING)] as dependency did not exit successfully.",
		},
		"another waits":      {waits(4, "other=helper", "TaskFailedToStart"), nil, ""},
		"the user's stop":    {waits(143, "app=helper", "UserInitiated"), nil, ""},
		"no such dependency": {waits(4, "app=none", "TaskFailedToStart"), nil, ""},
	} {
		task := TaskFromPod(test.pod, nil, born.Add(time.Minute))
		app := task.Containers[0]
		if aws.ToString(app.Reason) != test.want || aws.ToInt32(app.ExitCode) != aws.ToInt32(test.code) || (app.ExitCode == nil) != (test.code == nil) {
			t.Errorf("%s: exit code %v, reason %q", name, app.ExitCode, aws.ToString(app.Reason))
		}
		if helper := task.Containers[1]; helper.Reason != nil || helper.ExitCode == nil {
			t.Errorf("%s: the dependency has exit code %v, reason %q", name, helper.ExitCode, aws.ToString(helper.Reason))
		}
	}
}
