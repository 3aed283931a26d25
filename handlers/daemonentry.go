package handlers

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

// defaultDrainPercent: Developer Guide, daemon deployments.
const defaultDrainPercent = 25

// daemonRequest is what a daemon's deployment is made of.
type daemonRequest struct {
	name                        string
	definition                  *string
	providers                   []string
	critical                    *bool
	configuration               *types.DaemonDeploymentConfiguration
	managedTags, executeCommand bool
	propagate                   types.DaemonPropagateTags
	tags                        []types.Tag
}

// daemonEntry resolves and renders, once and for all, so that a refusal is the
// call's answer.
func (h *Handlers) daemonEntry(ctx context.Context, cluster *v1alpha1.Cluster, req daemonRequest) (v1alpha1.DaemonDeploymentEntry, error) {
	entry := v1alpha1.DaemonDeploymentEntry{RequestedAt: metav1.NewMicroTime(h.now()), CapacityProviders: req.providers}
	if err := checkDaemonProviders(cluster.Spec.Identity, req.providers); err != nil {
		return entry, err
	}
	def, err := h.runnableDaemon(ctx, req.definition)
	if err != nil {
		return entry, err
	}
	if entry.Template, err = h.daemonTemplate(cluster, req, def); err != nil {
		return entry, err
	}
	entry.Revision = &runtime.RawExtension{}
	if entry.Revision.Raw, err = awsjson.Marshal(daemonRevision(req, def)); err != nil {
		return entry, fmt.Errorf("encode the revision of daemon %s: %w", req.name, err)
	}
	if entry.Configuration.Raw, err = awsjson.Marshal(completeDaemonConfiguration(req.configuration)); err != nil {
		return entry, fmt.Errorf("encode the configuration of daemon %s: %w", req.name, err)
	}
	return entry, nil
}

// runnableDaemon finds the definition that a daemon is to run. The texts follow
// those for services.
func (h *Handlers) runnableDaemon(ctx context.Context, given *string) (*types.DaemonTaskDefinition, error) {
	object, err := h.daemonDefinition(ctx, aws.ToString(given))
	switch {
	case err != nil:
		return nil, err
	case object == nil:
		return nil, clientError("DaemonTaskDefinition not found.")
	case object.Spec.DeleteRequestedAt != nil:
		return nil, clientError("DaemonTaskDefinition is inactive")
	}
	return decodeDaemonDefinition(object)
}

func (h *Handlers) daemonTemplate(cluster *v1alpha1.Cluster, req daemonRequest, def *types.DaemonTaskDefinition) (*runtime.RawExtension, error) {
	spec, ordinary := cluster.Spec, taskdef.Ordinary(def)
	if err := refusal(translator.Refusals(translator.DaemonDefinitionFindings(def))); err != nil {
		return nil, err
	}
	input := translator.TaskInput{
		TaskDefinition: ordinary, LaunchType: types.LaunchTypeManagedInstances, EnableExecuteCommand: req.executeCommand, InService: true,
		Account: spec.Account, Region: spec.Region, Cluster: spec.Name, Capabilities: h.capabilities,
	}
	rendered := translator.RenderPodSpec(input)
	if err := refusal(rendered.Refusals()); err != nil {
		return nil, err
	}
	var propagated []types.Tag
	if req.propagate == types.DaemonPropagateTagsDaemon {
		propagated = req.tags
	}
	provider, _ := arn.Parse(req.providers[0])
	family := aws.ToString(def.Family)
	meta, err := translator.RenderPodMeta(translator.PodMeta{
		Identity: spec.Identity, Cluster: spec.Name, ClusterObject: cluster.Name,
		Family: family, FamilyObject: kube.Name(spec.Identity, family), Definition: ordinary,
		Daemon: req.name, DaemonObject: kube.DaemonName(cluster, req.name),
		Task: translator.StaticTask(input, translator.TaskRequest{
			// The form of the group follows that of a service's tasks.
			Identity: spec.Identity, Group: "daemon:" + req.name, CapacityProvider: provider.Name(), Architecture: h.architecture,
			Tags: mergeTags(propagated, nil, managedTags(req.managedTags, spec.Name, "")),
		}),
	})
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(corev1.PodTemplateSpec{ObjectMeta: meta, Spec: rendered.Spec})
	if err != nil {
		return nil, fmt.Errorf("encode the template of daemon %s: %w", req.name, err)
	}
	return &runtime.RawExtension{Raw: data}, nil
}

// daemonRevision has the members of ECS's DaemonRevision that are kept. The
// images' digests are not known before a node has pulled them.
func daemonRevision(req daemonRequest, def *types.DaemonTaskDefinition) *types.DaemonRevision {
	revision := &types.DaemonRevision{
		DaemonTaskDefinitionArn: def.DaemonTaskDefinitionArn, Critical: req.critical,
		EnableECSManagedTags: aws.Bool(req.managedTags), EnableExecuteCommand: aws.Bool(req.executeCommand), PropagateTags: req.propagate,
	}
	if revision.Critical == nil {
		revision.Critical = aws.Bool(true)
	}
	if revision.PropagateTags == "" {
		revision.PropagateTags = types.DaemonPropagateTagsNone
	}
	for _, c := range def.ContainerDefinitions {
		revision.ContainerImages = append(revision.ContainerImages, types.DaemonContainerImage{ContainerName: c.Name, Image: c.Image})
	}
	return revision
}

// completeDaemonConfiguration fills in the defaults (API reference,
// DescribeDaemonDeployments, example).
func completeDaemonConfiguration(given *types.DaemonDeploymentConfiguration) *types.DaemonDeploymentConfiguration {
	config := types.DaemonDeploymentConfiguration{}
	if given != nil {
		config = *given
	}
	if config.DrainPercent == nil {
		config.DrainPercent = aws.Float64(defaultDrainPercent)
	}
	if config.Alarms == nil {
		config.Alarms = &types.DaemonAlarmConfiguration{}
	}
	config.Alarms.AlarmNames = emptyIfNil(config.Alarms.AlarmNames)
	return &config
}
