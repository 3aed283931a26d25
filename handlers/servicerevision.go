package handlers

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// revisionRequest is what a service revision is made of.
type revisionRequest struct {
	cluster    *v1alpha1.Cluster
	name       string
	definition *definition
	launch     launch
	network    *types.NetworkConfiguration
	volumes    []types.ServiceVolumeConfiguration
	monitoring *types.MonitoringConfiguration
	// routing is what leads traffic to the tasks.
	routing translator.Routing
	// settings are the service's members that its tasks take over.
	settings *types.Service
}

// makeRevision resolves and renders, once and for all, so that a refusal is the
// call's answer, and writes the revision: invisible until a deployment names it.
func (h *Handlers) makeRevision(ctx context.Context, req revisionRequest) (name string, routes []translator.Route, err error) {
	routes, err = h.resolveRoutes(ctx, req.cluster, req.name, req.routing, req.definition.TaskDefinition)
	if err != nil {
		return "", nil, err
	}
	template, warnings, err := h.renderTemplate(req, routes)
	if err != nil {
		return "", nil, err
	}
	templateJSON, err := json.Marshal(template)
	if err != nil {
		return "", nil, fmt.Errorf("encode the template of service %s: %w", req.name, err)
	}
	inputs := types.ServiceRevision{
		TaskDefinition: req.definition.TaskDefinitionArn, NetworkConfiguration: req.network, VolumeConfigurations: req.volumes, Monitoring: req.monitoring,
	}
	setRouting(&inputs, req.routing)
	if len(req.launch.strategy) > 0 {
		inputs.CapacityProviderStrategy = req.launch.strategy
	} else {
		inputs.LaunchType = req.launch.launchType
	}
	if req.launch.launchType == types.LaunchTypeFargate {
		inputs.PlatformVersion, inputs.PlatformFamily = aws.String(req.launch.resolvedPlatform()), aws.String("Linux")
	}
	inputsJSON, err := awsjson.Marshal(&inputs)
	if err != nil {
		return "", nil, fmt.Errorf("encode the inputs of service %s: %w", req.name, err)
	}
	object := kube.ServiceName(req.cluster, req.name)
	revision := &v1alpha1.ServiceRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: req.cluster.Spec.Namespace, Name: kube.RevisionName(object, append(inputsJSON, templateJSON...)),
			Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.ServiceLabel: object},
		},
		Spec: v1alpha1.ServiceRevisionSpec{
			Identity: req.cluster.Spec.Identity, Cluster: req.cluster.Spec.Name, Service: req.name,
			Inputs: runtime.RawExtension{Raw: inputsJSON}, Template: runtime.RawExtension{Raw: templateJSON},
		},
	}
	err = h.store.Revisions.Create(ctx, revision)
	switch {
	case err == nil:
		h.warn(ctx, revision, warnings)
	case apierrors.IsAlreadyExists(err): // its Event was written when it was made
		noteWarnings(ctx, warnings)
		err = h.takeRevision(ctx, revision)
	}
	return revision.Name, routes, fromKubernetes(err)
}

// takeRevision marks a revision with the same content as used now, so that one
// that no call has committed yet is not collected under this one.
func (h *Handlers) takeRevision(ctx context.Context, revision *v1alpha1.ServiceRevision) error {
	taken, err := h.store.Revisions.Patch(ctx, revision, kube.Fields{"metadata": kube.Fields{
		"annotations": kube.Fields{v1alpha1.UsedAtAnnotation: translator.FormatTime(h.now())},
	}})
	if err != nil {
		return err
	}
	if taken.DeletionTimestamp != nil {
		return fmt.Errorf("service revision %s is being removed", taken.Name)
	}
	return nil
}

func (h *Handlers) renderTemplate(req revisionRequest, routes []translator.Route) (*corev1.PodTemplateSpec, []translator.Finding, error) {
	spec := req.cluster.Spec
	input := translator.TaskInput{
		TaskDefinition: req.definition.TaskDefinition, LaunchType: req.launch.launchType,
		NetworkConfiguration: req.network, PlacementConstraints: req.settings.PlacementConstraints, PlacementStrategy: req.settings.PlacementStrategy,
		VolumeConfigurations: translator.TaskVolumes(req.volumes),
		EnableExecuteCommand: req.settings.EnableExecuteCommand, LoadBalancers: req.routing.LoadBalancers,
		InService: true, Routed: len(routes) > 0, Group: kube.ServiceName(req.cluster, req.name),
		Account: spec.Account, Region: spec.Region, Cluster: spec.Name, Capabilities: h.capabilities,
	}
	if req.settings.SchedulingStrategy == types.SchedulingStrategyDaemon {
		if !h.store.WatchesNodes() {
			return nil, nil, unsupported("/schedulingStrategy", "Gantry has not the right to see the nodes of the cluster, and cannot count them")
		}
		input.Daemon = true
	}
	if err := checkVolumes(input.VolumeConfigurations, req.definition.TaskDefinition); err != nil {
		return nil, nil, err
	}
	rendered := translator.RenderPodSpec(input)
	if err := refusal(rendered.Refusals()); err != nil {
		return nil, nil, err
	}
	var propagated []types.Tag
	switch req.settings.PropagateTags {
	case types.PropagateTagsTaskDefinition:
		propagated = req.definition.Tags
	case types.PropagateTagsService:
		propagated = req.settings.Tags
	case types.PropagateTagsNone:
	}
	family := aws.ToString(req.definition.Family)
	static := translator.StaticTask(input, translator.TaskRequest{
		Identity: spec.Identity, Group: "service:" + req.name,
		Tags:            mergeTags(propagated, nil, managedTags(req.settings.EnableECSManagedTags, spec.Name, req.name)),
		PlatformVersion: req.launch.resolvedPlatform(), CapacityProvider: req.launch.soleProvider(), Architecture: h.architecture,
	})
	meta, err := translator.RenderPodMeta(translator.PodMeta{
		Identity: spec.Identity, Cluster: spec.Name, ClusterObject: req.cluster.Name,
		Family: family, FamilyObject: kube.Name(spec.Identity, family), Task: static, Definition: req.definition.TaskDefinition,
		Service: req.name, ServiceObject: kube.ServiceName(req.cluster, req.name),
		Routes: routes, Routing: req.routing, PlacementStrategy: req.settings.PlacementStrategy,
		CapacityProviderStrategy: req.launch.strategy,
	})
	if err != nil {
		return nil, nil, err
	}
	return &corev1.PodTemplateSpec{ObjectMeta: meta, Spec: rendered.Spec}, translator.Warnings(rendered.Findings), nil
}
