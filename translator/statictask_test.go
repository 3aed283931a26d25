package translator

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func TestArchitectureOfATask(t *testing.T) {
	for name, tc := range map[string]struct {
		platform *types.RuntimePlatform
		want     string
	}{
		"none":     {nil, "x86_64"},
		"OS alone": {&types.RuntimePlatform{OperatingSystemFamily: types.OSFamilyLinux}, "x86_64"},
		"ARM64":    {&types.RuntimePlatform{CpuArchitecture: types.CPUArchitectureArm64}, "arm64"},
		"X86_64":   {&types.RuntimePlatform{CpuArchitecture: types.CPUArchitectureX8664}, "x86_64"},
	} {
		t.Run(name, func(t *testing.T) {
			task := StaticTask(TaskInput{TaskDefinition: &types.TaskDefinition{RuntimePlatform: tc.platform}}, TaskRequest{Architecture: "x86_64"})
			if got := aws.ToString(task.Attributes[0].Value); got != tc.want {
				t.Errorf("ecs.cpu-architecture is %s, want %s", got, tc.want)
			}
		})
	}
}

// TestPortsOfATaskWithItsOwnAddress: on an instance they are bindings, on Fargate
// there are none.
func TestPortsOfATaskWithItsOwnAddress(t *testing.T) {
	const onInstance = `{"launchType":"EC2","attachments":[{"type":"ElasticNetworkInterface","details":[]}],"containers":[{"name":"app"}]}`
	port := func(pod *corev1.Pod) {
		pod.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80, Protocol: corev1.ProtocolTCP}}
	}
	bindings := taskOf(t, taskPod(port, annotate(v1alpha1.TaskAnnotation, onInstance)), time.Second).Containers[0].NetworkBindings
	if len(bindings) != 1 || aws.ToInt32(bindings[0].HostPort) != 80 || bindings[0].Protocol != types.TransportProtocolTcp {
		t.Errorf("bindings on an instance are %v, want port 80", bindings)
	}
	if bindings := taskOf(t, taskPod(port, annotate(v1alpha1.TaskAnnotation, awsvpcTask)), time.Second).Containers[0].NetworkBindings; len(bindings) > 0 {
		t.Errorf("bindings on Fargate are %v", bindings)
	}
}

func TestCapacityProviderOfATask(t *testing.T) {
	const spot = `{"launchType":"FARGATE","capacityProviderName":"FARGATE_SPOT","containers":[{"name":"app"}]}`
	made := annotate(v1alpha1.TaskAnnotation, spot)
	for want, pod := range map[string]*corev1.Pod{
		"FARGATE_SPOT": taskPod(made), "FARGATE": taskPod(made, annotate(v1alpha1.CapacityProviderAnnotation, "FARGATE")),
	} {
		if got := aws.ToString(taskOf(t, pod, time.Second).CapacityProviderName); got != want {
			t.Errorf("capacityProviderName is %s, want %s", got, want)
		}
	}
}
