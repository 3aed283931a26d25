package translator

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// What the kubelet writes into container and pod statuses.
const (
	reasonStartError             = "StartError"
	reasonOOMKilled              = "OOMKilled"
	reasonContainerStatusUnknown = "ContainerStatusUnknown"
	reasonPodInitializing        = "PodInitializing"
	reasonContainerCreating      = "ContainerCreating"
	reasonCreateConfigError      = "CreateContainerConfigError"
	reasonCreateError            = "CreateContainerError"
	reasonRunError               = "RunContainerError"
	exitKilled                   = 137
)

// ECS's stopped reasons (Developer Guide, stopped tasks error messages).
const (
	ReasonEssentialExited = "Essential container in task exited"
	ReasonUserStopped     = "Task stopped by user"
	ReasonFailedToStart   = "Task failed to start"
	ReasonUnhealthy       = "Task failed container health checks"
	ReasonSpotInterrupted = "Your Spot Task was interrupted."
	ReasonMaintenance     = "ECS is performing maintenance on the underlying infrastructure hosting the task"
	scalingReasonPrefix   = "Scaling activity initiated by (deployment "
)

// The rules' defaults: the kubelet tries a pull twice in the first ten seconds.
const (
	DefaultPullGrace         = 10 * time.Second
	DefaultProvisioningLimit = 10 * time.Minute
)

// ScalingReason is the stopped reason of a task that its service's scheduler no
// longer wants.
func ScalingReason(deployment string) string { return scalingReasonPrefix + deployment + ")" }

// RuleInput is what the rules see besides the pod.
type RuleInput struct {
	Now time.Time
	// PullGrace is how long an image may fail to be pulled before the task is
	// given up; zero is the default.
	PullGrace time.Duration
	// ProvisioningLimit is how long a standalone task may wait for a node; zero is the default.
	ProvisioningLimit time.Duration
	// HealthGrace is how long after its start a task is not stopped for its health.
	HealthGrace time.Duration
	// ScaledIn is the id of the deployment that is being scaled in below this
	// pod, where its ReplicaSet chose one that was not marked.
	ScaledIn string
}

// Rule says which state of a pod stops its task, and how.
type Rule struct {
	// Name is for logs, Seen for people.
	Name, Seen string
	Code       types.TaskStopCode
	// Reason is the stopped reason, or its form.
	Reason string
	match  func(f *facts) (Stop, bool)
}

