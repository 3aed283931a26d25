package compat

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// placementCases are about requests that ECS refuses whatever instances there are.
func placementCases() []Case {
	return []Case{
		{
			Name: "task/placement-errors", Operations: []string{"RunTask"},
			Description: "a placement that is none is refused, and any on Fargate",
			Source:      "texts noted from AWS by cdk-preflight, in hashicorp/terraform issue 11471 and GetSimpl/cloudlift pull request 138",
			Run:         taskPlacementErrors,
		},
		{
			Name: "service/placement-errors", Operations: []string{"CreateService", "UpdateService"},
			Description: "a placement that is none is refused, and any on Fargate",
			Source:      "texts noted from AWS by cdk-preflight, in hashicorp/terraform issue 11471 and GetSimpl/cloudlift pull request 138",
			Run:         servicePlacementErrors,
		},
		{
			Name: "service/placement", Operations: []string{"CreateService", "DescribeServices", "UpdateService"},
			Description: "a service's placement is answered, changed, and taken away by an empty list; no deployment starts",
			Source:      "API reference, UpdateService; the form of the fields: Terraform's AWS provider",
			Run:         servicePlacement,
		},
		{
			Name: "service/zone-rebalancing", Operations: []string{"CreateService", "UpdateService"},
			Description: "rebalancing is refused for what it does not go with, and off there where nothing is asked for",
			Source:      "Developer Guide, service rebalancing; texts seen in public logs",
			Run:         serviceRebalancing,
		},
		{
			Name: "task/distinct-instances", Operations: []string{"RunTask"}, Needs: []Feature{Tasks, Instances},
			Description: "no two tasks of a group on one instance; those without one are failures",
			Source:      "Developer Guide, task placement constraints and API failure reasons; a recorded answer",
			Timeout:     2 * time.Minute, Run: taskDistinctInstances,
		},
		{
			Name: "task/no-room", Operations: []string{"RunTask"}, Needs: []Feature{Tasks, Instances},
			Description: "a task that fits on no instance is a failure at once, with the instance that came closest",
			Source:      "Developer Guide, API failure reasons",
			Run:         taskNoRoom,
		},
	}
}

// badPlacement is a placement that is none; text is anyText where none is known.
type badPlacement struct {
	name        string
	constraints []types.PlacementConstraint
	strategy    []types.PlacementStrategy
	text        string
}

func badPlacements() []badPlacement {
	return []badPlacement{
		{"an unknown constraint", []types.PlacementConstraint{{Type: "somewhere"}}, nil, anyText},
		{
			"distinctInstance with an expression",
			[]types.PlacementConstraint{{Type: "distinctInstance", Expression: aws.String("")}},
			nil,
			"distinctInstance expression should not be specified.",
		},
		{"memberOf what is no expression", []types.PlacementConstraint{{Type: "memberOf", Expression: aws.String("attribute:a ==")}}, nil, anyText},
		{"eleven constraints", slices.Repeat([]types.PlacementConstraint{{Type: "distinctInstance"}}, 11), nil, anyText},
		{"an unknown strategy", nil, []types.PlacementStrategy{{Type: "nearby"}}, anyText},
		{"binpack by an unknown field", nil, []types.PlacementStrategy{{Type: "binpack", Field: aws.String("disk")}}, "binpack field 'disk' is invalid"},
		{"random by a field", nil, []types.PlacementStrategy{{Type: "random", Field: aws.String("cpu")}}, "random field should not be specified"},
		{"spread over nothing", nil, []types.PlacementStrategy{{Type: "spread"}}, anyText},
		{"six strategies", nil, slices.Repeat([]types.PlacementStrategy{{Type: "random"}}, 6), anyText},
	}
}

// onFargate are good placements where there are no instances.
func onFargate() []badPlacement {
	return []badPlacement{
		{
			"constraint on Fargate",
			[]types.PlacementConstraint{{Type: "distinctInstance"}},
			nil,
			"Placement constraints are not supported with FARGATE launch type.",
		},
		{
			"strategy on Fargate", nil,
			[]types.PlacementStrategy{{Type: "binpack", Field: aws.String("cpu")}},
			"Placement strategies are not supported with FARGATE launch type.",
		},
	}
}

func taskPlacementErrors(t *T) {
	cluster, family, fargate := t.Cluster("c"), t.Name("f"), t.Name("g")
	t.Register(family, t.container("sleeps"))
	t.registerFargate(fargate)
	refused := func(p badPlacement, in *ecs.RunTaskInput) {
		in.Cluster, in.PlacementConstraints, in.PlacementStrategy = aws.String(cluster), p.constraints, p.strategy
		_, err := t.ECS.RunTask(t.ctx, in)
		t.Error(err, "RunTask: "+p.name, "InvalidParameterException", p.text)
	}
	for _, p := range badPlacements() {
		refused(p, &ecs.RunTaskInput{TaskDefinition: aws.String(family)})
	}
	for _, p := range onFargate() {
		refused(p, &ecs.RunTaskInput{TaskDefinition: aws.String(fargate), LaunchType: types.LaunchTypeFargate, NetworkConfiguration: network()})
	}
}

