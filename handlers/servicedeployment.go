package handlers

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/util/retry"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// maxDeploymentARNs is how many service deployments or revisions a call may
// describe (API reference, DescribeServiceDeployments).
const maxDeploymentARNs = 20

// partOfService finds the service that a service deployment or a service revision
// belongs to, and the part's id; nil where there is no such service.
func (h *Handlers) partOfService(ctx context.Context, kind, given string) (*v1alpha1.ECSService, string, error) {
	ref, ok := arn.Parse(given)
	if !ok || !ref.IsARN || ref.Kind != kind || len(ref.Path) != 3 {
		return nil, "", invalidParameter("Invalid ARN: %s", given) // the text is chosen
	}
	id := identity(ctx)
	if ref.Account != id.Account || ref.Region != id.Region {
		return nil, ref.Name(), nil
	}
	awsapi.Note(ctx, "cluster", ref.Path[0])
	cluster, found, err := h.store.Clusters.Find(ctx, h.store.Namespace, kube.Name(id, ref.Path[0]))
	if err != nil || !found {
		return nil, ref.Name(), err
	}
	svc, err := h.findService(ctx, cluster, ref.Path[1])
	return svc, ref.Name(), err
}

// serviceDeployment finds a service deployment and all that is known of its
// service; nil where there is none.
func (h *Handlers) serviceDeployment(ctx context.Context, given string) (translator.ServiceView, *v1alpha1.ServiceDeployment, error) {
	svc, id, err := h.partOfService(ctx, "service-deployment", given)
	if err != nil || svc == nil {
		return translator.ServiceView{}, nil, err
	}
	view, err := h.serviceView(ctx, svc)
	if err != nil {
		return view, nil, err
	}
	all := view.ServiceDeployments()
	i := slices.IndexFunc(all, func(r *v1alpha1.ServiceDeployment) bool { return view.IDs.ServiceDeployment(r.Spec.Number) == id })
	if i < 0 {
		return view, nil, nil
	}
	return view, all[i], nil
}

// begunDeployment is a service deployment that can be written to. One that is PENDING
// gets its object from the leader in a moment.
func (h *Handlers) begunDeployment(ctx context.Context, given string) (view translator.ServiceView, rollout *v1alpha1.ServiceDeployment, err error) {
	begun := h.store.Await(ctx, func() bool {
		view, rollout, err = h.serviceDeployment(ctx, given)
		return err != nil || rollout == nil || rollout.UID != ""
	})
	switch {
	case err != nil:
		return view, nil, err
	case rollout == nil:
		return view, nil, serviceDeploymentNotFound()
	case !begun:
		return view, nil, fmt.Errorf("service deployment %s is still PENDING", given)
	}
	return view, rollout, nil
}

// DescribeServiceDeployments answers up to twenty service deployments.
func (h *Handlers) DescribeServiceDeployments(ctx context.Context, in *ecs.DescribeServiceDeploymentsInput) (*ecs.DescribeServiceDeploymentsOutput, error) {
	if err := checkDeploymentARNs("serviceDeploymentArns", in.ServiceDeploymentArns); err != nil {
		return nil, err
	}
	out := &ecs.DescribeServiceDeploymentsOutput{ServiceDeployments: []types.ServiceDeployment{}, Failures: []types.Failure{}}
	for _, given := range in.ServiceDeploymentArns {
		view, rollout, err := h.serviceDeployment(ctx, given)
		if err != nil {
			return nil, err
		}
		if rollout == nil {
			out.Failures = append(out.Failures, failure(given, reasonMissing))
			continue
		}
		answer, err := translator.ServiceDeploymentFrom(view, rollout)
		if err != nil {
			return nil, err
		}
		out.ServiceDeployments = append(out.ServiceDeployments, answer)
	}
	return out, nil
}

func checkDeploymentARNs(member string, arns []string) error {
	switch {
	case len(arns) == 0:
		return cannotBeEmpty(member)
	case len(arns) > maxDeploymentARNs:
		return atMost(member, maxDeploymentARNs)
	}
	return nil
}