// Rules are asked in order; the first that matches wins.
var Rules = []Rule{
	{
		"start-error", "a container terminated with StartError", types.TaskStopCodeTaskFailedToStart,
		"CannotStartContainerError: …", matchStartError,
	},
	{
		"health-check-kill", "an essential container terminated with 137 while UNHEALTHY, not out of memory, in a service",
		types.TaskStopCodeServiceSchedulerInitiated, ReasonUnhealthy, matchHealthKill,
	},
	{
		"dependency-failed", "an init container of a dependsOn SUCCESS terminated with another code than 0, or a dependsOn HEALTHY gave up",
		types.TaskStopCodeTaskFailedToStart, ReasonFailedToStart, matchDependencyFailed,
	},
	{
		"essential-exited", "an essential container terminated", types.TaskStopCodeEssentialContainerExited,
		ReasonEssentialExited, matchEssentialExited,
	},
	{
		"started-twice", "an essential container without a restart policy was started a second time",
		types.TaskStopCodeEssentialContainerExited, ReasonEssentialExited, matchStartedTwice,
	},
	{
		"restarted-too-soon", "an essential container with a restart policy ended before its restartAttemptPeriod was over",
		types.TaskStopCodeEssentialContainerExited, ReasonEssentialExited, matchRestartedTooSoon,
	},
	{
		"cannot-pull", "ErrImagePull, ImagePullBackOff, ErrImageNeverPull or InvalidImageName beyond the pull grace",
		types.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: …", matchCannotPull,
	},
	{
		"config-error", "CreateContainerConfigError: a Secret or a key of it is missing",
		types.TaskStopCodeTaskFailedToStart, "ResourceInitializationError: …; on EC2 Fetching secret data from …", matchConfigError,
	},
	{
		"create-error", "CreateContainerError", types.TaskStopCodeTaskFailedToStart,
		"CannotCreateContainerError: …", matchWaiting(reasonCreateError, "CannotCreateContainerError"),
	},
	{
		"run-error", "RunContainerError", types.TaskStopCodeTaskFailedToStart,
		"CannotStartContainerError: …", matchWaiting(reasonRunError, "CannotStartContainerError"),
	},
	{
		"refused-by-kubelet", "the kubelet refused the pod (OutOf…, SysctlForbidden, admission)",
		types.TaskStopCodeTaskFailedToStart, "the kubelet's message", matchRefused,
	},
	{
		"no-node", "no node for longer than the provisioning limit, standalone", types.TaskStopCodeTaskFailedToStart,
		"RESOURCE:…, on Fargate that capacity is unavailable, or what the scheduler says", matchNoNode,
	},
	{
		"unhealthy", "an essential container UNHEALTHY in a service", types.TaskStopCodeServiceSchedulerInitiated,
		ReasonUnhealthy, matchUnhealthy,
	},
	{
		"disrupted", "the condition DisruptionTarget, older than the end of the containers", types.TaskStopCodeTerminationNotice,
		"by the launch type; ServiceSchedulerInitiated for a service's task, SpotInterruption on FARGATE_SPOT", matchDisrupted,
	},
	{
		"scaled-in", "deleted by a ReplicaSet that is being scaled in", types.TaskStopCodeServiceSchedulerInitiated,
		scalingReasonPrefix + "ecs-svc/<n>)", matchScaledIn,
	},
	{
		"deleted", "deleted by anyone else", types.TaskStopCodeUserInitiated, ReasonUserStopped, matchDeleted,
	},
}

// facts is what the rules look at.
type facts struct {
	RuleInput
	pod     *corev1.Pod
	state   *PodState
	fargate bool
}

// StopFor asks the rules whether the task is to be stopped or why it has
// stopped. It does not look at the stop annotations: a task that has them is
// being stopped already.
func StopFor(pod *corev1.Pod, in RuleInput) (Stop, bool) {
	if in.PullGrace == 0 {
		in.PullGrace = DefaultPullGrace
	}
	if in.ProvisioningLimit == 0 {
		in.ProvisioningLimit = DefaultProvisioningLimit
	}
	f := &facts{
		RuleInput: in, pod: pod, state: Observe(pod),
		fargate: OnFargate(pod),
	}
	for i := range Rules {
		if stop, ok := Rules[i].match(f); ok {
			return stop, true
		}
	}
	return Stop{}, false
}

// failedToStart puts the error where the launch type shows it: on Fargate into
// the stopped reason, on EC2 and EXTERNAL into the container's.
func (f *facts) failedToStart(container, text string) Stop {
	stop := Stop{Code: types.TaskStopCodeTaskFailedToStart, Container: f.ecsName(container), ContainerReason: text}
	stop.Reason = ReasonFailedToStart
	if f.fargate {
		stop.Reason = text
	}
	return stop
}

// PodLaunchType is the launch type of a task's pod.
func PodLaunchType(pod *corev1.Pod) types.LaunchType {
	return types.LaunchType(pod.Annotations[v1alpha1.LaunchTypeAnnotation])
}

// OnFargate says whether a task has that launch type.
func OnFargate(pod *corev1.Pod) bool { return PodLaunchType(pod) == types.LaunchTypeFargate }

// ecsName finds the ECS name of a container: its Kubernetes name may differ.
func (f *facts) ecsName(container string) string {
	for _, name := range splitList(f.pod.Annotations[v1alpha1.ContainersAnnotation]) {
		if ContainerName(name) == container {
			return name
		}
	}
	return container
}

// inService is true also for a daemon's task: it too is replaced when it stops.
func (f *facts) inService() bool {
	return f.pod.Annotations[v1alpha1.ServiceAnnotation] != "" || f.pod.Annotations[v1alpha1.DaemonAnnotation] != ""
}
