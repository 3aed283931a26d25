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
	out := &ecs.DescribeDaemonDeploymentsOutput{DaemonDeployments: []types.DaemonDeployment{}, Failures: []types.Failure{}}
	err := h.eachOfDaemon(ctx, "daemonDeploymentArns", "daemon-deployment", in.DaemonDeploymentArns, func(given string, view *translator.DaemonView, id string) error {
		for number := int64(1); view != nil && number <= view.Daemon.Spec.LastDeployment; number++ {
			if view.IDs.Deployment(number) != id {
				continue
			}
			deployment, found, err := view.Deployment(number)
			if err != nil {
				return err
			}
			if found {
				out.DaemonDeployments = append(out.DaemonDeployments, deployment)
				return nil
			}
		}
		out.Failures = append(out.Failures, failure(given, reasonMissing))
		return nil
	})
	return out, err
}

// DescribeDaemonRevisions answers the revisions that ARNs name.
func (h *Handlers) DescribeDaemonRevisions(ctx context.Context, in *ecs.DescribeDaemonRevisionsInput) (*ecs.DescribeDaemonRevisionsOutput, error) {
	out := &ecs.DescribeDaemonRevisionsOutput{DaemonRevisions: []types.DaemonRevision{}, Failures: []types.Failure{}}
	err := h.eachOfDaemon(ctx, "daemonRevisionArns", "daemon-revision", in.DaemonRevisionArns, func(given string, view *translator.DaemonView, id string) error {
		for number := int64(1); view != nil && number <= view.Daemon.Spec.LastDeployment; number++ {
			if view.IDs.Revision(number) != id {
				continue
			}
			revision, found, err := view.Revision(number)
			if err != nil {
				return err
			}
			if found {
				out.DaemonRevisions = append(out.DaemonRevisions, revision)
				return nil
			}
		}
		out.Failures = append(out.Failures, failure(given, reasonMissing))
		return nil
	})
	return out, err
}

// eachOfDaemon reads ARNs of the form KIND/CLUSTER/DAEMON/ID and calls answer for
// each once, with a view of the daemon, or nil where there is none.
func (h *Handlers) eachOfDaemon(ctx context.Context, member, kind string, given []string, answer func(given string, view *translator.DaemonView, id string) error) error {
	if err := checkDeploymentARNs(member, given); err != nil {
		return err
	}
	for i, item := range given {
		if slices.Contains(given[:i], item) {
			continue
		}
		ref, ok := arn.Parse(item)
		if !ok || !ref.IsARN || ref.Kind != kind || len(ref.Path) != 3 {
			return invalidParameter("Invalid %s ARN: %s", kind, item) // the text is chosen
		}
		var view *translator.DaemonView
		_, d, err := h.daemonIn(ctx, ref)
		var missing *types.DaemonNotFoundException
		switch {
		case err == nil:
			found := h.daemonView(d)
			view = &found
		case !errors.As(err, &missing):
			return err
		}
		if err := answer(item, view, ref.Name()); err != nil {
			return err
		}
	}
	return nil
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
