package translator

import (
	"sort"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// Capabilities is what the API server can hold.
type Capabilities struct {
	// PodLevelResources: spec.resources of a pod.
	PodLevelResources bool
	// ContainerRestartRules: a container's own restartPolicy.
	ContainerRestartRules bool
}

// TaskInput is everything that decides how a task's pod looks.
type TaskInput struct {
	TaskDefinition       *types.TaskDefinition
	Overrides            *types.TaskOverride
	LaunchType           types.LaunchType
	NetworkConfiguration *types.NetworkConfiguration
	PlacementConstraints []types.PlacementConstraint
	PlacementStrategy    []types.PlacementStrategy
	EnableExecuteCommand bool
	VolumeConfigurations []types.TaskVolumeConfiguration
	// InService is true for the pod template of a service.
	InService bool
	// Routed is true where the service has routes: they lead requests to its tasks.
	Routed bool
	// Daemon is true for the pod template of a DAEMON service.
	Daemon bool
	// Group is what the tasks of the same service or task group have in common: the
	// value of their ServiceLabel in a service, else of their GroupLabel.
	Group string
	// Instances are the labels of the nodes that there are: patterns in placement
	// constraints are read against them. Nil, as for a service, whose tasks start
	// when there are others: patterns are refused.
	Instances []map[string]string
	// LoadBalancers are the service's.
	LoadBalancers []types.LoadBalancer
	// Account, Region and Cluster are the task's identity.
	Account, Region, Cluster string
	Capabilities             Capabilities
}

// Rendered is a task's pod and what became of each ECS field.
type Rendered struct {
	Spec     corev1.PodSpec
	Findings []Finding
}

// Refusals returns the findings that forbid making a pod.
func (r Rendered) Refusals() []Finding {
	return Refusals(r.Findings)
}

// RenderPodSpec translates a task. The specification is to be used only where
// nothing was refused.
func RenderPodSpec(in TaskInput) Rendered {
	if in.TaskDefinition == nil {
		in.TaskDefinition = &types.TaskDefinition{}
	}
	r := &renderer{in: in}
	r.containers = r.effectiveContainers()
	r.everyPod()
	r.order()
	r.networkMode()
	r.onePerNode()
	r.namespaces()
	r.systemControls()
	r.hosts()
	r.runtimePlatform()
	r.placementConstraints()
	r.placementStrategy()
	r.stopTimeout()
	r.volumes()
	r.launchVolumes()
	for _, c := range r.containers {
		r.container(c)
	}
	r.ports()
	r.resources()
	r.taskRole()
	r.assemble()
	r.classifyRest(TaskDefinition, in.TaskDefinition)
	r.classifyRest(Task, taskDocument(in))
	sort.SliceStable(r.findings, func(i, j int) bool {
		a, b := r.findings[i], r.findings[j]
		if a.Document != b.Document {
			return a.Document > b.Document
		}
		return lessPointer(a.ECS, b.ECS)
	})
	return Rendered{Spec: r.spec, Findings: r.findings}
}

// container applies the features that look at one container at a time.
func (r *renderer) container(c *container) {
	r.image(c)
	r.repositoryCredentials(c)
	r.command(c)
	r.environment(c)
	r.secretVariables(c)
	r.environmentFiles(c)
	r.restartPolicy(c)
	r.dependencies(c)
	r.startTimeout(c)
	r.readiness(c)
	r.targetCheck(c)
	r.deregister(c)
	r.user(c)
	r.securityOptions(c)
	r.linux(c)
	r.mountPoints(c)
	r.volumesFrom(c)
	r.devices(c)
	r.logging(c)
}

// taskDocument holds the members of TaskInput as the calls have them.
func taskDocument(in TaskInput) *ecs.RunTaskInput {
	return &ecs.RunTaskInput{
		Overrides:            in.Overrides,
		LaunchType:           in.LaunchType,
		NetworkConfiguration: in.NetworkConfiguration,
		PlacementConstraints: in.PlacementConstraints,
		PlacementStrategy:    in.PlacementStrategy,
		EnableExecuteCommand: in.EnableExecuteCommand,
		VolumeConfigurations: in.VolumeConfigurations,
	}
}

// everyPod sets what is the same for all tasks. A service's template must have
// restartPolicy Always, and its containers their own.
func (r *renderer) everyPod() {
	r.spec.EnableServiceLinks = new(false)
	r.spec.AutomountServiceAccountToken = new(false)
	r.spec.ServiceAccountName = v1alpha1.TaskServiceAccount
	r.spec.RestartPolicy = corev1.RestartPolicyNever
	if r.in.InService {
		r.spec.RestartPolicy = corev1.RestartPolicyAlways
	}
}

// assemble puts the rendered containers into their lists.
func (r *renderer) assemble() {
	for _, c := range r.containers {
		list := &r.spec.Containers
		if c.place.init {
			list = &r.spec.InitContainers
		}
		for len(*list) <= c.place.index {
			*list = append(*list, corev1.Container{})
		}
		(*list)[c.place.index] = c.out
	}
}

// place is where in the pod a container goes.
type place struct {
	init  bool
	index int
}

func (p place) pointer() string {
	list := "containers"
	if p.init {
		list = "initContainers"
	}
	return "/spec/" + list + "/" + strconv.Itoa(p.index)
}
