package handlers

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

const (
	maxRunTask = 10
	// API reference, RunTask.startedBy and StartTask.startedBy.
	runTaskStartedBy   = 128
	startTaskStartedBy = 36
)

var startedByPattern = regexp.MustCompile(`^[A-Za-z0-9_/-]+$`)

// RunTask starts up to ten tasks, each a pod. The pods' names come from the
// cluster and the clientToken, so that the same call, retried, finds the tasks
// that it made before (API reference, RunTask).
func (h *Handlers) RunTask(ctx context.Context, in *ecs.RunTaskInput) (*ecs.RunTaskOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := checkRunTask(in, runTaskStartedBy); err != nil {
		return nil, err
	}
	run := &taskRun{h: h, in: in, cluster: cluster, count: int(aws.ToInt32(in.Count)), now: h.now()}
	if in.Count == nil {
		run.count = 1
	}
	if err := run.identify(); err != nil {
		return nil, err
	}
	taken, err := run.existing()
	if err != nil {
		return nil, err
	}
	if tasks := run.all(taken); tasks != nil {
		return &ecs.RunTaskOutput{Tasks: tasks, Failures: []types.Failure{}}, nil
	}
	if err := run.render(ctx, taken.definition(in.TaskDefinition), taken.made != nil); err != nil {
		return nil, err
	}
	if err := run.findRoom(taken); err != nil {
		return nil, err
	}
	defer run.releaseRoom()
	return run.make(ctx, taken)
}

func checkRunTask(in *ecs.RunTaskInput, startedByLength int) error {
	switch {
	case in.Count != nil && (*in.Count < 1 || *in.Count > maxRunTask):
		return countRange()
	case in.LaunchType != "" && len(in.CapacityProviderStrategy) > 0:
		return invalidParameter("Specify either Launch Type or Capacity Provider Strategy, but not both.")
	case in.StartedBy != nil && (len(*in.StartedBy) > startedByLength || !startedByPattern.MatchString(*in.StartedBy)):
		// The text follows the one for cluster names; no source has it.
		return invalidParameter("startedBy must match ^[A-Za-z0-9_/-]{1,%d}$, but was %s", startedByLength, *in.StartedBy)
	case strings.HasPrefix(aws.ToString(in.Group), "service:"):
		return invalidParameter("Invalid namespace for group.") // seen by users
	case len(aws.ToString(in.ClientToken)) > 64:
		return invalidParameter("idempotency token longer than 64.")
	}
	switch in.PropagateTags {
	case "", types.PropagateTagsNone, types.PropagateTagsTaskDefinition:
	case types.PropagateTagsService:
		// API reference, RunTask: "Only the TASK_DEFINITION value is supported"; the text is chosen.
		return invalidParameter("The propagateTags value SERVICE is not supported when running a task.")
	default:
		return oneOf("propagateTags", "TASK_DEFINITION", "SERVICE", "NONE")
	}
	if err := taskdef.ValidateTags(in.Tags); err != nil {
		return err
	}
	if err := taskdef.ValidateVolumes(in.VolumeConfigurations); err != nil {
		return err
	}
	return checkPlacement(placement{constraints: in.PlacementConstraints, strategy: in.PlacementStrategy})
}

// taskRun is one RunTask or StartTask call.
type taskRun struct {
	h       *Handlers
	in      *ecs.RunTaskInput
	cluster *v1alpha1.Cluster
	count   int
	now     time.Time

	// request is the hash of what the call asks for; hash is the same where a
	// clientToken stands for it.
	request, token, hash, name string
	taskPod
	// nodes are those that StartTask names, one for each task; RunTask has none.
	nodes []*corev1.Node
	// unplaced are the failures of the tasks that no instance has room for.
	unplaced map[int]*unplaced
	// promised are the names of the pods that this call was promised room for.
	promised []string
}

// identify derives what makes a retry find its tasks.
func (r *taskRun) identify() error {
	request := *r.in
	request.ClientToken = nil
	data, err := awsjson.Marshal(&request)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	request.ClientToken, request.Overrides = r.in.ClientToken, taskdef.NormalOverrides(r.in.Overrides)
	r.in = &request
	r.request = kube.Hash(string(data))[:40]
	token := aws.ToString(r.in.ClientToken)
	if token == "" {
		r.name = uuid.NewString()
		return nil
	}
	spec := r.cluster.Spec
	r.name = token
	r.token = kube.Hash(spec.Account, spec.Region, spec.Name, r.name)[:40]
	r.hash = r.request
	return nil
}

func (r *taskRun) podName(index int) string {
	return kube.TaskName(r.cluster.Spec.Identity, r.cluster.Spec.Name, r.name, index)
}

// takenTasks are the tasks that an earlier try of the same call has made.
type takenTasks struct {
	byPod map[string]types.Task
	made  *string // their task definition
}

// definition is that of the tasks that are there: a retry that completes a
// half-made set must not mix two revisions.
func (t takenTasks) definition(given *string) *string {
	if t.made != nil {
		return t.made
	}
	return given
}

