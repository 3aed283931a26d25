package handlers

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

var taskSetPattern = regexp.MustCompile(`^ecs-svc/[0-9]+$`)

// taskSetID reads what a request names a task set by: its id, ecs-svc/ and a
// number, or its ARN.
func taskSetID(svc *v1alpha1.ECSService, given string) (string, error) {
	ref, ok := arn.Parse(given)
	path := ref.Path
	if ref.IsARN {
		if ref.Kind != "task-set" || len(path) != 4 {
			return "", taskSetInvalid()
		}
		if ref.Account != svc.Spec.Account || ref.Region != svc.Spec.Region || path[0] != svc.Spec.Cluster || path[1] != svc.Spec.Name {
			return "", taskSetNotFound()
		}
		path = path[2:]
	}
	id := strings.Join(path, "/")
	if !ok || !taskSetPattern.MatchString(id) {
		return "", taskSetInvalid()
	}
	return id, nil
}

// taskSetIndex finds the task set of the id among the service's entries; -1 where
// there is none.
func taskSetIndex(svc *v1alpha1.ECSService, id string) int {
	return slices.IndexFunc(svc.Spec.Deployments, func(entry v1alpha1.DeploymentEntry) bool {
		return entry.TaskSet != nil && kube.DeploymentID(svc.UID, entry.Number) == id
	})
}

// taskSetService finds the service whose task sets a call is about: one that ECS
// does not deploy itself.
//
// With CODE_DEPLOY it is CodeDeploy that makes these calls, under a role of the
// user's (Developer Guide, AWSCodeDeployRoleForECS). Whether ECS refuses others
// is not known; here there is no CodeDeploy, and whoever plays it is let in.
func (h *Handlers) taskSetService(ctx context.Context, cluster, service *string) (*v1alpha1.Cluster, *v1alpha1.ECSService, error) {
	in, err := h.activeCluster(ctx, cluster)
	if err != nil {
		return nil, nil, err
	}
	svc, err := h.namedService(ctx, in, service)
	if err != nil {
		return nil, nil, err
	}
	return in, svc, h.checkTaskSetService(svc)
}

func (h *Handlers) checkTaskSetService(svc *v1alpha1.ECSService) error {
	if h.serviceStatus(svc) == translator.ServiceInactive {
		return serviceNotActive()
	}
	settings, err := translator.ServiceSettings(svc)
	if err == nil && !translator.UsesTaskSets(&settings) {
		err = noTaskSets()
	}
	return err
}

// DescribeTaskSets answers task sets of one service. None named is an error, as
// seen (github.com/aws/aws-cli/issues/5380), though the reference has the member as
// optional.
func (h *Handlers) DescribeTaskSets(ctx context.Context, in *ecs.DescribeTaskSetsInput) (*ecs.DescribeTaskSetsOutput, error) {
	if len(in.TaskSets) == 0 {
		return nil, cannotBeEmpty("TaskSets")
	}
	withTags, err := asksForTags(in.Include)
	if err != nil {
		return nil, err
	}
	_, svc, err := h.taskSetService(ctx, in.Cluster, in.Service)
	if err != nil {
		return nil, err
	}
	sets, err := h.taskSets(ctx, svc)
	if err != nil {
		return nil, err
	}
	if !withTags {
		withoutTags(sets)
	}
	out := &ecs.DescribeTaskSetsOutput{TaskSets: []types.TaskSet{}, Failures: []types.Failure{}}
	for _, given := range in.TaskSets {
		id, err := taskSetID(svc, given)
		if err != nil {
			return nil, err
		}
		i := taskSetIndex(svc, id)
		if i < 0 {
			spec := svc.Spec
			out.Failures = append(out.Failures, failure(arn.TaskSet(spec.Identity, spec.Cluster, spec.Name, id), reasonMissing))
			continue
		}
		out.TaskSets = append(out.TaskSets, sets[i])
	}
	return out, nil
}

// withoutTags is for answers that were not asked for tags: the list is sent, and
// has none (recorded).
func withoutTags(sets []types.TaskSet) {
	for i := range sets {
		sets[i].Tags = []types.Tag{}
	}
}

// taskSets makes ECS's TaskSet of each of the service's entries.
func (h *Handlers) taskSets(ctx context.Context, svc *v1alpha1.ECSService) ([]types.TaskSet, error) {
	view, err := h.serviceView(ctx, svc)
	if err != nil {
		return nil, err
	}
	return view.TaskSets()
}

// taskSetAnswer is the one of the entry with the number.
func (h *Handlers) taskSetAnswer(ctx context.Context, svc *v1alpha1.ECSService, number int64) (*types.TaskSet, error) {
	sets, err := h.taskSets(ctx, svc)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(svc.Spec.Deployments, func(entry v1alpha1.DeploymentEntry) bool { return entry.Number == number })
	if i < 0 {
		return nil, taskSetNotFound()
	}
	return &sets[i], nil
}
