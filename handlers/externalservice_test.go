package handlers

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

func deployedBy(controller types.DeploymentControllerType, change func(*ecs.CreateServiceInput)) *ecs.CreateServiceInput {
	in := &ecs.CreateServiceInput{
		ServiceName: aws.String("web"), DesiredCount: aws.Int32(1), DeploymentController: &types.DeploymentController{Type: controller},
	}
	change(in)
	return in
}

func TestCreateServiceOfADeployer(t *testing.T) {
	external, codeDeploy := types.DeploymentControllerTypeExternal, types.DeploymentControllerTypeCodeDeploy
	groups := func(names ...string) []types.LoadBalancer {
		var list []types.LoadBalancer
		for _, name := range names {
			list = append(list, balanced(targetGroup(name), "web", 80))
		}
		return list
	}
	for name, test := range map[string]struct {
		in   *ecs.CreateServiceInput
		want string // empty: it is taken
	}{
		"EXTERNAL with its name alone":   {deployedBy(external, func(in *ecs.CreateServiceInput) { in.DesiredCount = nil }), ""},
		"EXTERNAL with a definition":     {deployedBy(external, func(in *ecs.CreateServiceInput) { in.TaskDefinition = aws.String("web") }), "TaskDefinition must be blank"},
		"EXTERNAL with a blank one":      {deployedBy(external, func(in *ecs.CreateServiceInput) { in.TaskDefinition = aws.String("") }), "Family should not be null or empty."},
		"EXTERNAL with a target group":   {deployedBy(external, func(in *ecs.CreateServiceInput) { in.LoadBalancers = groups("a") }), "LoadBalancers must be empty or null"},
		"EXTERNAL with a launch type":    {deployedBy(external, func(in *ecs.CreateServiceInput) { in.LaunchType = types.LaunchTypeEc2 }), "LaunchType must be blank"},
		"EXTERNAL with a grace period":   {deployedBy(external, func(in *ecs.CreateServiceInput) { in.HealthCheckGracePeriodSeconds = aws.Int32(30) }), ""},
		"EXTERNAL with a breaker":        {deployedBy(external, breaking(true)), "Deployment circuit breaker feature is not supported"},
		"EXTERNAL with early success":    {deployedBy(external, early), "Early success criteria are not supported"},
		"EXTERNAL with a bake time":      {deployedBy(external, baking(5)), "A bake time is not supported"},
		"a bake time of zero":            {deployedBy(external, baking(0)), ""},
		"EXTERNAL with volumes":          {deployedBy(external, withVolumes), "VolumeConfigurations must be empty or null"},
		"EXTERNAL with monitoring":       {deployedBy(external, monitored), "Monitoring must be empty or null"},
		"a breaker that is not enabled":  {deployedBy(external, breaking(false)), ""},
		"EXTERNAL as DAEMON":             {deployedBy(external, asDaemon), "The daemon scheduling strategy does not support the EXTERNAL deployment controller"},
		"CODE_DEPLOY without balancer":   {deployedBy(codeDeploy, func(in *ecs.CreateServiceInput) {}), "the service requires an Application Load Balancer or Network Load Balancer"},
		"CODE_DEPLOY with a group":       {deployedBy(codeDeploy, func(in *ecs.CreateServiceInput) { in.LoadBalancers = groups("a") }), ""},
		"CODE_DEPLOY with two":           {deployedBy(codeDeploy, func(in *ecs.CreateServiceInput) { in.LoadBalancers = groups("a", "b") }), "loadBalancers can have at most 1 items."},
		"CODE_DEPLOY without a count":    {deployedBy(codeDeploy, func(in *ecs.CreateServiceInput) { in.DesiredCount, in.LoadBalancers = nil, groups("a") }), "DesiredCount is missing"},
		"another strategy than ROLLING":  {deployedBy(external, blueGreen), "The BLUE_GREEN deployment strategy is not supported"},
		"ECS is bound by none of it all": {deployedBy(types.DeploymentControllerTypeEcs, func(in *ecs.CreateServiceInput) { in.TaskDefinition = aws.String("web") }), ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := checkCreateService(test.in)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("the answer is %v, want %q", err, test.want)
			}
		})
	}
}

func breaking(enable bool) func(*ecs.CreateServiceInput) {
	return func(in *ecs.CreateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: enable}}
	}
}

func early(in *ecs.CreateServiceInput) {
	in.DeploymentConfiguration = &types.DeploymentConfiguration{EarlySuccessCriteria: &types.DeploymentEarlySuccessCriteria{Enable: true}}
}

func baking(minutes int32) func(*ecs.CreateServiceInput) {
	return func(in *ecs.CreateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{BakeTimeInMinutes: aws.Int32(minutes)}
	}
}

func withVolumes(in *ecs.CreateServiceInput) {
	in.VolumeConfigurations = []types.ServiceVolumeConfiguration{{Name: aws.String("data")}}
}

func monitored(in *ecs.CreateServiceInput) { in.Monitoring = &types.MonitoringConfiguration{} }

func asDaemon(in *ecs.CreateServiceInput) {
	in.DesiredCount, in.SchedulingStrategy = nil, types.SchedulingStrategyDaemon
}

func blueGreen(in *ecs.CreateServiceInput) {
	in.DeploymentConfiguration = &types.DeploymentConfiguration{Strategy: types.DeploymentStrategyBlueGreen}
}

