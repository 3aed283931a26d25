package translator

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
)

// oomReason is the agent's text for a container that was killed for memory.
const oomReason = "OutOfMemoryError: Container killed due to memory usage"

// container fills in what the pod says of one of the task's containers.
func (b *taskBuilder) container(c *types.Container) {
	name := aws.ToString(c.Name)
	c.TaskArn = b.task.TaskArn
	c.ContainerArn = aws.String(arn.Container(b.id, b.cluster, b.taskID, derivedUUID(b.taskID, name)))
	c.LastStatus = aws.String(StatusPending)
	c.NetworkInterfaces = []types.NetworkInterface{}
	if b.eni && b.pod.Status.PodIP != "" {
		c.NetworkInterfaces = append(c.NetworkInterfaces, types.NetworkInterface{
			AttachmentId: b.task.Attachments[0].Id, PrivateIpv4Address: aws.String(b.pod.Status.PodIP),
		})
	}
	ranges := c.NetworkBindings
	c.NetworkBindings = []types.NetworkBinding{}
	state := b.state.container(ContainerName(name))
	if state != nil {
		b.containerState(c, state, ranges)
		b.failedDependency(c, state)
	}
	if aws.ToString(b.task.LastStatus) == StatusStopped {
		c.LastStatus = aws.String(StatusStopped)
	}
	if name == b.pod.Annotations[v1alpha1.FailedContainerAnnotation] {
		b.failedContainer(c)
	}
}

func (s *PodState) container(name string) *containerState {
	for i := range s.containers {
		if s.containers[i].name == name {
			return &s.containers[i]
		}
	}
	return nil
}

// imageDigest is the digest in what the kubelet calls an image; nil where there
// is none.
func imageDigest(imageID string) *string {
	if _, digest, ok := strings.Cut(imageID, "@"); ok {
		return aws.String(digest)
	}
	if strings.HasPrefix(imageID, "sha256:") {
		return aws.String(imageID)
	}
	return nil
}

func (b *taskBuilder) containerState(c *types.Container, state *containerState, ranges []types.NetworkBinding) {
	if state.status.State.Running != nil || b.task.HealthStatus != "" {
		c.HealthStatus = b.state.health(state, b.now)
	}
	if _, id, ok := strings.Cut(state.status.ContainerID, "://"); ok {
		c.RuntimeId = aws.String(id)
	}
	c.ImageDigest = imageDigest(state.status.ImageID)
	switch {
	case state.status.State.Running != nil:
		c.LastStatus = aws.String(StatusRunning)
		if b.binds() {
			c.NetworkBindings = b.bindings(state.spec, ranges)
		}
	case state.betweenRuns():
		// The agent tells ECS of no end before the last one.
		c.LastStatus = aws.String(StatusRunning)
	case state.status.State.Terminated != nil:
		c.LastStatus = aws.String(StatusStopped)
		b.exit(c, state.end())
	}
}

// exit copies the exit code. The kubelet invents code 137 for a container that
// it never saw (ContainerStatusUnknown), and 128 for one that could not start:
// ECS reports no code for either.
func (b *taskBuilder) exit(c *types.Container, t *corev1.ContainerStateTerminated) {
	switch t.Reason {
	case reasonContainerStatusUnknown, reasonStartError:
		return
	case reasonOOMKilled:
		c.Reason = aws.String(oomReason)
	}
	c.ExitCode = aws.Int32(t.ExitCode)
}

// failedContainer says why the container could not start. On Fargate the text
// stands in the task's stoppedReason, and that of a pull there alone (recorded);
// a container that could not be started has it too (public reports).
func (b *taskBuilder) failedContainer(c *types.Container) {
	c.ExitCode = nil
	c.Reason = nil
	reason := b.pod.Annotations[v1alpha1.ContainerReasonAnnotation]
	if b.task.LaunchType == types.LaunchTypeFargate && !strings.HasPrefix(reason, cannotStart) {
		return
	}
	if reason != "" {
		c.Reason = aws.String(reason)
	}
}

// binds says whether the containers' ports are answered: on Fargate the list stays
// empty (recorded).
func (b *taskBuilder) binds() bool { return b.task.LaunchType != types.LaunchTypeFargate }

// bindings says where the container's ports are reached. A pod has its own
// address, so a port without a fixed host port is reached there under its own number,
// and so are the ports of a range, which the pod does not name.
func (b *taskBuilder) bindings(spec *corev1.Container, ranges []types.NetworkBinding) []types.NetworkBinding {
	bindings := []types.NetworkBinding{}
	for _, port := range spec.Ports {
		binding := types.NetworkBinding{
			BindIP: aws.String(b.pod.Status.PodIP), ContainerPort: aws.Int32(port.ContainerPort),
			HostPort: aws.Int32(port.ContainerPort), Protocol: types.TransportProtocol(strings.ToLower(string(port.Protocol))),
		}
		if port.HostPort != 0 {
			binding.BindIP, binding.HostPort = aws.String("0.0.0.0"), aws.Int32(port.HostPort)
		}
		bindings = append(bindings, binding)
	}
	for _, binding := range ranges {
		binding.BindIP = aws.String(b.pod.Status.PodIP)
		bindings = append(bindings, binding)
	}
	return bindings
}
