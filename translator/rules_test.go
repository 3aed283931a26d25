package translator

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

var born = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// taskPod is a pod of a task with the containers app, essential with a health
// check, and helper, neither; both run since three seconds after its birth.
func taskPod(change ...func(*corev1.Pod)) *corev1.Pod {
	start := metav1.NewTime(born.Add(time.Second))
	running := func(name string) corev1.ContainerStatus {
		return corev1.ContainerStatus{
			Name: name, Ready: true, ContainerID: "containerd://" + name + "id", ImageID: "registry/" + name + "@sha256:" + name,
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(born.Add(3 * time.Second))}},
		}
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "ecs-c", Name: "p", UID: "0ce6652e-1058-4696-ae9c-f7e68ff2b4fd", ResourceVersion: "7",
			CreationTimestamp: metav1.NewTime(born),
			Labels:            map[string]string{v1alpha1.ServiceLabel: "web", v1alpha1.DeploymentLabel: "1"},
			Annotations: map[string]string{
				v1alpha1.AccountAnnotation: "000000000000", v1alpha1.RegionAnnotation: "us-east-1", v1alpha1.ClusterAnnotation: "c",
				v1alpha1.ContainersAnnotation: "app,helper", v1alpha1.EssentialAnnotation: "app", v1alpha1.HealthCheckedAnnotation: "app=30",
				v1alpha1.LaunchTypeAnnotation: "EC2",
				v1alpha1.TaskAnnotation:       `{"launchType":"EC2","containers":[{"name":"app","image":"a:1"},{"name":"helper","image":"h:1"}]}`,
			},
		},
		Spec: corev1.PodSpec{NodeName: "n", Containers: []corev1.Container{{Name: "app"}, {Name: "helper"}}},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, StartTime: &start, PodIP: "10.0.0.9",
			Conditions:        []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(born)}},
			ContainerStatuses: []corev1.ContainerStatus{running("app"), running("helper")},
		},
	}
	for _, c := range change {
		c(pod)
	}
	return pod
}

func inService(pod *corev1.Pod) { pod.Annotations[v1alpha1.ServiceAnnotation] = "web" }

func fargate(pod *corev1.Pod) { pod.Annotations[v1alpha1.LaunchTypeAnnotation] = "FARGATE" }

func terminated(container int, reason string, code int32, message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.ContainerStatuses[container].Ready = false
		pod.Status.ContainerStatuses[container].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			Reason: reason, ExitCode: code, Message: message,
			StartedAt: metav1.NewTime(born.Add(3 * time.Second)), FinishedAt: metav1.NewTime(born.Add(20 * time.Second)),
		}}
	}
}

func waiting(reason, message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Phase = corev1.PodPending
		pod.Status.ContainerStatuses[0].Ready = false
		pod.Status.ContainerStatuses[0].ContainerID = ""
		pod.Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
	}
}

func notReady(pod *corev1.Pod) { pod.Status.ContainerStatuses[0].Ready = false }

func deleted(pod *corev1.Pod) {
	at := metav1.NewTime(born.Add(40 * time.Second))
	pod.DeletionTimestamp = &at
}

func deletedAfter(after time.Duration) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		grace := int64(30)
		at := metav1.NewTime(born.Add(after + 30*time.Second))
		pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = &at, &grace
	}
}

func phase(p corev1.PodPhase, reason, message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Status.Phase, pod.Status.Reason, pod.Status.Message = p, reason, message }
}

func disrupted(reason string, after time.Duration) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
			Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: reason,
			LastTransitionTime: metav1.NewTime(born.Add(after)),
		})
	}
}

func unplacedFor(message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Spec.NodeName = ""
		pod.Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: message,
		}}}
	}
}

// restarted is a pod whose essential container has a restart policy with a
// period of a minute, and ran for so long before it began again.
func restarted(ran time.Duration) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Annotations[v1alpha1.RestartPeriodsAnnotation] = "app=60"
		pod.Spec.Containers[0].RestartPolicyRules = []corev1.ContainerRestartRule{{}}
		pod.Status.ContainerStatuses[0].RestartCount = 1
		pod.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
			StartedAt: metav1.NewTime(born), FinishedAt: metav1.NewTime(born.Add(ran)),
		}
	}
}

func betweenRuns(pod *corev1.Pod) {
	pod.Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
}

func secrets(pod *corev1.Pod) {
	pod.Annotations[v1alpha1.SecretsAnnotation] = `{"db":"arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf","p":"/app/token","f":"arn:aws:s3:::settings/prod/app.env"}`
}