func TestUpdateServiceOfADeployer(t *testing.T) {
	definition := func(in *ecs.UpdateServiceInput) { in.TaskDefinition = aws.String("web:2") }
	force := func(in *ecs.UpdateServiceInput) { in.ForceNewDeployment = true }
	network := func(in *ecs.UpdateServiceInput) { in.NetworkConfiguration = &types.NetworkConfiguration{} }
	balancers := func(in *ecs.UpdateServiceInput) { in.LoadBalancers = []types.LoadBalancer{} }
	strategy := func(in *ecs.UpdateServiceInput) {
		in.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{}
	}
	volumes := func(in *ecs.UpdateServiceInput) {
		in.VolumeConfigurations = []types.ServiceVolumeConfiguration{}
	}
	monitoring := func(in *ecs.UpdateServiceInput) { in.Monitoring = &types.MonitoringConfiguration{} }
	count := func(in *ecs.UpdateServiceInput) { in.DesiredCount = aws.Int32(2) }
	const codeDeploy = " on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment."
	for name, test := range map[string]struct {
		controller types.DeploymentControllerType
		change     []func(*ecs.UpdateServiceInput)
		want       string
	}{
		"a definition":           {types.DeploymentControllerTypeCodeDeploy, []func(*ecs.UpdateServiceInput){definition, force}, "Unable to update task definition" + codeDeploy},
		"network parameters":     {types.DeploymentControllerTypeCodeDeploy, []func(*ecs.UpdateServiceInput){network, force}, "Unable to update network parameters" + codeDeploy},
		"load balancers":         {types.DeploymentControllerTypeCodeDeploy, []func(*ecs.UpdateServiceInput){balancers}, "Unable to update load balancers" + codeDeploy},
		"a new deployment":       {types.DeploymentControllerTypeCodeDeploy, []func(*ecs.UpdateServiceInput){force}, "Cannot force a new deployment" + codeDeploy},
		"a definition, EXTERNAL": {types.DeploymentControllerTypeExternal, []func(*ecs.UpdateServiceInput){definition}, "Unable to update task definition on services with a EXTERNAL deployment controller."},
		"a strategy":             {types.DeploymentControllerTypeExternal, []func(*ecs.UpdateServiceInput){strategy}, "Unable to update capacity provider strategy"},
		"volumes":                {types.DeploymentControllerTypeExternal, []func(*ecs.UpdateServiceInput){volumes}, "Unable to update volume configurations"},
		"monitoring":             {types.DeploymentControllerTypeExternal, []func(*ecs.UpdateServiceInput){monitoring}, "Unable to update monitoring"},
		"a count":                {types.DeploymentControllerTypeCodeDeploy, []func(*ecs.UpdateServiceInput){count}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := &ecs.UpdateServiceInput{Service: aws.String("web")}
			for _, change := range test.change {
				change(in)
			}
			err := checkUpdateExternal(test.controller, in)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("the answer is %v, want %q", err, test.want)
			}
		})
	}
}

func TestTaskSetID(t *testing.T) {
	svc := &v1alpha1.ECSService{}
	svc.UID = "0b6f7e06-0b5c-4f44-9c55-2a5a5d0a0001"
	svc.Spec = v1alpha1.ECSServiceSpec{
		Identity: v1alpha1.Identity{Account: "000000000000", Region: "us-east-1"}, Cluster: "c", Name: "web",
		Deployments: []v1alpha1.DeploymentEntry{{Number: 7, TaskSet: &v1alpha1.TaskSetEntry{}}},
	}
	id := kube.DeploymentID(svc.UID, 7)
	const prefix = "arn:aws:ecs:us-east-1:000000000000:"
	for given, want := range map[string]string{
		id:                                   "",
		prefix + "task-set/c/web/" + id:      "",
		prefix + "task-set/c/other/" + id:    "The specified task set does not exist.",
		prefix + "task-set/c/" + id:          "Task Set Identifier is invalid",
		prefix + "task/c/0123456789abcdef":   "Task Set Identifier is invalid",
		"b6d37a64b6d37a64b6d37a64b6d37a64":   "Task Set Identifier is invalid",
		"ecs-svc/":                           "Task Set Identifier is invalid",
		"arn:aws:sns:us-east-1:000000000000": "Task Set Identifier is invalid",
	} {
		got, err := taskSetID(svc, given)
		if want == "" && (err != nil || got != id || taskSetIndex(svc, got) != 0) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s is read as %q, %v; want %q", given, got, err, want)
		}
	}
	if taskSetIndex(svc, "ecs-svc/1") != -1 {
		t.Error("an id of no task set is found")
	}
}

func TestCompleteScale(t *testing.T) {
	for _, test := range []struct {
		given *types.Scale
		want  float64
		ok    bool
	}{
		{nil, 0, true},
		{&types.Scale{Value: 12.5}, 12.5, true},
		{&types.Scale{Value: 100, Unit: types.ScaleUnitPercent}, 100, true},
		{&types.Scale{Value: 100.1}, 0, false},
		{&types.Scale{Value: -1}, 0, false},
		{&types.Scale{Value: 1, Unit: "TASKS"}, 0, false},
	} {
		got, err := completeScale(test.given)
		if (err == nil) != test.ok || err == nil && (got.Value != test.want || got.Unit != types.ScaleUnitPercent) {
			t.Errorf("%+v comes to %+v, %v", test.given, got, err)
		}
	}
}
