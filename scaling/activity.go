package scaling

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// ActivityAge is how long activities are described (API reference,
// DescribeScalingActivities: the previous six weeks).
const ActivityAge = 6 * 7 * 24 * time.Hour

// Description is what an activity that moves a service's count says it does.
func Description(count int32) string { return fmt.Sprintf("Setting desired count to %d.", count) }

// AlarmCause is the cause of an activity that a policy's alarm set off.
func AlarmCause(alarm, policy string) string {
	return fmt.Sprintf("monitor alarm %s in state ALARM triggered policy %s", alarm, policy)
}

func maximumSet(n int32) string { return fmt.Sprintf("maximum capacity was set to %d", n) }

func minimumSet(n int32) string { return fmt.Sprintf("minimum capacity was set to %d", n) }

// StatusMessage says how far an activity is. AWS's words are known for success
// and progress; the others take their form, with the reason at the end.
func StatusMessage(code types.ScalingActivityStatusCode, count int32, reason string) string {
	switch code {
	case types.ScalingActivityStatusCodeSuccessful:
		return fmt.Sprintf("Successfully set desired count to %d. Change successfully fulfilled by ecs.", count)
	case types.ScalingActivityStatusCodePending, types.ScalingActivityStatusCodeInProgress:
		return fmt.Sprintf("Successfully set desired count to %d. Waiting for change to be fulfilled by ecs.", count)
	case types.ScalingActivityStatusCodeOverridden, types.ScalingActivityStatusCodeUnfulfilled:
		return fmt.Sprintf("Successfully set desired count to %d. Change not fulfilled by ecs. Reason: %s", count, reason)
	case types.ScalingActivityStatusCodeFailed:
		return fmt.Sprintf("Failed to set desired count to %d. Reason: %s", count, reason)
	default:
		return reason
	}
}