// ListServiceDeployments answers a service's deployments, the newest first,
// twenty a page unless asked for otherwise (API reference, ListServiceDeployments).
func (h *Handlers) ListServiceDeployments(ctx context.Context, in *ecs.ListServiceDeploymentsInput) (*ecs.ListServiceDeploymentsOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	name, err := serviceName(cluster, aws.ToString(in.Service))
	if err != nil {
		return nil, err
	}
	for _, status := range in.Status {
		if !slices.Contains(status.Values(), status) {
			return nil, invalidParameter("Invalid service deployment status: %s", status) // the text is chosen
		}
	}
	svc, err := h.service(ctx, cluster, name)
	if err != nil {
		return nil, err
	}
	view, err := h.serviceView(ctx, svc)
	if err != nil {
		return nil, err
	}
	briefs := []types.ServiceDeploymentBrief{}
	keys := map[string]string{} // ARN → sort key
	for _, rollout := range view.ServiceDeployments() {
		brief, err := translator.ServiceDeploymentBrief(view, rollout)
		if err != nil {
			return nil, err
		}
		if !listedDeployment(in, brief) {
			continue
		}
		keys[*brief.ServiceDeploymentArn] = fmt.Sprintf("%019d", rollout.Spec.Number)
		briefs = append(briefs, brief)
	}
	size, err := pageSize(in.MaxResults, 20)
	if err != nil {
		return nil, err
	}
	briefs, next, err := pageBy("service-deployments", briefs, func(b types.ServiceDeploymentBrief) string { return keys[*b.ServiceDeploymentArn] }, true, size, in.NextToken)
	return &ecs.ListServiceDeploymentsOutput{ServiceDeployments: briefs, NextToken: next}, err
}

func listedDeployment(in *ecs.ListServiceDeploymentsInput, brief types.ServiceDeploymentBrief) bool {
	if created := in.CreatedAt; created != nil &&
		(created.After != nil && !brief.CreatedAt.After(*created.After) || created.Before != nil && !brief.CreatedAt.Before(*created.Before)) {
		return false
	}
	return len(in.Status) == 0 || slices.Contains(in.Status, brief.Status)
}

// StopServiceDeployment asks for the end of a deployment that has not ended. One that
// is being stopped or taken back goes on with that (Developer Guide, stopping service
// deployments). The guide knows ROLLBACK only; ABORT, which the enumeration has,
// leaves what runs as it is.
func (h *Handlers) StopServiceDeployment(ctx context.Context, in *ecs.StopServiceDeploymentInput) (*ecs.StopServiceDeploymentOutput, error) {
	stop := in.StopType
	switch stop {
	case "":
		stop = types.StopServiceDeploymentStopTypeRollback
	case types.StopServiceDeploymentStopTypeRollback, types.StopServiceDeploymentStopTypeAbort:
	default:
		return nil, oneOf("stopType", "ABORT", "ROLLBACK")
	}
	err := h.changeDeployment(ctx, in.ServiceDeploymentArn, func(view translator.ServiceView, rollout *v1alpha1.ServiceDeployment) (kube.Fields, error) {
		switch view.ServiceDeploymentStatus(rollout) {
		case types.ServiceDeploymentStatusPending, types.ServiceDeploymentStatusInProgress:
			return kube.Fields{"stop": stop}, nil
		case types.ServiceDeploymentStatusStopRequested, types.ServiceDeploymentStatusRollbackRequested, types.ServiceDeploymentStatusRollbackInProgress:
			return nil, nil
		case types.ServiceDeploymentStatusSuccessful, types.ServiceDeploymentStatusStopped,
			types.ServiceDeploymentStatusRollbackSuccessful, types.ServiceDeploymentStatusRollbackFailed:
		}
		return nil, serviceDeploymentConflict()
	})
	if err != nil {
		return nil, err
	}
	return &ecs.StopServiceDeploymentOutput{ServiceDeploymentArn: in.ServiceDeploymentArn}, nil
}

