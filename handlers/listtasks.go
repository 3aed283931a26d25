package handlers

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// ListTasks answers the ARNs of tasks by id. Without a desired status those
// whose desired status is RUNNING are listed; PENDING lists nothing, since no
// task has it (API reference, ListTasks).
func (h *Handlers) ListTasks(ctx context.Context, in *ecs.ListTasksInput) (*ecs.ListTasksOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	filter, err := h.taskFilter(ctx, cluster, in)
	if err != nil {
		return nil, err
	}
	var found []listedTask
	switch in.DesiredStatus {
	case "", types.DesiredStatusRunning:
		found = filter.pods(h.store)
	case types.DesiredStatusStopped:
		found = filter.stopped(h.store)
	case types.DesiredStatusPending:
	default:
		return nil, oneOf("desired status", "RUNNING", "PENDING", "STOPPED")
	}
	wanted := func(t listedTask) bool { return filter.lists(t, in.DesiredStatus == types.DesiredStatusStopped) }
	size, err := pageSize(in.MaxResults, maxPage)
	if err != nil {
		return nil, err
	}
	found, next, err := pageWhere("tasks", found, func(t listedTask) string { return t.id }, wanted, false, size, in.NextToken)
	if err != nil {
		return nil, err
	}
	arns := make([]string, len(found))
	for i, task := range found {
		arns[i] = arn.Task(cluster.Spec.Identity, cluster.Spec.Name, task.id)
	}
	return &ecs.ListTasksOutput{TaskArns: arns, NextToken: next}, nil
}

// listedTask may be on a page: it has a pod or a record.
type listedTask struct {
	id     string
	pod    *corev1.Pod
	record *v1alpha1.StoppedTask
}

// taskFilter is what a listed task must match. It reads the index of its
// narrowest member and compares the others.
type taskFilter struct {
	cluster    *v1alpha1.Cluster
	index, key string
	wanted     map[string]string // annotation → value
	node       string
}

func (h *Handlers) taskFilter(ctx context.Context, cluster *v1alpha1.Cluster, in *ecs.ListTasksInput) (*taskFilter, error) {
	f := &taskFilter{cluster: cluster, wanted: map[string]string{}, index: kube.ByCluster}
	key := func(value string) string {
		return kube.ClusterKey(cluster.Spec.Identity, cluster.Spec.Name, value)
	}
	f.key = kube.ClusterKey(cluster.Spec.Identity, cluster.Spec.Name)
	if in.StartedBy != nil {
		if in.Family != nil || in.ServiceName != nil || in.DaemonName != nil || in.ContainerInstance != nil || in.LaunchType != "" {
			// API reference, ListTasks; the text is ECS's (github.com/aws/aws-sdk-go-v2/issues/1893).
			return nil, invalidParameter("cannot specify startedBy with other arguments")
		}
		f.index, f.key = kube.ByStartedBy, key(*in.StartedBy)
	}
	if in.Family != nil {
		f.index, f.key = kube.ByFamily, key(*in.Family)
		f.wanted[v1alpha1.FamilyAnnotation] = *in.Family
	}
	if in.ServiceName != nil {
		svc, err := h.namedService(ctx, cluster, in.ServiceName)
		if err != nil {
			return nil, err
		}
		f.index, f.key = kube.ByService, key(svc.Spec.Name)
	}
	if in.ContainerInstance != nil {
		node, err := h.instanceNode(cluster, *in.ContainerInstance)
		if err != nil {
			return nil, err
		}
		f.node = node
	}
	if in.DaemonName != nil {
		name, err := daemonName(cluster, *in.DaemonName)
		if err != nil {
			return nil, err
		}
		f.index, f.key = kube.ByDaemon, key(name)
		f.wanted[v1alpha1.DaemonAnnotation] = name
	}
	return f, f.launchType(in.LaunchType)
}

func (f *taskFilter) launchType(asked types.LaunchType) error {
	switch asked {
	case "":
	case types.LaunchTypeEc2, types.LaunchTypeFargate, types.LaunchTypeExternal, types.LaunchTypeManagedInstances:
		f.wanted[v1alpha1.LaunchTypeAnnotation] = string(asked)
	default:
		return oneOf("launch type", "EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
	}
	return nil
}

// instanceNode is the name of a container instance's node.
func (h *Handlers) instanceNode(cluster *v1alpha1.Cluster, given string) (string, error) {
	id, err := instanceID(cluster, given)
	if err != nil {
		return "", err
	}
	node := h.instance(id)
	if node == nil {
		return "", invalidParameter("The referenced container instance was not found.") // the text is chosen
	}
	return node.Name, nil
}

func (f *taskFilter) matches(obj metav1.Object) bool {
	if !inCluster(obj, f.cluster) {
		return false
	}
	for key, value := range f.wanted {
		if obj.GetAnnotations()[key] != value {
			return false
		}
	}
	return true
}

// lists says whether a task that the index has is to be listed.
func (f *taskFilter) lists(t listedTask, stopped bool) bool {
	if t.record != nil {
		return f.matches(t.record) && f.on(t.record.Annotations, t.record.Annotations[v1alpha1.NodeAnnotation])
	}
	return f.matches(t.pod) && f.on(t.pod.Annotations, translator.NodeName(t.pod)) && translator.Observe(t.pod).Stopping() == stopped
}

// on says whether the task is on the container instance asked for, if one was: a
// Fargate task is on none.
func (f *taskFilter) on(annotations map[string]string, node string) bool {
	return f.node == "" || node == f.node && annotations[v1alpha1.LaunchTypeAnnotation] != string(types.LaunchTypeFargate)
}

func (f *taskFilter) pods(s *kube.Store) []listedTask {
	pods := s.Pods.By(f.index, f.key)
	tasks := make([]listedTask, len(pods))
	for i, pod := range pods {
		tasks[i] = listedTask{id: kube.TaskID(string(pod.UID)), pod: pod}
	}
	return tasks
}

// stopped are the records, and the pods that have none yet.
func (f *taskFilter) stopped(s *kube.Store) []listedTask {
	records := s.StoppedTasks.By(f.index, f.key)
	tasks, recorded := make([]listedTask, 0, len(records)), make(map[string]bool, len(records))
	for _, record := range records {
		tasks, recorded[record.Name] = append(tasks, listedTask{id: record.Name, record: record}), true
	}
	withoutRecord := slices.DeleteFunc(f.pods(s), func(t listedTask) bool { return recorded[t.id] })
	return append(tasks, withoutRecord...)
}
