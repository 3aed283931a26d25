package translator

import (
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

// TestHealthStaysAsItWasAtTheStop: a kubelet checks no container that it is to stop, and
// says of it that it is ready; ECS goes on answering what was known.
func TestHealthStaysAsItWasAtTheStop(t *testing.T) {
	pod := taskPod(notReady)
	maps.Copy(pod.Annotations, StopAnnotations(pod, Stop{Code: types.TaskStopCodeUserInitiated}, born.Add(time.Minute)))
	ready := func(pod *corev1.Pod) { pod.Status.ContainerStatuses[0].Ready = true }
	for _, later := range []func(*corev1.Pod){ready, phase(corev1.PodFailed, "", ""), terminated(0, "Error", 143, ""), terminated(1, "Error", 143, "")} {
		later(pod)
		task := taskOf(t, pod, 2*time.Minute)
		if task.HealthStatus != types.HealthStatusUnhealthy || task.Containers[0].HealthStatus != types.HealthStatusUnhealthy {
			t.Errorf("%s: the task is %s, its container %s", aws.ToString(task.LastStatus), task.HealthStatus, task.Containers[0].HealthStatus)
		}
	}
}

// TestBindingsOfARange: the pod does not name its ports.
func TestBindingsOfARange(t *testing.T) {
	container := staticContainer(&types.ContainerDefinition{
		Name: aws.String("app"), PortMappings: []types.PortMapping{{ContainerPortRange: aws.String("8000-8002")}, {ContainerPort: aws.Int32(80)}},
	}, nil)
	b := &taskBuilder{pod: &corev1.Pod{Status: corev1.PodStatus{PodIP: "10.0.0.1"}}}
	got := b.bindings(&corev1.Container{}, container.NetworkBindings)
	if len(got) != 1 || aws.ToString(got[0].HostPortRange) != "8000-8002" || aws.ToString(got[0].ContainerPortRange) != "8000-8002" ||
		aws.ToString(got[0].BindIP) != "10.0.0.1" || got[0].Protocol != types.TransportProtocolTcp {
		t.Errorf("bindings %+v", got)
	}
}