// changeDeployment patches a service deployment's spec by what decide makes of it,
// which is nothing where nothing is to change. The controller writes the object all
// through a deployment: a conflict decides again on the newest version.
func (h *Handlers) changeDeployment(ctx context.Context, given *string, decide func(translator.ServiceView, *v1alpha1.ServiceDeployment) (kube.Fields, error)) error {
	return retry.RetryOnConflict(conflictRetry, func() error {
		view, rollout, err := h.begunDeployment(ctx, aws.ToString(given))
		if err != nil {
			return err
		}
		change, err := decide(view, rollout)
		if err != nil || change == nil {
			return err
		}
		_, err = h.store.Rollouts.Patch(ctx, rollout, kube.Fields{"spec": change})
		if apierrors.IsConflict(err) {
			if _, _, liveErr := h.store.Rollouts.Live(ctx, rollout.Namespace, rollout.Name); liveErr != nil {
				return liveErr
			}
		}
		return fromKubernetes(err)
	})
}

// ContinueServiceDeployment ends the pause of a lifecycle hook, for better or worse.
func (h *Handlers) ContinueServiceDeployment(ctx context.Context, in *ecs.ContinueServiceDeploymentInput) (*ecs.ContinueServiceDeploymentOutput, error) {
	action := in.Action
	switch action {
	case "":
		action = types.DeploymentLifecycleHookActionContinue
	case types.DeploymentLifecycleHookActionContinue, types.DeploymentLifecycleHookActionRollback:
	default:
		return nil, oneOf("action", "CONTINUE", "ROLLBACK")
	}
	id := aws.ToString(in.HookId)
	err := h.changeDeployment(ctx, in.ServiceDeploymentArn, func(_ translator.ServiceView, rollout *v1alpha1.ServiceDeployment) (kube.Fields, error) {
		i := slices.IndexFunc(rollout.Status.Hooks, func(hook v1alpha1.LifecycleHook) bool { return hook.ID == id })
		switch {
		case i < 0:
			return nil, hookNotFound(id)
		case rollout.Status.Hooks[i].Status != string(types.DeploymentLifecycleHookStatusAwaitingAction),
			slices.ContainsFunc(rollout.Spec.HookActions, func(a v1alpha1.HookAction) bool { return a.ID == id }):
			return nil, hookConflict()
		}
		return kube.Fields{"hookActions": append(slices.Clone(rollout.Spec.HookActions), v1alpha1.HookAction{ID: id, Action: string(action)})}, nil
	})
	if err != nil {
		return nil, err
	}
	return &ecs.ContinueServiceDeploymentOutput{ServiceDeploymentArn: in.ServiceDeploymentArn}, nil
}

// DescribeServiceRevisions answers up to twenty service revisions.
func (h *Handlers) DescribeServiceRevisions(ctx context.Context, in *ecs.DescribeServiceRevisionsInput) (*ecs.DescribeServiceRevisionsOutput, error) {
	if err := checkDeploymentARNs("serviceRevisionArns", in.ServiceRevisionArns); err != nil {
		return nil, err
	}
	out := &ecs.DescribeServiceRevisionsOutput{ServiceRevisions: []types.ServiceRevision{}, Failures: []types.Failure{}}
	for _, given := range in.ServiceRevisionArns {
		answer, err := h.serviceRevision(ctx, given)
		if err != nil {
			return nil, err
		}
		if answer == nil {
			out.Failures = append(out.Failures, failure(given, reasonMissing))
			continue
		}
		out.ServiceRevisions = append(out.ServiceRevisions, *answer)
	}
	return out, nil
}

// serviceRevision finds a service revision; nil where there is none.
func (h *Handlers) serviceRevision(ctx context.Context, given string) (*types.ServiceRevision, error) {
	svc, id, err := h.partOfService(ctx, "service-revision", given)
	if err != nil || svc == nil {
		return nil, err
	}
	view, err := h.serviceView(ctx, svc)
	if err != nil {
		return nil, err
	}
	for _, rollout := range view.ServiceDeployments() {
		if view.IDs.Revision(rollout.Spec.RevisionNumber) != id {
			continue
		}
		revision, found, err := h.store.Revisions.Find(ctx, svc.Namespace, rollout.Spec.Revision)
		if err != nil || !found {
			return nil, err
		}
		answer, err := translator.ServiceRevisionFrom(view, rollout.Spec.DeploymentEntry, revision)
		return &answer, err
	}
	return nil, nil
}
