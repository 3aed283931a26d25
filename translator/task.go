package translator

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// TaskFromPod makes ECS's Task of a pod. node is the pod's node where it can be
// seen, or nil. Nothing of it is stored: all states and times are derived.
func TaskFromPod(pod *corev1.Pod, node *corev1.Node, now time.Time) types.Task {
	static, err := ReadStaticTask(pod.Annotations[v1alpha1.TaskAnnotation])
	if err != nil {
		static = RemnantTask(pod)
	}
	return NewTask(static, pod, node, now)
}

// ReadStaticTask reads the annotation in which a pod carries what StaticTask made.
func ReadStaticTask(annotation string) (types.Task, error) {
	task := types.Task{}
	if err := awsjson.Unmarshal([]byte(annotation), &task); err != nil {
		return task, fmt.Errorf("decode the task annotation: %w", err)
	}
	if len(task.Containers) == 0 {
		return task, errors.New("the task annotation has no containers")
	}
	return task, nil
}

// NewTask is TaskFromPod where what StaticTask made is at hand. static may be
// shared: nothing of it is changed.
func NewTask(static types.Task, pod *corev1.Pod, node *corev1.Node, now time.Time) types.Task {
	static.Containers, static.Attachments = slices.Clone(static.Containers), slices.Clone(static.Attachments)
	for i := range static.Attachments {
		static.Attachments[i].Details = slices.Clip(static.Attachments[i].Details)
	}
	completeTask(&static, pod, node, now)
	return static
}

// completeTask fills in what the pod tells of a task.
func completeTask(task *types.Task, pod *corev1.Pod, node *corev1.Node, now time.Time) {
	b := taskBuilder{
		task: task, pod: pod, node: node, now: now, state: Observe(pod),
		id:      v1alpha1.IdentityIn(pod.Annotations),
		cluster: pod.Annotations[v1alpha1.ClusterAnnotation],
		taskID:  strings.ReplaceAll(string(pod.UID), "-", ""),
		eni:     hasENI(task),
	}
	if by := pod.Annotations[v1alpha1.StartedByAnnotation]; by != "" {
		task.StartedBy = aws.String(by)
	}
	if provider := pod.Annotations[v1alpha1.CapacityProviderAnnotation]; provider != "" {
		task.CapacityProviderName = aws.String(provider)
	}
	task.Tags = b.currentTags()
	b.status()
	b.placement()
	b.times()
	if b.state.Stopping() {
		if stop, ok := stopOf(pod, now); ok {
			b.stop(stop)
		}
	}
	b.network()
	b.volumes()
	for i := range task.Containers {
		b.container(&task.Containers[i])
	}
}

type taskBuilder struct {
	task    *types.Task
	pod     *corev1.Pod
	node    *corev1.Node
	now     time.Time
	state   *PodState
	id      v1alpha1.Identity
	cluster string
	taskID  string
	eni     bool
}

func (b *taskBuilder) status() {
	t := b.task
	t.TaskArn = aws.String(arn.Task(b.id, b.cluster, b.taskID))
	last := b.state.LastStatus(b.eni, b.now)
	t.LastStatus = aws.String(last)
	t.DesiredStatus = aws.String(StatusRunning)
	if b.state.Stopping() {
		t.DesiredStatus = aws.String(StatusStopped)
	}
	t.Version = b.state.version(last, b.state.Started(), b.eni)
	if b.state.Started() || b.pod.Annotations[v1alpha1.ServiceAnnotation] != "" {
		t.HealthStatus = b.state.taskHealth(b.now)
	}
}

// version counts the state changes that emit an event: a recorded Fargate task
// had 1 when it was made and 5 when it had run and stopped, one that never
// started 4. That somebody stops it is one more: a task that ran had 4 in StopTask's
// answer (API reference) and 6 when it had stopped (a recorded event). A task without
// an interface of its own begins as PENDING, with 1.
func (s *PodState) version(last string, started, eni bool) int64 {
	one := func(passed bool) int64 {
		if passed {
			return 1
		}
		return 0
	}
	asked := one(s.stoppedByCall())
	pending := 1 + one(eni)
	running := pending + one(started) + one(started && s.activates())
	switch last {
	case StatusProvisioning:
		return 1
	case StatusPending:
		return pending
	case StatusActivating:
		return pending + 1
	case StatusRunning:
		return running
	case StatusDeactivating:
		return running + 1 + asked
	}
	stopping := running + 1 + one(started && s.deactivates()) + asked
	return stopping + one(last == StatusStopped)
}

// stoppedByCall says whether a user or the service's scheduler has stopped the task.
func (s *PodState) stoppedByCall() bool {
	code := types.TaskStopCode(s.pod.Annotations[v1alpha1.StopCodeAnnotation])
	return (code == types.TaskStopCodeUserInitiated || code == types.TaskStopCodeServiceSchedulerInitiated) && s.Stopping()
}

// defaultZone ends the name of the availability zone, after the region, of a node that
// names none.
const defaultZone = "a"

func (b *taskBuilder) placement() {
	if b.node == nil {
		b.task.AvailabilityZone = aws.String(b.id.Region + defaultZone)
		return
	}
	zone := b.node.Labels[corev1.LabelTopologyZone]
	if zone == "" {
		zone = b.id.Region + defaultZone
	}
	b.task.AvailabilityZone = aws.String(zone)
	if b.task.LaunchType != types.LaunchTypeFargate {
		instance := strings.ReplaceAll(string(b.node.UID), "-", "")
		b.task.ContainerInstanceArn = aws.String(arn.ContainerInstance(b.id, b.cluster, instance))
	}
}

// network fills in what the pod's address tells. The interface's id is Gantry's
// own: a pod's interface has none. Its MAC address cannot be seen and is left out.
func (b *taskBuilder) network() {
	if !b.eni {
		return
	}
	attachment := &b.task.Attachments[0]
	attachment.Id = aws.String(derivedUUID(b.taskID, "attachment"))
	switch last := aws.ToString(b.task.LastStatus); {
	case last == StatusStopped:
		attachment.Status = aws.String("DELETED")
	case b.pod.Status.PodIP != "":
		attachment.Status = aws.String("ATTACHED")
	default:
		attachment.Status = aws.String("PRECREATED")
		return
	}
	if b.pod.Status.PodIP == "" {
		return
	}
	detail := func(name, value string) {
		attachment.Details = append(attachment.Details, types.KeyValuePair{Name: aws.String(name), Value: aws.String(value)})
	}
	interfaceID := digest(b.taskID, "eni")
	detail("networkInterfaceId", "eni-"+hex.EncodeToString(interfaceID[:])[:17])
	detail("privateDnsName", "ip-"+strings.ReplaceAll(b.pod.Status.PodIP, ".", "-")+"."+b.id.Region+".compute.internal")
	detail("privateIPv4Address", b.pod.Status.PodIP)
}

func digest(of, part string) [sha256.Size]byte {
	var room [96]byte // on the stack: an answer of a hundred tasks has hundreds of these
	text := append(room[:0], of...)
	text = append(text, 0)
	return sha256.Sum256(append(text, part...))
}

// derivedUUID is a UUID that always comes out the same for the same part of the
// same thing: of version 4 to look at, as those that ECS answers.
func derivedUUID(of, part string) string {
	sum := digest(of, part)
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x0f | 0xa0
	return id.String()
}
