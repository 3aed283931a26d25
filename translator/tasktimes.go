package translator

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// times fills in the task's timestamps in ECS's order, each not before the one
// before it: Kubernetes counts in seconds, annotations in milliseconds.
func (b *taskBuilder) times() {
	t, pod, state := b.task, b.pod, b.state
	created := b.createdAt()
	t.CreatedAt = &created
	last := created
	after := func(at time.Time) *time.Time {
		if at.IsZero() {
			return nil
		}
		if at.Before(last) {
			at = last
		}
		last = at
		return &at
	}
	if scheduled := ScheduledAt(pod); !scheduled.IsZero() {
		t.Connectivity = b.connectivity()
		t.ConnectivityAt = after(scheduled)
	}
	if pulled := state.pulledAt(); !pulled.IsZero() {
		if pod.Status.StartTime != nil {
			t.PullStartedAt = after(pod.Status.StartTime.Time)
		}
		t.PullStoppedAt = after(pulled)
	}
	if aws.ToString(t.LastStatus) != StatusActivating {
		t.StartedAt = after(state.RunningSince())
	}
	if !state.Stopping() {
		return
	}
	t.StoppingAt = after(b.stoppingAt())
	ended := state.essentialEnd()
	if ended.IsZero() && t.LastStatus != nil && *t.LastStatus == StatusStopped {
		ended = b.stoppingAt() // nothing ever ran: there was nothing to wait for
	}
	t.ExecutionStoppedAt = after(ended)
	if t.LastStatus != nil && *t.LastStatus == StatusStopped {
		end := state.EndedAt()
		if end.IsZero() {
			end = last
		}
		t.StoppedAt = after(end)
	}
}

func (b *taskBuilder) createdAt() time.Time {
	if at, ok := ParseTime(b.pod.Annotations[v1alpha1.CreatedAtAnnotation]); ok {
		return at
	}
	return b.pod.CreationTimestamp.Time
}

// stoppingAt is when desiredStatus became STOPPED: by a stop, by the first
// essential container's end, which a busy kubelet tells some seconds late, by the
// pod's deletion, or by its own end.
func (b *taskBuilder) stoppingAt() time.Time {
	end := b.state.essentialEnd()
	if at, ok := ParseTime(b.pod.Annotations[v1alpha1.StoppingAtAnnotation]); ok {
		if stop, _ := annotatedStop(b.pod); stop.Code == types.TaskStopCodeEssentialContainerExited && !end.IsZero() {
			return end
		}
		return at
	}
	if b.pod.DeletionTimestamp != nil {
		if at := b.state.deletionSeen(); end.IsZero() || at.Before(end) {
			return at
		}
	}
	if end.IsZero() && b.state.Terminal() { // a dependency failed: none that is essential has run
		return b.state.EndedAt()
	}
	return end
}

// deletionSeen is when a deletion began to stop the task. Of one that is over only
// the end is known, and that the asking was up to the pod's grace earlier: a container
// that was killed had all of that time, one that obeyed the signal next to none, and
// by force nothing ends before.
func (s *PodState) deletionSeen() time.Time {
	asked, over := deletedAt(s.pod), s.pod.DeletionTimestamp.Time
	first, code := over, int32(0)
	for i := range s.containers {
		t := s.containers[i].status.State.Terminated
		if t != nil && !t.FinishedAt.Time.Before(asked) && t.FinishedAt.Time.Before(first) {
			first, code = t.FinishedAt.Time, t.ExitCode
		}
	}
	if grace := s.pod.DeletionGracePeriodSeconds; grace != nil && *grace > 0 || code == exitKilled {
		return asked
	}
	return first
}

// ScheduledAt is when the pod was given its node; zero where it has none.
func ScheduledAt(pod *corev1.Pod) time.Time {
	if scheduled := PodCondition(pod, corev1.PodScheduled); scheduled != nil && scheduled.Status == corev1.ConditionTrue {
		return scheduled.LastTransitionTime.Time
	}
	return time.Time{}
}

// pulled says whether any image is there; a task whose image could not be pulled
// has no pull times (recorded).
func (s *PodState) pulled() bool {
	for i := range s.containers {
		if s.containers[i].started() {
			return true
		}
	}
	return false
}

// pulledAt is when an image was there at the latest: a container of it started,
// or failed to start (recorded StopTask answer of a task that failed to start).
func (s *PodState) pulledAt() time.Time {
	if at := s.firstStart(); !at.IsZero() {
		return at
	}
	for i := range s.containers {
		if t := s.containers[i].status.State.Terminated; t != nil && t.Reason == reasonStartError {
			return s.containers[i].finishedAt()
		}
	}
	return time.Time{}
}

func (s *PodState) firstStart() time.Time {
	var first time.Time
	for i := range s.containers {
		if at := s.startedAt(&s.containers[i]); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

func (s *PodState) essentialEnd() time.Time {
	var first time.Time
	for i := range s.containers {
		c := &s.containers[i]
		if at := c.finishedAt(); c.essential && !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// EndedAt is when the last container ended; zero before any has.
func (s *PodState) EndedAt() time.Time {
	var last time.Time
	for i := range s.containers {
		if at := s.containers[i].finishedAt(); at.After(last) {
			last = at
		}
	}
	return last
}

// ConcludeTask makes a task that was being stopped one that has stopped.
func ConcludeTask(task *types.Task, pod *corev1.Pod, at time.Time) {
	for _, earlier := range []*time.Time{task.CreatedAt, task.StartedAt, task.StoppingAt, task.ExecutionStoppedAt} {
		if earlier != nil && earlier.After(at) {
			at = *earlier
		}
	}
	task.LastStatus, task.StoppedAt = aws.String(StatusStopped), &at
	task.Version = Observe(pod).version(StatusStopped, task.StartedAt != nil, hasENI(task))
	for i := range task.Containers {
		task.Containers[i].LastStatus = aws.String(StatusStopped)
	}
	for i := range task.Attachments {
		task.Attachments[i].Status = aws.String("DELETED")
	}
}

// connectivity is that of the agent of the task's instance: while a node's kubelet is not
// heard of, nobody knows what its tasks do (API reference, Task.connectivity).
func (b *taskBuilder) connectivity() types.Connectivity {
	if b.node == nil || b.state.Terminal() || NodeReady(b.node) {
		return types.ConnectivityConnected
	}
	return types.ConnectivityDisconnected
}