func servicePlacementErrors(t *T) {
	cluster, family, fargate := t.Cluster("c"), t.Name("f"), t.Name("g")
	t.Register(family, t.container("sleeps"))
	t.registerFargate(fargate)
	t.Service(cluster, "web", family, 0)
	refused := func(p badPlacement, in *ecs.CreateServiceInput) {
		in.Cluster, in.ServiceName, in.DesiredCount = aws.String(cluster), aws.String("new"), aws.Int32(0)
		in.PlacementConstraints, in.PlacementStrategy = p.constraints, p.strategy
		_, err := t.ECS.CreateService(t.ctx, in)
		t.Error(err, "CreateService: "+p.name, "InvalidParameterException", p.text)
	}
	for _, p := range badPlacements() {
		refused(p, &ecs.CreateServiceInput{TaskDefinition: aws.String(family)})
		_, err := t.ECS.UpdateService(t.ctx, &ecs.UpdateServiceInput{
			Cluster: aws.String(cluster), Service: aws.String("web"), PlacementConstraints: p.constraints, PlacementStrategy: p.strategy,
		})
		t.Error(err, "UpdateService: "+p.name, "InvalidParameterException", p.text)
	}
	for _, p := range onFargate() {
		refused(p, &ecs.CreateServiceInput{TaskDefinition: aws.String(fargate), LaunchType: types.LaunchTypeFargate, NetworkConfiguration: network()})
	}
}

func servicePlacement(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	strategy := func(fields ...string) []types.PlacementStrategy {
		list := []types.PlacementStrategy{}
		for i := 0; i < len(fields); i += 2 {
			list = append(list, types.PlacementStrategy{Type: types.PlacementStrategyType(fields[i]), Field: aws.String(fields[i+1])})
		}
		return list
	}
	distinct := []types.PlacementConstraint{{Type: types.PlacementConstraintTypeDistinctInstance}}
	out, err := t.ECS.CreateService(t.ctx, &ecs.CreateServiceInput{
		Cluster: aws.String(cluster), ServiceName: aws.String("web"), TaskDefinition: aws.String(family), DesiredCount: aws.Int32(0),
		PlacementConstraints: distinct, PlacementStrategy: strategy("spread", "attribute:ecs.availability-zone", "binpack", "memory"),
		AvailabilityZoneRebalancing: types.AvailabilityZoneRebalancingDisabled, // it goes with zones first alone
	})
	t.OK(err, "CreateService")
	t.deleteAfter(cluster, "web")
	has := func(what string, s *types.Service, constraints []types.PlacementConstraint, strategy []types.PlacementStrategy) {
		t.Equal(what+" placementConstraints", s.PlacementConstraints, constraints)
		t.Equal(what+" placementStrategy", s.PlacementStrategy, strategy)
		t.Equal(what+" number of deployments", len(s.Deployments), 1)
		t.Equal(what+" deployment", s.Deployments[0].Id, out.Service.Deployments[0].Id)
	}
	zonesFirst := strategy("spread", "attribute:ecs.availability-zone", "binpack", "MEMORY")
	has("CreateService's", out.Service, distinct, zonesFirst)
	update := func(in *ecs.UpdateServiceInput) *types.Service {
		in.Cluster, in.Service = aws.String(cluster), aws.String("web")
		return t.updateService(in)
	}
	has("unchanged", update(&ecs.UpdateServiceInput{DesiredCount: aws.Int32(0)}), distinct, zonesFirst)
	has("changed", update(&ecs.UpdateServiceInput{PlacementStrategy: strategy("spread", "instanceId")}), distinct, strategy("spread", "instanceId"))
	has("taken away", update(&ecs.UpdateServiceInput{
		PlacementConstraints: []types.PlacementConstraint{}, PlacementStrategy: []types.PlacementStrategy{},
	}), []types.PlacementConstraint{}, strategy())
	described := t.describeService(cluster, "web")
	has("described", &described, []types.PlacementConstraint{}, strategy())
}