func (r *taskRun) existing() (takenTasks, error) {
	taken := takenTasks{byPod: map[string]types.Task{}}
	if r.token == "" {
		return taken, nil
	}
	key := kube.ClusterKey(r.cluster.Spec.Identity, r.cluster.Spec.Name, r.token)
	conflict := false
	var arns []string
	add := func(pod, hash string, task types.Task) {
		conflict = conflict || hash != r.hash
		arns = append(arns, aws.ToString(task.TaskArn))
		taken.byPod[pod] = task
		if task.TaskDefinitionArn != nil {
			taken.made = task.TaskDefinitionArn
		}
	}
	for _, record := range r.h.store.StoppedTasks.By(kube.ByToken, key) {
		task, err := r.h.taskFromRecord(record)
		if err != nil {
			return taken, err
		}
		add(record.Annotations[v1alpha1.PodAnnotation], record.Spec.RequestHash, task)
	}
	for _, pod := range r.h.store.Pods.By(kube.ByToken, key) {
		if _, recorded := taken.byPod[pod.Name]; recorded {
			continue
		}
		add(pod.Name, pod.Annotations[v1alpha1.RequestHashAnnotation], r.h.taskFromPod(pod))
	}
	if conflict {
		return taken, tokenConflict(arns)
	}
	return taken, nil
}

func tokenConflict(arns []string) error {
	slices.Sort(arns)
	return &types.ConflictException{
		Message:     aws.String("The provided clientToken is already in use with a different RunTask request."),
		ResourceIds: arns,
	}
}

// all are the call's tasks where an earlier try has made every one of them: a
// retry then needs nothing, whatever has become of the task definition.
func (r *taskRun) all(taken takenTasks) []types.Task {
	if len(taken.byPod) == 0 {
		return nil
	}
	tasks := make([]types.Task, r.count)
	for i := range tasks {
		task, ok := taken.byPod[r.podName(i)]
		if !ok {
			return nil
		}
		tasks[i] = task
	}
	return tasks
}

// make creates the pods that are not there yet, all at once. A family without a
// revision, under a token, makes the first one alone: if another replica made it
// meanwhile, its revision is the call's.
func (r *taskRun) make(ctx context.Context, taken takenTasks) (*ecs.RunTaskOutput, error) {
	tasks, errs := make([]types.Task, r.count), make([]error, r.count)
	one := func(index int) {
		if task, ok := taken.byPod[r.podName(index)]; ok {
			tasks[index] = task
			return
		}
		if failed := r.unplaced[index]; failed != nil {
			errs[index] = failed
			return
		}
		tasks[index], errs[index] = r.makeOne(ctx, index)
	}
	first := 0
	if r.token != "" && r.count > 1 && !strings.Contains(aws.ToString(r.in.TaskDefinition), ":") {
		one(0)
		first = 1
		if made := tasks[0].TaskDefinitionArn; errs[0] == nil && made != nil && *made != aws.ToString(r.static.TaskDefinitionArn) {
			if err := r.render(ctx, made, true); err != nil {
				return nil, err
			}
		}
	}
	var wg sync.WaitGroup
	for i := first; i < r.count-1; i++ {
		wg.Go(func() { one(i) })
	}
	if first < r.count {
		one(r.count - 1)
	}
	wg.Wait()
	return r.answer(tasks, errs)
}

func (r *taskRun) makeOne(ctx context.Context, index int) (types.Task, error) {
	pod := r.pod.DeepCopy()
	pod.Name = r.podName(index)
	translator.MarkCall(pod, r.token, r.hash, r.now)
	if r.providers != nil {
		pod.Annotations[v1alpha1.CapacityProviderAnnotation] = r.providers[index]
	}
	if r.nodes != nil {
		translator.PlaceOn(&pod.Spec, r.nodes[index].Name)
	}
	err := r.h.store.Pods.Create(ctx, pod)
	if err == nil {
		node, _ := r.h.store.Nodes.Get("", translator.NodeName(pod))
		return translator.NewTask(r.static, pod, node, r.now), nil
	}
	if !apierrors.IsAlreadyExists(err) {
		return types.Task{}, err
	}
	if pod, err = r.taken(ctx, pod.Name); err != nil {
		return types.Task{}, err
	}
	return r.h.taskFromPod(pod), nil
}

// taken reads the pod that has the name already.
func (r *taskRun) taken(ctx context.Context, name string) (*corev1.Pod, error) {
	pod, found, err := r.h.store.Pods.Live(ctx, r.cluster.Spec.Namespace, name)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("pod %s exists and does not: it was deleted meanwhile", name)
	}
	if pod.Annotations[v1alpha1.RequestHashAnnotation] != r.hash {
		return nil, tokenConflict([]string{arn.Task(r.cluster.Spec.Identity, r.cluster.Spec.Name, kube.TaskID(string(pod.UID)))})
	}
	return pod, nil
}

// answer has the tasks that were made and a failure for each that was not. What
// Kubernetes refuses of all of them is the call's error.
func (r *taskRun) answer(tasks []types.Task, errs []error) (*ecs.RunTaskOutput, error) {
	out := &ecs.RunTaskOutput{Tasks: []types.Task{}, Failures: []types.Failure{}}
	var conflict *types.ConflictException
	var noRoom *unplaced
	var refused error
	for i, err := range errs {
		switch {
		case err == nil:
			out.Tasks = append(out.Tasks, tasks[i])
		case errors.As(err, &noRoom):
			out.Failures = append(out.Failures, noRoom.Failure)
		case errors.As(err, &conflict):
			return nil, err
		default:
			translated := fromKubernetes(err)
			if refused == nil {
				refused = translated
			}
			var client *types.ClientException
			if !errors.As(translated, &client) {
				return nil, translated
			}
			out.Failures = append(out.Failures, failure(arn.Cluster(r.cluster.Spec.Identity, r.cluster.Spec.Name), aws.ToString(client.Message)))
		}
	}
	if len(out.Tasks) == 0 && refused != nil {
		return nil, refused
	}
	return out, nil
}
