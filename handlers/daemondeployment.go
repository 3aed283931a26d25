package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/translator"
)

// daemonDeploymentsPage: API reference, ListDaemonDeployments.
const daemonDeploymentsPage = 20

// DescribeDaemonDeployments answers the deployments that ARNs name.
func (h *Handlers) DescribeDaemonDeployments(ctx context.Context, in *ecs.DescribeDaemonDeploymentsInput) (*ecs.DescribeDaemonDeploymentsOutput, error) {
	if err := checkDeploymentARNs("daemonDeploymentArns", in.DaemonDeploymentArns); err != nil {
		return nil, err
	}
	deployments, failures, err := describePartsOfDaemons(ctx, h, "daemon-deployment", in.DaemonDeploymentArns,
		func(ids translator.DaemonIDs, number int64) string { return ids.Deployment(number) }, translator.DaemonView.Deployment)
	return &ecs.DescribeDaemonDeploymentsOutput{DaemonDeployments: deployments, Failures: failures}, err
}

// DescribeDaemonRevisions answers the revisions that ARNs name.
func (h *Handlers) DescribeDaemonRevisions(ctx context.Context, in *ecs.DescribeDaemonRevisionsInput) (*ecs.DescribeDaemonRevisionsOutput, error) {
	if err := checkDeploymentARNs("daemonRevisionArns", in.DaemonRevisionArns); err != nil {
		return nil, err
	}
	revisions, failures, err := describePartsOfDaemons(ctx, h, "daemon-revision", in.DaemonRevisionArns,
		func(ids translator.DaemonIDs, number int64) string { return ids.Revision(number) }, translator.DaemonView.Revision)
	return &ecs.DescribeDaemonRevisionsOutput{DaemonRevisions: revisions, Failures: failures}, err
}

// describePartsOfDaemons answers, each once, what ARNs of the form
// KIND/CLUSTER/DAEMON/ID name: the part that get has of the number with that id. A
// part that is not there is a failure.
func describePartsOfDaemons[T any](
	ctx context.Context, h *Handlers, kind string, given []string,
	idOf func(ids translator.DaemonIDs, number int64) string, get func(view translator.DaemonView, number int64) (T, bool, error),
) (answers []T, failures []types.Failure, err error) {
	answers, failures = []T{}, []types.Failure{}
	for _, item := range once(given) {
		view, id, err := h.partOfDaemon(ctx, kind, item)
		if err != nil {
			return nil, nil, err
		}
		var answer T
		found := false
		for number := int64(1); view != nil && !found && number <= view.Daemon.Spec.LastDeployment; number++ {
			if idOf(view.IDs, number) != id {
				continue
			}
			if answer, found, err = get(*view, number); err != nil {
				return nil, nil, err
			}
		}
		if found {
			answers = append(answers, answer)
		} else {
			failures = append(failures, failure(item, reasonMissing))
		}
	}
	return answers, failures, nil
}

// partOfDaemon finds the daemon that a part belongs to, and the part's id; nil
// where there is no such daemon.
func (h *Handlers) partOfDaemon(ctx context.Context, kind, given string) (*translator.DaemonView, string, error) {
	ref, ok := arn.Parse(given)
	if !ok || !ref.IsARN || ref.Kind != kind || len(ref.Path) != 3 {
		return nil, "", invalidParameter("Invalid %s ARN: %s", kind, given) // the text is chosen
	}
	_, d, err := h.daemonIn(ctx, ref)
	if _, missing := errors.AsType[*types.DaemonNotFoundException](err); missing {
		return nil, ref.Name(), nil
	}
	if err != nil {
		return nil, "", err
	}
	view := h.daemonView(d)
	return &view, ref.Name(), nil
}

// ListDaemonDeployments answers summaries, newest first as for services.
func (h *Handlers) ListDaemonDeployments(ctx context.Context, in *ecs.ListDaemonDeploymentsInput) (*ecs.ListDaemonDeploymentsOutput, error) {
	_, d, err := h.daemonOf(ctx, aws.ToString(in.DaemonArn))
	if err != nil {
		return nil, err
	}
	if err := checkDaemonDeploymentStatus(in.Status); err != nil {
		return nil, err
	}
	size, err := pageSize(in.MaxResults, daemonDeploymentsPage)
	if err != nil {
		return nil, err
	}
	view, numbers := h.daemonView(d), []int64{}
	summaries := map[int64]types.DaemonDeploymentSummary{}
	for number := int64(1); number <= d.Spec.LastDeployment; number++ {
		summary, found, err := view.DeploymentSummary(number)
		if err != nil {
			return nil, err
		}
		if found && listsDaemonDeployment(in, summary) {
			summaries[number], numbers = summary, append(numbers, number)
		}
	}
	key := func(number int64) string { return fmt.Sprintf("%010d", number) }
	numbers, next, err := pageBy("daemon deployments", numbers, key, true, size, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ecs.ListDaemonDeploymentsOutput{DaemonDeployments: []types.DaemonDeploymentSummary{}, NextToken: next}
	for _, number := range numbers {
		out.DaemonDeployments = append(out.DaemonDeployments, summaries[number])
	}
	return out, nil
}

func checkDaemonDeploymentStatus(given []types.DaemonDeploymentStatus) error {
	known := types.DaemonDeploymentStatus("").Values()
	for _, status := range given {
		if slices.Contains(known, status) {
			continue
		}
		names := make([]string, len(known))
		for i, s := range known {
			names[i] = string(s)
		}
		return oneOf("status", names...)
	}
	return nil
}

func listsDaemonDeployment(in *ecs.ListDaemonDeploymentsInput, summary types.DaemonDeploymentSummary) bool {
	if len(in.Status) > 0 && !slices.Contains(in.Status, summary.Status) {
		return false
	}
	if in.CreatedAt == nil {
		return true
	}
	after, before := in.CreatedAt.After, in.CreatedAt.Before
	return (after == nil || summary.CreatedAt.After(*after)) && (before == nil || summary.CreatedAt.Before(*before))
}
