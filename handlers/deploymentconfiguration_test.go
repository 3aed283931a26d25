package handlers

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gantry-ecs/gantry/translator"
)

func TestAlarmsAreKept(t *testing.T) {
	given := &types.DeploymentAlarms{AlarmNames: []string{"errors"}, Rollback: true}
	config, err := deploymentConfiguration(&types.DeploymentConfiguration{Alarms: given}, defaultsOf(""))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(given, config.Alarms, cmpopts.IgnoreUnexported(types.DeploymentAlarms{})); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
	again, err := deploymentConfiguration(&types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(50)}, config)
	if err != nil || len(again.Alarms.AlarmNames) != 1 {
		t.Errorf("after another update the alarms are %v (%v)", again.Alarms, err)
	}
}

func TestAlarmsAreRefusedByName(t *testing.T) {
	in := &ecs.CreateServiceInput{DeploymentConfiguration: &types.DeploymentConfiguration{Alarms: &types.DeploymentAlarms{AlarmNames: []string{"errors"}}}}
	if err := refusal(translator.Refusals(translator.ServiceFindings(in))); err != nil {
		t.Errorf("alarms that are not enabled: %v", err)
	}
	in.DeploymentConfiguration.Alarms.Enable = true
	if err := refusal(translator.Refusals(translator.ServiceFindings(in))); err == nil || !strings.Contains(err.Error(), "/deploymentConfiguration/alarms/enable: ") {
		t.Errorf("alarms that are enabled: %v", err)
	}
}

func TestEarlySuccessCriteria(t *testing.T) {
	early := func(percent int32, cleanup types.ServiceRevisionCleanup) *types.DeploymentEarlySuccessCriteria {
		return &types.DeploymentEarlySuccessCriteria{Enable: true, HealthyPercent: &percent, SourceServiceRevisionCleanup: cleanup}
	}
	for name, test := range map[string]struct {
		given types.DeploymentConfiguration
		want  string
	}{
		"all":                    {types.DeploymentConfiguration{EarlySuccessCriteria: early(100, "BLOCKING")}, ""},
		"less than the minimum":  {types.DeploymentConfiguration{EarlySuccessCriteria: early(90, "BLOCKING")}, "minimumHealthyPercent"},
		"as much as the minimum": {types.DeploymentConfiguration{EarlySuccessCriteria: early(90, "DEFERRED"), MinimumHealthyPercent: aws.Int32(90)}, ""},
		"more than all":          {types.DeploymentConfiguration{EarlySuccessCriteria: early(101, "BLOCKING")}, "between 0 and 100"},
		"no cleanup":             {types.DeploymentConfiguration{EarlySuccessCriteria: early(100, "")}, "required"},
		"an unknown cleanup":     {types.DeploymentConfiguration{EarlySuccessCriteria: early(100, "NEVER")}, "should be one of"},
		"side by side":           {types.DeploymentConfiguration{EarlySuccessCriteria: early(100, "BLOCKING"), Strategy: "BLUE_GREEN"}, "ROLLING"},
		"not enabled":            {types.DeploymentConfiguration{EarlySuccessCriteria: &types.DeploymentEarlySuccessCriteria{}, Strategy: "BLUE_GREEN"}, ""},
	} {
		config, err := deploymentConfiguration(&test.given, defaultsOf(""))
		switch {
		case test.want == "" && (err != nil || config.EarlySuccessCriteria == nil):
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want something about %q", name, err, test.want)
		}
	}
}

// TestStrategyOfACall: CreateService and UpdateService refuse the same, and what ECS
// refuses before what Gantry does not serve.
func TestStrategyOfACall(t *testing.T) {
	plain, advanced := balanced(targetGroup("web"), "web", 80), balanced(targetGroup("blue"), "web", 80)
	advanced.AdvancedConfiguration = &types.AdvancedConfiguration{AlternateTargetGroupArn: targetGroup("green")}
	hook := func(target types.DeploymentLifecycleHookTargetType) types.DeploymentLifecycleHook {
		return types.DeploymentLifecycleHook{TargetType: target, LifecycleStages: []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStagePostScaleUp}}
	}
	lambda := hook("AWS_LAMBDA")
	lambda.HookTargetArn, lambda.RoleArn = aws.String("arn:aws:lambda:us-east-1:000000000000:function:f"), aws.String("arn:aws:iam::000000000000:role/r")
	const missing = "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy"
	const target = "Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE"
	for name, test := range map[string]struct {
		strategy  types.DeploymentStrategy
		balancers []types.LoadBalancer
		hooks     []types.DeploymentLifecycleHook
		want      string
	}{
		"a plain group, ROLLING":       {"ROLLING", []types.LoadBalancer{plain}, nil, ""},
		"a plain group, none given":    {"", []types.LoadBalancer{plain}, nil, ""},
		"a plain group, BLUE_GREEN":    {"BLUE_GREEN", []types.LoadBalancer{plain}, nil, missing},
		"a plain group, LINEAR":        {"LINEAR", []types.LoadBalancer{plain}, nil, missing},
		"a plain group, CANARY":        {"CANARY", []types.LoadBalancer{plain}, nil, missing},
		"an alternate, BLUE_GREEN":     {"BLUE_GREEN", []types.LoadBalancer{advanced}, nil, ""},
		"no group, BLUE_GREEN":         {"BLUE_GREEN", nil, nil, ""},
		"some groups, BLUE_GREEN":      {"BLUE_GREEN", []types.LoadBalancer{plain, advanced}, nil, "Either all or none"},
		"a hook that waits":            {"BLUE_GREEN", nil, []types.DeploymentLifecycleHook{hook("PAUSE")}, ""},
		"a hook of no kind there is":   {"BLUE_GREEN", nil, []types.DeploymentLifecycleHook{hook("FOO")}, target},
		"a hook that calls a function": {"BLUE_GREEN", nil, []types.DeploymentLifecycleHook{lambda}, "Gantry calls no Lambda function"},
		"such a one before no kind":    {"BLUE_GREEN", nil, []types.DeploymentLifecycleHook{lambda, hook("FOO")}, target},
	} {
		config := &types.DeploymentConfiguration{Strategy: test.strategy, LifecycleHooks: test.hooks}
		t.Run(name, func(t *testing.T) {
			hasText(t, checkCreateService(&ecs.CreateServiceInput{
				ServiceName: aws.String("web"), DesiredCount: aws.Int32(1), DeploymentConfiguration: config, LoadBalancers: test.balancers,
			}), test.want)
			hasText(t, checkUpdateService(&ecs.UpdateServiceInput{DeploymentConfiguration: config, LoadBalancers: test.balancers}), test.want)
		})
	}
}

func TestMonitoring(t *testing.T) {
	for name, test := range map[string]struct {
		metric  string
		seconds int32
		want    string
	}{
		"fine":               {"CPUUtilization", 20, ""},
		"another resolution": {"CPUUtilization", 30, "resolutionSeconds"},
		"another metric":     {"Requests", 60, "metricNames"},
	} {
		err := checkMonitoring(&types.MonitoringConfiguration{MetricConfigurations: []types.MetricConfiguration{
			{MetricNames: []string{test.metric}, ResolutionSeconds: &test.seconds},
		}})
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