func TestRules(t *testing.T) {
	const pulled = `failed to pull and unpack image "docker.io/library/none:1": failed to resolve reference "docker.io/library/none:1": not found`
	const pulledByContainerd2 = `failed to pull and unpack image "docker.io/library/none:1": failed to resolve image: not found`
	const refused = "pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/library/none:1: not found"
	const refusedByDocker = "Error response from daemon: manifest for docker.io/library/none:1 not found: manifest unknown: manifest unknown"
	const notStarted = "failed to create containerd task: exec: no such file"
	const notStartedOnFargate = "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: exec: no such file: unknown"
	failed := func(code types.TaskStopCode, reason, container, text string) *Stop {
		return &Stop{Code: code, Reason: reason, Container: container, ContainerReason: text}
	}
	tests := map[string]struct {
		pod   *corev1.Pod
		after time.Duration
		in    RuleInput
		want  *Stop
	}{
		"a healthy task goes on": {pod: taskPod()},
		"a bad entrypoint": {
			pod: taskPod(terminated(0, "StartError", 128, notStarted)),
			want: failed(types.TaskStopCodeTaskFailedToStart, "Task failed to start", "app",
				"CannotStartContainerError: Error response from daemon: failed to create task for container: exec: no such file: unknown"),
		},
		"a bad entrypoint on Fargate": {
			pod:  taskPod(fargate, terminated(0, "StartError", 128, notStarted)),
			want: failed(types.TaskStopCodeTaskFailedToStart, notStartedOnFargate, "app", notStartedOnFargate),
		},
		"an essential container exits": {
			pod:  taskPod(terminated(0, "Error", 3, "")),
			want: &Stop{Code: types.TaskStopCodeEssentialContainerExited, Reason: "Essential container in task exited"},
		},
		"an essential container is killed for memory": {
			pod:  taskPod(terminated(0, "OOMKilled", 137, "")),
			want: &Stop{Code: types.TaskStopCodeEssentialContainerExited, Reason: "Essential container in task exited"},
		},
		"a container that is not essential exits": {pod: taskPod(terminated(1, "Error", 3, ""))},
		"a HEALTHY wait gives up": {
			pod:  taskPod(terminated(0, "Error", 137, NotHealthyMark+"\n")),
			want: &Stop{Code: types.TaskStopCodeTaskFailedToStart, Reason: "Task failed to start"},
		},
		"a container starts a second time": {
			pod:  taskPod(func(pod *corev1.Pod) { pod.Status.ContainerStatuses[0].RestartCount = 1 }),
			want: &Stop{Code: types.TaskStopCodeEssentialContainerExited, Reason: "Essential container in task exited"},
		},
		"a container with a restart policy starts again after its period": {pod: taskPod(restarted(61 * time.Second))},
		"a container with a restart policy ends before its period": {
			pod:  taskPod(restarted(59 * time.Second)),
			want: &Stop{Code: types.TaskStopCodeEssentialContainerExited, Reason: "Essential container in task exited"},
		},
		"an image within the grace": {pod: taskPod(waiting("ErrImagePull", pulled)), after: 5 * time.Second},
		"an image beyond the grace, in the words of containerd 2": {
			pod: taskPod(waiting("ErrImagePull", pulledByContainerd2)), after: 12 * time.Second,
			want: failed(types.TaskStopCodeTaskFailedToStart, "Task failed to start", "app", "CannotPullContainerError: "+refusedByDocker),
		},
		"an image beyond the grace": {
			pod: taskPod(waiting("ImagePullBackOff", pulled)), after: 12 * time.Second,
			want: failed(types.TaskStopCodeTaskFailedToStart, "Task failed to start", "app", "CannotPullContainerError: "+refusedByDocker),
		},
		"an image beyond the grace on Fargate": {
			pod: taskPod(fargate, waiting("ErrImagePull", pulled)), after: 12 * time.Second,
			want: failed(types.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: "+refused, "app", "CannotPullContainerError: "+refused),
		},
		"a missing secret on EC2": {
			pod: taskPod(secrets, waiting("CreateContainerConfigError", `secret "db" not found`)),
			want: &Stop{
				Code:   types.TaskStopCodeTaskFailedToStart,
				Reason: "Fetching secret data from AWS Secrets Manager in region us-east-1: secret arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
			},
		},
		"a missing parameter on EC2": {
			pod:  taskPod(secrets, waiting("CreateContainerConfigError", `secret "p" not found`)),
			want: &Stop{Code: types.TaskStopCodeTaskFailedToStart, Reason: "Fetching secret data from SSM Parameter Store in us-east-1: invalid parameters: /app/token"},
		},
		"a container whose settings the node refuses": {
			pod:  taskPod(waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root")),
			want: failed(types.TaskStopCodeTaskFailedToStart, "Task failed to start", "app", "CannotCreateContainerError: container has runAsNonRoot and image will run as root"),
		},
		"a missing secret": {
			pod: taskPod(fargate, secrets, waiting("CreateContainerConfigError", `secret "db" not found`)),
			want: func() *Stop {
				text := "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret."
				return failed(types.TaskStopCodeTaskFailedToStart, text, "app", text)
			}(),
		},
		"a missing parameter": {
			pod: taskPod(fargate, secrets, waiting("CreateContainerConfigError", `secret "p" not found`)),
			want: func() *Stop {
				text := "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid parameters: /app/token"
				return failed(types.TaskStopCodeTaskFailedToStart, text, "app", text)
			}(),
		},
		"a missing file of variables": {
			pod: taskPod(fargate, secrets, waiting("CreateContainerConfigError", `secret "f" not found`)),
			want: func() *Stop {
				text := "ResourceInitializationError: failed to download env files: file download command: non empty error stream: failed to download file prod/app.env: NoSuchKey: The specified key does not exist."
				return failed(types.TaskStopCodeTaskFailedToStart, text, "app", text)
			}(),
		},
		"a container that cannot be made": {
			pod:  taskPod(waiting("CreateContainerError", "no space")),
			want: failed(types.TaskStopCodeTaskFailedToStart, "Task failed to start", "app", "CannotCreateContainerError: no space"),
		},
		"a container that cannot be run": {
			pod:  taskPod(waiting("RunContainerError", "no device")),
			want: failed(types.TaskStopCodeTaskFailedToStart, "Task failed to start", "app", "CannotStartContainerError: no device"),
		},
		"the kubelet refuses the pod": {
			pod: taskPod(phase(corev1.PodFailed, "OutOfcpu", "Node didn't have enough resource: cpu"), func(pod *corev1.Pod) {
				pod.Status.ContainerStatuses = nil
			}),
			want: &Stop{Code: types.TaskStopCodeTaskFailedToStart, Reason: "Node didn't have enough resource: cpu"},
		},
		"no node yet": {pod: taskPod(unplacedFor("0/1 nodes are available: 1 Insufficient cpu.")), after: 9 * time.Minute},
		"no node for too long": {
			pod: taskPod(unplacedFor("0/1 nodes are available: 1 Insufficient cpu.")), after: 11 * time.Minute,
			want: &Stop{Code: types.TaskStopCodeTaskFailedToStart, Reason: "RESOURCE:CPU"},
		},
		"no capacity on Fargate for too long": {
			pod: taskPod(annotate(v1alpha1.LaunchTypeAnnotation, "FARGATE"), unplacedFor("0/1 nodes are available: 1 Insufficient cpu.")), after: 11 * time.Minute,
			want: &Stop{
				Code:   types.TaskStopCodeTaskFailedToStart,
				Reason: "Capacity is unavailable at this time. Please try again later or in a different availability zone",
			},
		},
		"a missing volume on Fargate": {
			pod: taskPod(annotate(v1alpha1.LaunchTypeAnnotation, "FARGATE"), unplacedFor(`persistentvolumeclaim "data" not found`)), after: 11 * time.Minute,
			want: &Stop{Code: types.TaskStopCodeTaskFailedToStart, Reason: `persistentvolumeclaim "data" not found`},
		},
		"a service's task waits for a node for ever": {
			pod: taskPod(inService, unplacedFor("0/1 nodes are available: 1 Insufficient cpu.")), after: time.Hour,
		},
		"UNHEALTHY alone goes on":      {pod: taskPod(notReady), after: time.Minute},
		"not healthy yet in a service": {pod: taskPod(inService, notReady), after: 20 * time.Second},
		"UNHEALTHY in a service": {
			pod: taskPod(inService, notReady), after: time.Minute,
			want: &Stop{Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: "Task failed container health checks", AfterReplacement: true},
		},
		"UNHEALTHY within the service's grace": {
			pod: taskPod(inService, notReady), after: time.Minute, in: RuleInput{HealthGrace: time.Hour},
		},
		"evicted": {
			pod: taskPod(disrupted("EvictionByEvictionAPI", 30*time.Second)), after: time.Minute,
			want: &Stop{Code: types.TaskStopCodeTerminationNotice, Reason: "Host EC2 (instance n) terminated."},
		},
		"evicted in a service": {
			pod: taskPod(inService, disrupted("EvictionByEvictionAPI", 30*time.Second)), after: time.Minute,
			want: &Stop{Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: ReasonMaintenance},
		},
		"evicted on Fargate": {
			pod: taskPod(fargate, disrupted("PreemptionByScheduler", 30*time.Second)), after: time.Minute,
			want: &Stop{Code: types.TaskStopCodeTerminationNotice, Reason: ReasonMaintenance},
		},
		"evicted on Fargate Spot": {
			pod: taskPod(fargate, inService, annotate(v1alpha1.TaskAnnotation, `{"capacityProviderName":"FARGATE_SPOT"}`),
				disrupted("TerminationByKubelet", 30*time.Second)), after: time.Minute,
			want: &Stop{Code: types.TaskStopCodeSpotInterruption, Reason: "Your Spot Task was interrupted."},
		},
		"its node is gone, in a service": {
			pod: taskPod(inService, disrupted("DeletionByTaintManager", 30*time.Second)), after: time.Minute,
			want: &Stop{Code: types.TaskStopCodeTerminationNotice, Reason: "Host EC2 (instance n) terminated."},
		},
		"its node is gone, in a service on Fargate": {
			pod: taskPod(inService, fargate, disrupted("DeletionByTaintManager", 30*time.Second)), after: time.Minute,
			want: &Stop{Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: ReasonMaintenance},
		},
		"its node is gone": {
			pod: taskPod(disrupted("DeletionByPodGC", 30*time.Second)), after: time.Minute,
			want: &Stop{Code: types.TaskStopCodeTerminationNotice, Reason: "Host EC2 (instance n) terminated."},
		},
		"a drain marks a task that had ended": {
			pod:  taskPod(phase(corev1.PodSucceeded, "", ""), terminated(0, "Completed", 0, ""), disrupted("EvictionByEvictionAPI", 30*time.Second)),
			want: &Stop{Code: types.TaskStopCodeEssentialContainerExited, Reason: "Essential container in task exited"},
		},
		"scaled in": {
			pod: taskPod(inService, deleted), after: time.Minute, in: RuleInput{ScaledIn: "ecs-svc/1"},
			want: &Stop{Code: types.TaskStopCodeServiceSchedulerInitiated, Reason: "Scaling activity initiated by (deployment ecs-svc/1)"},
		},
		"deleted by somebody, and ended": {
			pod: taskPod(deletedAfter(20*time.Second), terminated(0, "Completed", 0, "")), after: time.Minute,
			want: &Stop{Code: types.TaskStopCodeUserInitiated, Reason: "Task stopped by user"},
		},
		"ended, and then deleted": {
			pod: taskPod(deletedAfter(21*time.Second), terminated(0, "Completed", 0, "")), after: time.Minute,
			want: &Stop{Code: types.TaskStopCodeEssentialContainerExited, Reason: "Essential container in task exited"},
		},
		"drained, and ended": {
			pod:  taskPod(disrupted("EvictionByEvictionAPI", 19*time.Second), terminated(0, "Completed", 0, "")),
			want: &Stop{Code: types.TaskStopCodeTerminationNotice, Reason: "Host EC2 (instance n) terminated."},
		},
		"deleted by somebody": {
			pod: taskPod(deleted), after: time.Minute,
			want: &Stop{Code: types.TaskStopCodeUserInitiated, Reason: "Task stopped by user"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.in.Now = born.Add(test.after)
			got, ok := StopFor(test.pod, test.in)
			if !ok {
				if test.want != nil {
					t.Fatalf("goes on, want %+v", *test.want)
				}
				return
			}
			if test.want == nil {
				t.Fatalf("stops: %+v", got)
			}
			if diff := cmp.Diff(*test.want, got); diff != "" {
				t.Errorf("stop (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEveryRuleHasWords keeps a rule from standing in the table, and so
// in the docs, half-made.
func TestEveryRuleHasWords(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range Rules {
		if rule.Name == "" || rule.Seen == "" || rule.Reason == "" || rule.Code == "" || rule.match == nil || seen[rule.Name] {
			t.Errorf("rule %+v is incomplete or there twice", rule)
		}
		seen[rule.Name] = true
	}
}
