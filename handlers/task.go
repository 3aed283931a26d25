package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// taskFromPod makes the answer for a task that has its pod.
func (h *Handlers) taskFromPod(pod *corev1.Pod) types.Task {
	static, err := h.staticTask(pod.Annotations[v1alpha1.TaskAnnotation])
	if err != nil {
		static = translator.RemnantTask(pod)
	}
	node, _ := h.store.Nodes.Get("", translator.NodeName(pod))
	return translator.NewTask(static, pod, node, h.now())
}

const (
	// keptStaticTasks bounds what is kept decoded, some KiB each.
	keptStaticTasks = 500
	staticTaskTTL   = 10 * time.Minute
)

// staticTask decodes the annotation, which all tasks of a deployment or of the
// same call have alike, once.
func (h *Handlers) staticTask(annotation string) (types.Task, error) {
	if kept, ok := h.staticTasks.Get(annotation); ok {
		return kept.(types.Task), nil
	}
	static, err := translator.ReadStaticTask(annotation)
	if err == nil {
		h.staticTasks.Add(annotation, static, staticTaskTTL)
	}
	return static, err
}

// taskFromRecord is the task as it was when it stopped.
func (h *Handlers) taskFromRecord(record *v1alpha1.StoppedTask) (types.Task, error) {
	task := types.Task{}
	if err := awsjson.Unmarshal(record.Spec.Task.Raw, &task); err != nil {
		return task, fmt.Errorf("decode stopped task %s: %w", record.Name, err)
	}
	return task, nil
}

// heldTask is what a task is answered from: its record, or its pod. A task that is
// not there has neither.
type heldTask struct {
	pod    *corev1.Pod
	record *v1alpha1.StoppedTask
}

// findTask looks at records first: where pod and record are both there, the
// record wins. Neither being there is no error.
func (h *Handlers) findTask(cluster *v1alpha1.Cluster, id string) heldTask {
	if record, ok := h.store.StoppedTasks.One(kube.ByID, id); ok && inCluster(record, cluster) {
		return heldTask{record: record}
	}
	if pod, ok := h.store.Pods.One(kube.ByID, id); ok && inCluster(pod, cluster) {
		return heldTask{pod: pod}
	}
	return heldTask{}
}

func inCluster(obj metav1.Object, cluster *v1alpha1.Cluster) bool {
	a := obj.GetAnnotations()
	return a[v1alpha1.ClusterAnnotation] == cluster.Spec.Name &&
		a[v1alpha1.AccountAnnotation] == cluster.Spec.Account && a[v1alpha1.RegionAnnotation] == cluster.Spec.Region &&
		!obj.GetCreationTimestamp().Time.Before(cluster.Spec.CreatedAt.Truncate(time.Second)) // of this incarnation
}

// taskID reads what a request names a task by: an id or an ARN of the cluster.
func taskID(cluster *v1alpha1.Cluster, given string) (string, error) {
	id, err := nameIn(cluster, "task", given)
	if err != nil {
		return "", err
	}
	if !validID(id) {
		return "", taskIDLength()
	}
	return kube.TaskID(id), nil
}

// taskIDs reads a list of tasks; one that is named twice is taken once.
func taskIDs(cluster *v1alpha1.Cluster, given []string) ([]string, error) {
	ids, seen := make([]string, 0, len(given)), make(map[string]bool, len(given))
	for _, task := range given {
		id, err := taskID(cluster, task)
		if err != nil {
			return nil, err
		}
		if !seen[id] {
			ids, seen[id] = append(ids, id), true
		}
	}
	return ids, nil
}

// DescribeTasks answers running tasks from their pods and stopped ones from
// their records. What is in neither may be a moment old: it is waited for.
func (h *Handlers) DescribeTasks(ctx context.Context, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	if len(in.Tasks) == 0 {
		return nil, cannotBeEmpty("Tasks")
	}
	if len(in.Tasks) > 100 {
		return nil, atMost("taskIds", 100)
	}
	withTags, err := asksForTags(in.Include)
	if err != nil {
		return nil, err
	}
	ids, err := taskIDs(cluster, in.Tasks)
	if err != nil {
		return nil, err
	}
	return h.describeTasks(ctx, cluster, ids, withTags)
}

func (h *Handlers) describeTasks(ctx context.Context, cluster *v1alpha1.Cluster, ids []string, withTags bool) (*ecs.DescribeTasksOutput, error) {
	out := &ecs.DescribeTasksOutput{Tasks: make([]types.Task, 0, len(ids)), Failures: []types.Failure{}}
	for i, held := range h.awaitTasks(ctx, cluster, ids) {
		task, found, err := h.describeTask(held)
		if err != nil {
			return nil, err
		}
		if !found {
			out.Failures = append(out.Failures, failure(arn.Task(cluster.Spec.Identity, cluster.Spec.Name, ids[i]), reasonMissing))
			continue
		}
		if !withTags {
			task.Tags = []types.Tag{}
		}
		out.Tasks = append(out.Tasks, task)
	}
	return out, nil
}

