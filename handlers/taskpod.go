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

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

// taskPod is what the tasks of a call are made from, without what tells them and
// the call apart. It is shared: nobody may change it.
type taskPod struct {
	pod    *corev1.Pod
	static types.Task
	// providers are the capacity providers of the tasks, where a strategy says so.
	providers []string
	warnings  []translator.Finding
}

// Rendered pods are kept for calls that ask for the same again: rendering is a
// pure function of the key.
const (
	keptTaskPods = 200
	taskPodTTL   = 10 * time.Minute
)

type taskPodKey struct{ request, cluster, definition string }

// render finds or makes the pod of the call. A call that was begun goes on with
// its definition, be it that it was deregistered since.
func (r *taskRun) render(ctx context.Context, taskDefinition *string, begun bool) error {
	def, err := r.h.runnable(ctx, taskDefinition, func() error {
		if begun {
			return nil
		}
		return invalidParameter("TaskDefinition is inactive")
	})
	if err != nil {
		return err
	}
	if err := r.findPod(def); err != nil {
		return err
	}
	noteWarnings(ctx, r.warnings)
	return nil
}

func (r *taskRun) findPod(def *definition) (err error) {
	if r.h.readsNodes(def.TaskDefinition, r.in.PlacementConstraints) {
		r.taskPod, err = r.renderPod(def, r.h.nodeLabels()) // what comes out depends on the nodes of the moment
		return err
	}
	key := taskPodKey{request: r.request, cluster: versionOf(r.cluster), definition: versionOf(def.object)}
	if kept, ok := r.h.taskPods.Get(key); ok {
		r.taskPod = kept.(taskPod)
		return nil
	}
	if r.taskPod, err = r.renderPod(def, nil); err == nil {
		r.h.taskPods.Add(key, r.taskPod, taskPodTTL)
	}
	return err
}

// renderPod makes the pod; instances are the labels of the nodes, where it depends
// on them.
func (r *taskRun) renderPod(def *definition, instances []map[string]string) (taskPod, error) {
	if err := refusal(translator.Refusals(translator.TaskFindings(r.in))); err != nil {
		return taskPod{}, err
	}
	if err := checkOverrides(r.in.Overrides, def.TaskDefinition); err != nil {
		return taskPod{}, err
	}
	if r.in.EnableExecuteCommand && !hasTaskRole(def.TaskDefinition, r.in.Overrides) {
		return taskPod{}, runWithoutTaskRole()
	}
	launch, err := r.h.resolveLaunch(r.cluster, launchRequest{
		launchType: r.in.LaunchType, strategy: r.in.CapacityProviderStrategy,
		platformVersion: r.in.PlatformVersion, network: r.in.NetworkConfiguration,
		placement: placement{constraints: r.in.PlacementConstraints, strategy: r.in.PlacementStrategy},
	}, def.TaskDefinition)
	if err != nil {
		return taskPod{}, err
	}
	if err := checkGiven(r.in, def.TaskDefinition, launch.launchType); err != nil {
		return taskPod{}, err
	}
	spec, family := r.cluster.Spec, aws.ToString(def.Family)
	group := aws.ToString(r.in.Group)
	if group == "" {
		group = "family:" + family
	}
	peers := kube.TaskGroup(spec.Identity, spec.Name, group)
	input := translator.TaskInput{
		TaskDefinition: def.TaskDefinition, Overrides: r.in.Overrides, LaunchType: launch.launchType,
		NetworkConfiguration: r.in.NetworkConfiguration, PlacementConstraints: r.in.PlacementConstraints,
		PlacementStrategy: r.in.PlacementStrategy, EnableExecuteCommand: r.in.EnableExecuteCommand,
		VolumeConfigurations: r.in.VolumeConfigurations, Group: peers, Instances: instances,
		Account: spec.Account, Region: spec.Region, Cluster: spec.Name, Capabilities: r.h.capabilities,
	}
	rendered := translator.RenderPodSpec(input)
	if err := refusal(rendered.Refusals()); err != nil {
		return taskPod{}, err
	}
	var propagated []types.Tag
	if r.in.PropagateTags == types.PropagateTagsTaskDefinition {
		propagated = def.Tags
	}
	static := translator.StaticTask(input, translator.TaskRequest{
		Identity: spec.Identity, Group: group, StartedBy: aws.ToString(r.in.StartedBy),
		Tags:            mergeTags(propagated, r.in.Tags, managedTags(r.in.EnableECSManagedTags, spec.Name, "")),
		PlatformVersion: launch.resolvedPlatform(), CapacityProvider: launch.soleProvider(), Architecture: r.h.architecture,
	})
	meta, err := translator.RenderPodMeta(translator.PodMeta{
		Identity: spec.Identity, Cluster: spec.Name, ClusterObject: r.cluster.Name,
		Family: family, FamilyObject: kube.Name(spec.Identity, family), Task: static, Definition: def.TaskDefinition,
		Group: peers, PlacementStrategy: r.in.PlacementStrategy,
	})
	if err != nil {
		return taskPod{}, err
	}
	meta.Namespace = spec.Namespace
	return taskPod{
		pod: &corev1.Pod{ObjectMeta: meta, Spec: rendered.Spec}, static: static,
		providers: spreadProviders(launch.strategy, r.count), warnings: translator.Warnings(rendered.Findings),
	}, nil
}

// checkGiven refuses sizes and volumes that do not fit the task definition.
func checkGiven(in *ecs.RunTaskInput, def *types.TaskDefinition, launchType types.LaunchType) error {
	if err := taskdef.ValidateOverrides(def, in.Overrides, launchType); err != nil {
		return err
	}
	return checkVolumes(in.VolumeConfigurations, def)
}

// checkOverrides refuses an override of a container that is not there, and
// overrides of more than 8192 characters (API reference, RunTask).
func checkOverrides(overrides *types.TaskOverride, def *types.TaskDefinition) error {
	if overrides == nil {
		return nil
	}
	for _, override := range overrides.ContainerOverrides {
		name := aws.ToString(override.Name)
		known := slices.ContainsFunc(def.ContainerDefinitions, func(c types.ContainerDefinition) bool {
			return aws.ToString(c.Name) == name
		})
		if !known {
			return overrideUnknownContainer(name)
		}
	}
	data, err := awsjson.Marshal(overrides)
	if err != nil {
		return fmt.Errorf("encode overrides: %w", err)
	}
	if len(data) > 8192 {
		// API reference, TaskOverride; the text is ECS's (github.com/convox/rack/issues/1906).
		return invalidParameter("Container Overrides length must be at most 8192")
	}
	return nil
}
