package taskdef

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// API reference, HealthCheck: the defaults in seconds and tries.
const (
	defaultHealthInterval = 30
	defaultHealthTimeout  = 5
	defaultHealthRetries  = 3
)

// validateHealthChecks has the ranges of the API reference; ECS's words for
// them are not known.
func validateHealthChecks(in *ecs.RegisterTaskDefinitionInput) error {
	for _, c := range in.ContainerDefinitions {
		h := c.HealthCheck
		if h == nil {
			continue
		}
		if first := h.Command[0]; first != "CMD" && first != "CMD-SHELL" {
			return containerSetting(c, "'healthCheck.command' must start with CMD or CMD-SHELL.")
		}
		for _, r := range []struct {
			member   string
			value    *int32
			min, max int32
		}{
			{"interval", h.Interval, 5, 300},
			{"timeout", h.Timeout, 2, 60},
			{"retries", h.Retries, 1, 10},
			{"startPeriod", h.StartPeriod, 0, 300},
		} {
			if r.value != nil && (*r.value < r.min || *r.value > r.max) {
				return containerSetting(c, "'healthCheck.%s' must be between %d and %d.", r.member, r.min, r.max)
			}
		}
	}
	return nil
}

func fillHealthCheck(h *types.HealthCheck) {
	if h == nil {
		return
	}
	h.Interval = orDefault(h.Interval, defaultHealthInterval)
	h.Timeout = orDefault(h.Timeout, defaultHealthTimeout)
	h.Retries = orDefault(h.Retries, defaultHealthRetries)
}

func orDefault(v *int32, fallback int32) *int32 {
	if v == nil {
		return aws.Int32(fallback)
	}
	return v
}