// awaitTasks finds tasks, in the order of their ids, and waits for those that are
// not there.
func (h *Handlers) awaitTasks(ctx context.Context, cluster *v1alpha1.Cluster, ids []string) []heldTask {
	held := make([]heldTask, len(ids))
	h.store.Await(ctx, func() bool {
		all := true
		for i, id := range ids {
			held[i] = h.findTask(cluster, id)
			all = all && held[i] != heldTask{}
		}
		return all
	})
	return held
}

func (h *Handlers) describeTask(held heldTask) (task types.Task, found bool, err error) {
	switch {
	case held.record != nil:
		task, err = h.taskFromRecord(held.record)
	case held.pod != nil:
		task = h.taskFromPod(held.pod)
	default:
		return task, false, nil
	}
	return task, true, err
}

// StopTask stops a task with one patch of its pod and answers it as it was, with
// the desired status STOPPED. One that has stopped, or is stopping, is answered
// again unchanged.
func (h *Handlers) StopTask(ctx context.Context, in *ecs.StopTaskInput) (*ecs.StopTaskOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	if aws.ToString(in.Task) == "" {
		return nil, invalidParameter("Task can not be blank.")
	}
	id, err := taskID(cluster, *in.Task)
	if err != nil {
		return nil, err
	}
	held := h.awaitTasks(ctx, cluster, []string{id})[0]
	if held.record != nil {
		task, err := h.taskFromRecord(held.record)
		return stopTaskOutput(task), err
	}
	if held.pod == nil {
		return nil, taskNotFound()
	}
	reason := translator.ReasonUserStopped
	if in.Reason != nil {
		reason = *in.Reason
	}
	task, err := h.stopPod(ctx, cluster, held.pod, translator.Stop{Code: types.TaskStopCodeUserInitiated, Reason: reason})
	return stopTaskOutput(task), err
}

// stopTaskOutput leaves out the task's and its containers' health, as the API
// reference's example does (StopTask).
func stopTaskOutput(task types.Task) *ecs.StopTaskOutput {
	task.HealthStatus = ""
	task.Containers = slices.Clone(task.Containers)
	for i := range task.Containers {
		task.Containers[i].HealthStatus = ""
	}
	return &ecs.StopTaskOutput{Task: &task}
}

// stoppedMeanwhile is the task that something else has stopped: what stands in its
// record, or in its pod as it is by now.
func (h *Handlers) stoppedMeanwhile(ctx context.Context, cluster *v1alpha1.Cluster, pod *corev1.Pod) (types.Task, error) {
	if translator.Observe(pod).Stopping() {
		return h.taskFromPod(pod), nil
	}
	var held heldTask
	h.store.Await(ctx, func() bool {
		held = h.findTask(cluster, kube.TaskID(string(pod.UID)))
		return held.record != nil
	})
	task, found, err := h.describeTask(held)
	if err == nil && !found {
		err = taskNotFound()
	}
	return task, err
}

func (h *Handlers) stopPod(ctx context.Context, cluster *v1alpha1.Cluster, pod *corev1.Pod, stop translator.Stop) (types.Task, error) {
	before := h.taskFromPod(pod)
	if aws.ToString(before.DesiredStatus) == translator.StatusStopped {
		return before, nil
	}
	now, uid, first := h.now(), pod.UID, false
	err := retry.RetryOnConflict(conflictRetry, func() error {
		patch, subresource := translator.StopPatch(pod, stop, now, now)
		_, err := h.store.Pods.PatchPart(ctx, pod, subresource, patch)
		first = err == nil
		if !apierrors.IsConflict(err) {
			return err
		}
		live, found, liveErr := h.store.Pods.Live(ctx, pod.Namespace, pod.Name)
		if liveErr != nil || !found || live.UID != uid {
			return liveErr // gone: it has stopped
		}
		pod = live
		if translator.Observe(live).Stopping() {
			return nil // a rule or its service was first
		}
		return err
	})
	if err != nil && !apierrors.IsNotFound(err) {
		return before, fmt.Errorf("stop task %s: %w", kube.TaskID(string(uid)), fromKubernetes(err))
	}
	if !first {
		return h.stoppedMeanwhile(ctx, cluster, pod)
	}
	before.DesiredStatus = aws.String(translator.StatusStopped)
	before.StopCode = stop.Code
	before.StoppedReason = aws.String(stop.Reason)
	before.StoppingAt = &now
	before.Version++
	before.Tags = []types.Tag{} // "Any tags associated with the task will be deleted" (API reference, StopTask)
	return before, nil
}
