package handlers

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

const (
	// maxTaskSets is how many a service may have (seen).
	maxTaskSets = 5
	// startedByCodeDeploy marks the task sets of a CODE_DEPLOY service (API
	// reference, TaskSet.startedBy).
	startedByCodeDeploy = "CODE_DEPLOY"
)

// CreateTaskSet writes the revision and commits with the service, of which the
// task set is an entry.
func (h *Handlers) CreateTaskSet(ctx context.Context, in *ecs.CreateTaskSetInput) (*ecs.CreateTaskSetOutput, error) {
	if err := checkCreateTaskSet(in); err != nil {
		return nil, err
	}
	cluster, svc, err := h.taskSetService(ctx, in.Cluster, in.Service)
	if err != nil {
		return nil, err
	}
	request := *in
	request.ClientToken = nil
	token, hash, err := creationIdentity(cluster, &request, in.ClientToken)
	if err != nil {
		return nil, err
	}
	var number int64
	err = h.changeService(ctx, &svc, func(current *v1alpha1.ECSService) (map[string]any, error) {
		if made := taskSetOf(current, token); made != nil {
			if made.TaskSet.RequestHash != hash {
				return nil, taskSetNotIdempotent()
			}
			number = made.Number
			return nil, nil
		}
		entry, err := h.newTaskSetEntry(ctx, cluster, current, in)
		if err != nil {
			return nil, err
		}
		entry.TaskSet.Token, entry.TaskSet.RequestHash = token, hash
		number = entry.Number
		return map[string]any{"lastDeployment": number, "deployments": append(slices.Clone(current.Spec.Deployments), entry)}, nil
	})
	if err != nil {
		return nil, err
	}
	answer, err := h.taskSetAnswer(ctx, svc, number)
	return &ecs.CreateTaskSetOutput{TaskSet: answer}, err
}

// checkCreateTaskSet refuses what ECS refuses before it looks at anything, and by
// name what Gantry does not serve.
func checkCreateTaskSet(in *ecs.CreateTaskSetInput) error {
	switch {
	case len(aws.ToString(in.ClientToken)) > 36:
		return invalidParameter("idempotency token longer than 36.")
	case in.LaunchType != "" && len(in.CapacityProviderStrategy) > 0:
		return bothLaunchTypeAndStrategy()
	}
	if _, err := completeScale(in.Scale); err != nil {
		return err
	}
	if err := taskdef.ValidateTags(in.Tags); err != nil {
		return err
	}
	if err := checkRouting(in.LoadBalancers, in.ServiceRegistries, nil); err != nil {
		return err
	}
	if err := checkTaskSetBalancers(in.LoadBalancers); err != nil {
		return err
	}
	return refusal(translator.Refusals(translator.TaskSetFindings(in)))
}

// checkTaskSetBalancers: one target group, and no second one for tests (Developer
// Guide, external deployment, multiple target groups). The text is chosen.
func checkTaskSetBalancers(list []types.LoadBalancer) error {
	for _, lb := range list {
		if lb.AdvancedConfiguration != nil {
			return invalidParameter("advancedConfiguration is not supported for task sets")
		}
	}
	return checkOneTargetGroup(list)
}

// taskSetOf is the task set that a call with the token has made; nil where there
// is none.
func taskSetOf(svc *v1alpha1.ECSService, token string) *v1alpha1.DeploymentEntry {
	for i, entry := range svc.Spec.Deployments {
		if token != "" && entry.TaskSet != nil && entry.TaskSet.Token == token {
			return &svc.Spec.Deployments[i]
		}
	}
	return nil
}

// newTaskSetEntry resolves and renders, once and for all, so that a refusal is the
// call's answer.
func (h *Handlers) newTaskSetEntry(ctx context.Context, cluster *v1alpha1.Cluster, svc *v1alpha1.ECSService, in *ecs.CreateTaskSetInput) (v1alpha1.DeploymentEntry, error) {
	none := v1alpha1.DeploymentEntry{}
	if svc.Spec.DeletedAt != nil {
		return none, serviceNotActive()
	}
	if n := standing(svc); n >= maxTaskSets {
		return none, tooManyTaskSets(n)
	}
	settings, err := translator.ServiceSettings(svc)
	if err != nil {
		return none, err
	}
	def, l, err := h.serviceLaunch(ctx, cluster, in.TaskDefinition, settings.EnableExecuteCommand, launchRequest{
		launchType: in.LaunchType, strategy: in.CapacityProviderStrategy, platformVersion: in.PlatformVersion, network: in.NetworkConfiguration,
		placement: placementOf(&settings),
	})
	if err != nil {
		return none, err
	}
	set := newTaskSet(l, def)
	set.NetworkConfiguration = completeNetwork(in.NetworkConfiguration)
	set.LoadBalancers, set.ServiceRegistries = emptyIfNil(in.LoadBalancers), emptyIfNil(in.ServiceRegistries)
	set.ExternalId, set.Tags = in.ExternalId, emptyIfNil(in.Tags)
	if set.Scale, err = completeScale(in.Scale); err != nil {
		return none, err
	}
	if controllerOf(settings.DeploymentController) == types.DeploymentControllerTypeCodeDeploy {
		set.StartedBy = aws.String(startedByCodeDeploy)
	}
	revision, _, err := h.makeRevision(ctx, revisionRequest{
		cluster: cluster, name: svc.Spec.Name, definition: def, launch: l, network: set.NetworkConfiguration,
		routing:  translator.Routing{LoadBalancers: set.LoadBalancers, ServiceRegistries: set.ServiceRegistries},
		settings: &settings,
	})
	if err != nil {
		return none, err
	}
	members, err := encodeTaskSet(set)
	if err != nil {
		return none, err
	}
	number, now := svc.Spec.LastDeployment+1, metav1.NewMicroTime(h.now())
	return v1alpha1.DeploymentEntry{
		Number: number, Revision: revision, RevisionNumber: number, RequestedAt: now,
		TaskSet: &v1alpha1.TaskSetEntry{Definition: members, UpdatedAt: now},
	}, nil
}

// standing counts the service's task sets; those that drain are on their way out.
func standing(svc *v1alpha1.ECSService) int {
	n := 0
	for _, entry := range svc.Spec.Deployments {
		if translator.TaskSetStatus(svc, entry) != translator.TaskSetDraining {
			n++
		}
	}
	return n
}