func serviceRebalancing(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	create := func(name string, change func(*ecs.CreateServiceInput)) (*types.Service, error) {
		in := &ecs.CreateServiceInput{
			Cluster: aws.String(cluster), ServiceName: aws.String(name), TaskDefinition: aws.String(family), DesiredCount: aws.Int32(0),
		}
		change(in)
		out, err := t.ECS.CreateService(t.ctx, in)
		if err != nil {
			return nil, err
		}
		t.deleteAfter(cluster, name)
		return out.Service, nil
	}
	full := &types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(0), MaximumPercent: aws.Int32(100)}
	const noRoom = "Availability Zone Rebalancing does not support maximumPercent <= 100 % as deployment configuration."
	_, err := create("web", func(in *ecs.CreateServiceInput) {
		in.AvailabilityZoneRebalancing, in.DeploymentConfiguration = types.AvailabilityZoneRebalancingEnabled, full
	})
	t.Error(err, "CreateService with no room for a replacement", "InvalidParameterException", noRoom)
	_, err = create("web", func(in *ecs.CreateServiceInput) {
		in.AvailabilityZoneRebalancing = types.AvailabilityZoneRebalancingEnabled
		in.PlacementStrategy = []types.PlacementStrategy{{Type: types.PlacementStrategyTypeBinpack, Field: aws.String("cpu")}}
	})
	t.Error(err, "CreateService of packed tasks", "InvalidParameterException", anyText)
	packed, err := create("packed", func(in *ecs.CreateServiceInput) {
		in.PlacementStrategy = []types.PlacementStrategy{{Type: types.PlacementStrategyTypeBinpack, Field: aws.String("cpu")}}
	})
	t.OK(err, "CreateService of packed tasks without a word")
	t.Equal("availabilityZoneRebalancing of packed tasks", packed.AvailabilityZoneRebalancing, "DISABLED")
	off, err := create("off", func(in *ecs.CreateServiceInput) {
		in.AvailabilityZoneRebalancing = types.AvailabilityZoneRebalancingDisabled
	})
	t.OK(err, "CreateService without rebalancing")
	t.Equal("availabilityZoneRebalancing", off.AvailabilityZoneRebalancing, "DISABLED")
	update := func(in *ecs.UpdateServiceInput) error {
		in.Cluster, in.Service = aws.String(cluster), aws.String("off")
		_, err := t.ECS.UpdateService(t.ctx, in)
		return err
	}
	t.OK(update(&ecs.UpdateServiceInput{DeploymentConfiguration: full}), "UpdateService of a service without rebalancing")
	t.Error(update(&ecs.UpdateServiceInput{AvailabilityZoneRebalancing: types.AvailabilityZoneRebalancingEnabled}),
		"UpdateService with no room for a replacement", "InvalidParameterException", noRoom)
}

func taskDistinctInstances(t *T) {
	cluster, definition := t.Cluster("c"), t.sleeping()
	out, err := t.ECS.RunTask(t.ctx, &ecs.RunTaskInput{
		Cluster: aws.String(cluster), TaskDefinition: aws.String(definition), Count: aws.Int32(10),
		PlacementConstraints: []types.PlacementConstraint{{Type: types.PlacementConstraintTypeDistinctInstance}},
	})
	t.OK(err, "RunTask")
	arns := taskARNs(out.Tasks)
	t.Cleanup(func(ctx context.Context) {
		for _, arn := range arns {
			_, _ = t.ECS.StopTask(ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: aws.String(arn)})
		}
	})
	t.Equal("tasks and failures", len(out.Tasks)+len(out.Failures), 10)
	if len(out.Tasks) == 0 {
		t.Fatal("no task was placed: %s", show(out.Failures))
	}
	for _, failure := range out.Failures {
		t.Equal("reason", failure.Reason, "DistinctInstance placement constraint unsatisfied.")
		t.True(strings.Contains(aws.ToString(failure.Arn), ":container-instance/"+cluster+"/"), "%s is an instance of the cluster", aws.ToString(failure.Arn))
	}
	t.tasksRunning(cluster, arns)
	instances := map[string]bool{}
	for _, arn := range arns {
		instances[aws.ToString(t.describeTask(cluster, arn).ContainerInstanceArn)] = true
	}
	t.Equal("number of instances with a task", len(instances), len(arns))
}

func taskNoRoom(t *T) {
	cluster, definition := t.Cluster("c"), t.sleeping()
	run := func(o types.ContainerOverride) {
		o.Name = aws.String("main")
		out, err := t.ECS.RunTask(t.ctx, &ecs.RunTaskInput{
			Cluster: aws.String(cluster), TaskDefinition: aws.String(definition), Count: aws.Int32(2),
			Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{o}},
		})
		t.OK(err, "RunTask of tasks that fit nowhere")
		t.EmptyList("tasks", out.Tasks)
		t.Equal("number of failures", len(out.Failures), 2)
		want := "RESOURCE:MEMORY"
		if o.Cpu != nil {
			want = "RESOURCE:CPU"
		}
		for _, failure := range out.Failures {
			t.Equal("reason", failure.Reason, want)
			t.True(strings.Contains(aws.ToString(failure.Arn), ":container-instance/"+cluster+"/"), "%s is an instance of the cluster", aws.ToString(failure.Arn))
		}
	}
	run(types.ContainerOverride{Memory: aws.Int32(1 << 30), MemoryReservation: aws.Int32(1 << 30)})
	run(types.ContainerOverride{Cpu: aws.Int32(1 << 30)})
}
