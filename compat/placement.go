package compat

import (
	"slices"

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
