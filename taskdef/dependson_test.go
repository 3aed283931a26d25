package taskdef_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func dependsOn(name string, condition types.ContainerCondition) []types.ContainerDependency {
	return []types.ContainerDependency{{ContainerName: aws.String(name), Condition: condition}}
}

func TestDependsOn(t *testing.T) {
	checkRefusals(t, []refusal{
		{"start", web(func(c *types.ContainerDefinition) { c.DependsOn = dependsOn("helper", "START") }), ""},
		{"success", web(func(c *types.ContainerDefinition) { c.DependsOn = dependsOn("helper", "SUCCESS") }), ""},
		{
			"unknown", web(func(c *types.ContainerDefinition) { c.DependsOn = dependsOn("ghost", "START") }),
			"ClientException: Cannot depend on container + 'ghost' because it does not exist",
		},
		{"complete of an essential one", func(in *ecs.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[1].DependsOn = dependsOn("web", "COMPLETE")
		}, "ClientException: A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"},
		{
			"healthy without a check", web(func(c *types.ContainerDefinition) { c.DependsOn = dependsOn("helper", "HEALTHY") }),
			"ClientException: A dependency container with HEALTHY condition must have health check configured",
		},
		{
			"itself", web(func(c *types.ContainerDefinition) { c.DependsOn = dependsOn("web", "START") }),
			"ClientException: Invalid 'dependsOn' setting. Container 'web' has a circular dependency",
		},
		{"each other", func(in *ecs.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[0].DependsOn = dependsOn("helper", "START")
			in.ContainerDefinitions[1].DependsOn = dependsOn("web", "START")
		}, "ClientException: Invalid 'dependsOn' setting. Container 'web' has a circular dependency"},
	})
}

func TestHealthCheck(t *testing.T) {
	check := func(change func(h *types.HealthCheck)) mutation {
		return web(func(c *types.ContainerDefinition) {
			c.HealthCheck = &types.HealthCheck{Command: []string{"CMD-SHELL", "true"}}
			change(c.HealthCheck)
		})
	}
	checkRefusals(t, []refusal{
		{"least", check(func(h *types.HealthCheck) {
			h.Interval, h.Timeout, h.Retries, h.StartPeriod = aws.Int32(5), aws.Int32(2), aws.Int32(1), aws.Int32(0)
		}), ""},
		{"most", check(func(h *types.HealthCheck) {
			h.Interval, h.Timeout, h.Retries, h.StartPeriod = aws.Int32(300), aws.Int32(60), aws.Int32(10), aws.Int32(300)
		}), ""},
		{"command", check(func(h *types.HealthCheck) { h.Command = []string{"true"} }), "ClientException: Invalid setting for container 'web'. 'healthCheck.command' must start with CMD or CMD-SHELL."},
		{"interval", check(func(h *types.HealthCheck) { h.Interval = aws.Int32(4) }), "ClientException: Invalid setting for container 'web'. 'healthCheck.interval' must be between 5 and 300."},
		{"timeout", check(func(h *types.HealthCheck) { h.Timeout = aws.Int32(61) }), "ClientException: Invalid setting for container 'web'. 'healthCheck.timeout' must be between 2 and 60."},
		{"retries", check(func(h *types.HealthCheck) { h.Retries = aws.Int32(0) }), "ClientException: Invalid setting for container 'web'. 'healthCheck.retries' must be between 1 and 10."},
		{"start period", check(func(h *types.HealthCheck) { h.StartPeriod = aws.Int32(301) }), "ClientException: Invalid setting for container 'web'. 'healthCheck.startPeriod' must be between 0 and 300."},
	})
}
