package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/translator"
)

// encodeTaskSet is what an entry keeps of ECS's TaskSet.
func encodeTaskSet(set types.TaskSet) (runtime.RawExtension, error) {
	data, err := awsjson.Marshal(&set)
	if err != nil {
		return runtime.RawExtension{}, fmt.Errorf("encode task set: %w", err)
	}
	return runtime.RawExtension{Raw: data}, nil
}

// newTaskSet has the members that say what the tasks are and where they run.
func newTaskSet(l launch, def *definition) types.TaskSet {
	set := types.TaskSet{TaskDefinition: def.TaskDefinitionArn, Tags: []types.Tag{}}
	if len(l.strategy) > 0 {
		set.CapacityProviderStrategy = l.strategy
	} else {
		set.LaunchType = l.launchType
	}
	if l.launchType == types.LaunchTypeFargate {
		set.PlatformVersion, set.PlatformFamily = aws.String(l.resolvedPlatform()), aws.String("Linux")
	}
	return set
}

// UpdateTaskSet changes the scale, the one member of a task set that can be
// (Developer Guide, external deployment).
func (h *Handlers) UpdateTaskSet(ctx context.Context, in *ecs.UpdateTaskSetInput) (*ecs.UpdateTaskSetOutput, error) {
	given, err := completeScale(in.Scale)
	if err != nil {
		return nil, err
	}
	scale, err := awsjson.Marshal(given)
	if err != nil {
		return nil, fmt.Errorf("encode scale: %w", err)
	}
	answer, err := h.changeTaskSet(ctx, taskSetCall{in.Cluster, in.Service, in.TaskSet}, func(svc *v1alpha1.ECSService, entry *v1alpha1.DeploymentEntry) (map[string]any, error) {
		if err := checkStanding(svc, entry); err != nil {
			return nil, err
		}
		return map[string]any{}, setMember(entry, "scale", scale)
	})
	return &ecs.UpdateTaskSetOutput{TaskSet: answer}, err
}

// UpdateServicePrimaryTaskSet makes a task set PRIMARY, and the one before ACTIVE.
// The service's answers have its members from then on.
func (h *Handlers) UpdateServicePrimaryTaskSet(ctx context.Context, in *ecs.UpdateServicePrimaryTaskSetInput) (*ecs.UpdateServicePrimaryTaskSetOutput, error) {
	answer, err := h.changeTaskSet(ctx, taskSetCall{in.Cluster, in.Service, in.PrimaryTaskSet}, func(svc *v1alpha1.ECSService, entry *v1alpha1.DeploymentEntry) (map[string]any, error) {
		if err := checkStanding(svc, entry); err != nil || svc.Spec.PrimaryTaskSet == entry.Number {
			return nil, err
		}
		return map[string]any{"primaryTaskSet": entry.Number}, nil
	})
	return &ecs.UpdateServicePrimaryTaskSetOutput{TaskSet: answer}, err
}

// DeleteTaskSet lets a task set drain. One that is primary, or has tasks to run,
// goes by force alone.
func (h *Handlers) DeleteTaskSet(ctx context.Context, in *ecs.DeleteTaskSetInput) (*ecs.DeleteTaskSetOutput, error) {
	answer, err := h.changeTaskSet(ctx, taskSetCall{in.Cluster, in.Service, in.TaskSet}, func(svc *v1alpha1.ECSService, entry *v1alpha1.DeploymentEntry) (map[string]any, error) {
		members, err := translator.TaskSetMembers(*entry)
		if err != nil {
			return nil, err
		}
		status, change := translator.TaskSetStatus(svc, *entry), map[string]any{}
		switch {
		case status == translator.TaskSetDraining:
			return nil, nil
		case status == translator.TaskSetPrimary && !aws.ToBool(in.Force):
			return nil, primaryUndeletable()
		case members.Scale != nil && members.Scale.Value > 0 && !aws.ToBool(in.Force):
			return nil, taskSetScaled()
		case status == translator.TaskSetPrimary:
			change["primaryTaskSet"] = 0
		}
		now := metav1.NewMicroTime(h.now())
		entry.TaskSet.DeletedAt = &now
		return change, nil
	})
	return &ecs.DeleteTaskSetOutput{TaskSet: answer}, err
}

// checkStanding refuses to change what is on its way out.
func checkStanding(svc *v1alpha1.ECSService, entry *v1alpha1.DeploymentEntry) error {
	switch {
	case svc.Spec.DeletedAt != nil:
		return serviceNotActive()
	case translator.TaskSetStatus(svc, *entry) == translator.TaskSetDraining:
		return taskSetDraining()
	}
	return nil
}

// taskSetCall names a task set.
type taskSetCall struct{ cluster, service, taskSet *string }

// changeTaskSet patches the service by what change makes of the task set's entry,
// which is a copy, and of the service beside it; nil is no change. It answers the
// task set afterwards.
func (h *Handlers) changeTaskSet(ctx context.Context, call taskSetCall, change func(*v1alpha1.ECSService, *v1alpha1.DeploymentEntry) (map[string]any, error)) (*types.TaskSet, error) {
	_, svc, err := h.taskSetService(ctx, call.cluster, call.service)
	if err != nil {
		return nil, err
	}
	id, err := taskSetID(svc, aws.ToString(call.taskSet))
	if err != nil {
		return nil, err
	}
	var number int64
	err = h.changeService(ctx, &svc, func(current *v1alpha1.ECSService) (map[string]any, error) {
		i := taskSetIndex(current, id)
		if i < 0 {
			return nil, taskSetNotFound()
		}
		entry := *current.Spec.Deployments[i].DeepCopy()
		number = entry.Number
		spec, err := change(current, &entry)
		if err != nil || spec == nil {
			return nil, err
		}
		entry.TaskSet.UpdatedAt = metav1.NewMicroTime(h.now())
		entries := slices.Clone(current.Spec.Deployments)
		entries[i] = entry
		spec["deployments"] = entries
		return spec, nil
	})
	if err != nil {
		return nil, err
	}
	return h.taskSetAnswer(ctx, svc, number)
}

// setMember replaces one member of what the entry keeps, and leaves those alone
// that a newer release may have written.
func setMember(entry *v1alpha1.DeploymentEntry, name string, value json.RawMessage) error {
	members := map[string]json.RawMessage{}
	err := json.Unmarshal(entry.TaskSet.Definition.Raw, &members)
	if err != nil {
		return fmt.Errorf("decode task set %d: %w", entry.Number, err)
	}
	members[name] = value
	if entry.TaskSet.Definition.Raw, err = json.Marshal(members); err != nil {
		return fmt.Errorf("encode task set %d: %w", entry.Number, err)
	}
	return nil
}

// completeScale is a scale that was given, in percent; the texts of its refusals
// are chosen, but for the form of the first.
func completeScale(given *types.Scale) (*types.Scale, error) {
	scale := types.Scale{Unit: types.ScaleUnitPercent}
	if given == nil {
		return &scale, nil
	}
	scale.Value = given.Value
	switch {
	case given.Unit != "" && given.Unit != types.ScaleUnitPercent:
		return nil, oneOf("scale unit", "PERCENT")
	case !(scale.Value >= 0 && scale.Value <= 100):
		return nil, invalidParameter("The scale value must be between 0 and 100.")
	}
	return &scale, nil
}
