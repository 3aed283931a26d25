package daemon

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/translator"
)

// countFailures counts the failed tasks by revision. Their pods go as soon as
// they have ended, so that the records are looked at.
func (c *Controller) countFailures(d *v1alpha1.Daemon) (map[int64]int32, error) {
	failures := map[int64]int32{}
	for _, record := range c.Store.RecordsOfDaemon(d) {
		number, err := strconv.ParseInt(record.Labels[v1alpha1.DeploymentLabel], 10, 64)
		if err != nil {
			continue
		}
		stopped := types.Task{}
		if err := awsjson.Unmarshal(record.Spec.Task.Raw, &stopped); err != nil {
			return nil, fmt.Errorf("decode stopped task %s: %w", record.Name, err)
		}
		if failed(stopped, c.HealthyAfter) {
			failures[number]++
		}
	}
	return failures, nil
}

// failed says whether a task failed to start, failed its health check, or ended
// by itself before it counted as healthy (Developer Guide, daemon events,
// TASK_FAILED_TO_RUN).
func failed(stopped types.Task, healthyAfter time.Duration) bool {
	switch stopped.StopCode {
	case types.TaskStopCodeTaskFailedToStart:
		return true
	case types.TaskStopCodeServiceSchedulerInitiated:
		return aws.ToString(stopped.StoppedReason) == translator.ReasonUnhealthy
	case types.TaskStopCodeEssentialContainerExited:
		started, end := stopped.StartedAt, stopped.ExecutionStoppedAt
		return started == nil || end == nil || end.Sub(*started) < healthyAfter
	default:
		return false
	}
}
