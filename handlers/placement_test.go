package handlers

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestCheckPlacement(t *testing.T) {
	constraint := func(kind string, expression *string) placement {
		return placement{constraints: []types.PlacementConstraint{{Type: types.PlacementConstraintType(kind), Expression: expression}}}
	}
	strategy := func(kind string, field *string) placement {
		return placement{strategy: []types.PlacementStrategy{{Type: types.PlacementStrategyType(kind), Field: field}}}
	}
	for name, test := range map[string]struct {
		placement placement
		want      string // empty for no error
	}{
		"none":                                {},
		"distinctInstance":                    {placement: constraint("distinctInstance", nil)},
		"memberOf":                            {placement: constraint("memberOf", aws.String("runningTasksCount == 1"))},
		"memberOf nothing":                    {constraint("memberOf", nil), "memberOf expression '' is invalid"},
		"memberOf what is no expression":      {constraint("memberOf", aws.String("attribute:a ==")), "memberOf expression 'attribute:a ==' is invalid"},
		"distinctInstance with an expression": {constraint("distinctInstance", aws.String("")), "distinctInstance expression should not be specified."},
		"unknown constraint":                  {constraint("DISTINCTINSTANCE", nil), "placement constraint type should be one of [distinctInstance,memberOf]"},
		"constraint without a type":           {constraint("", nil), "placement constraint type should be one of [distinctInstance,memberOf]"},
		"ten constraints":                     {placement: placement{constraints: slices.Repeat(constraint("distinctInstance", nil).constraints, 10)}},
		"eleven constraints": {
			placement{constraints: slices.Repeat(constraint("distinctInstance", nil).constraints, 11)},
			"placement constraints can have at most 10 items.",
		},
		"random":              {placement: strategy("random", nil)},
		"random with a field": {strategy("random", aws.String("")), "random field should not be specified"},
		"binpack":             {placement: strategy("binpack", aws.String("memory"))},
		"binpack as answered": {placement: strategy("binpack", aws.String("CPU"))},
		"binpack of nothing":  {strategy("binpack", nil), "binpack field '' is invalid"},
		"spread":              {placement: strategy("spread", aws.String("attribute:ecs.availability-zone"))},
		"spread over hosts":   {placement: strategy("spread", aws.String("host"))},
		"spread over cpu":     {strategy("spread", aws.String("cpu")), "spread field 'cpu' is invalid"},
		"spread over no name": {strategy("spread", aws.String("attribute:")), "spread field 'attribute:' is invalid"},
		"unknown strategy":    {strategy("nearby", nil), "placement strategy type should be one of [random,spread,binpack]"},
		"six strategies":      {placement{strategy: slices.Repeat(strategy("random", nil).strategy, 6)}, "Maximum number of strategies is 5."},
	} {
		t.Run(name, func(t *testing.T) { wantRefusal(t, checkPlacement(test.placement), test.want) })
	}
}

func TestCheckPlacementFor(t *testing.T) {
	constrained := placement{constraints: []types.PlacementConstraint{{Type: types.PlacementConstraintTypeDistinctInstance}}}
	spread := placement{strategy: []types.PlacementStrategy{{Type: types.PlacementStrategyTypeRandom}}}
	plain := &types.TaskDefinition{}
	wantRefusal(t, checkPlacementFor(types.LaunchTypeEc2, constrained, plain), "")
	wantRefusal(t, checkPlacementFor(types.LaunchTypeFargate, placement{}, plain), "")
	wantRefusal(t, checkPlacementFor(types.LaunchTypeFargate, constrained, plain), "Placement constraints are not supported with FARGATE launch type.")
	wantRefusal(t, checkPlacementFor(types.LaunchTypeFargate, spread, plain), "Placement strategies are not supported with FARGATE launch type.")
	member := types.TaskDefinitionPlacementConstraint{Type: types.TaskDefinitionPlacementConstraintTypeMemberOf, Expression: aws.String("attribute:a exists")}
	full := &types.TaskDefinition{PlacementConstraints: slices.Repeat([]types.TaskDefinitionPlacementConstraint{member}, 10)}
	wantRefusal(t, checkPlacementFor(types.LaunchTypeEc2, placement{}, full), "")
	wantRefusal(t, checkPlacementFor(types.LaunchTypeEc2, constrained, full), "placement constraints can have at most 10 items.")
	member.Expression = aws.String("a b c")
	unread := &types.TaskDefinition{PlacementConstraints: []types.TaskDefinitionPlacementConstraint{member}}
	wantRefusal(t, checkPlacementFor(types.LaunchTypeEc2, placement{}, unread), "memberOf expression 'a b c' is invalid")
}

func TestAnsweredStrategy(t *testing.T) {
	strategy := func(kind types.PlacementStrategyType, field string) types.PlacementStrategy {
		return types.PlacementStrategy{Type: kind, Field: aws.String(field)}
	}
	got := answeredStrategy([]types.PlacementStrategy{
		strategy("binpack", "memory"), strategy("spread", "host"), strategy("spread", "attribute:rack"), {Type: "random"},
	})
	want := []types.PlacementStrategy{
		strategy("binpack", "MEMORY"), strategy("spread", "instanceId"), strategy("spread", "attribute:rack"), {Type: "random"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(types.PlacementStrategy{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := answeredStrategy(nil); got == nil || len(got) > 0 {
		t.Errorf("no strategy is answered as %v, want an empty list", got)
	}
}

func TestHasTaskRole(t *testing.T) {
	role := aws.String("arn:aws:iam::000000000000:role/task")
	for name, test := range map[string]struct {
		def       types.TaskDefinition
		overrides *types.TaskOverride
		want      bool
	}{
		"none":                {},
		"overrides without":   {overrides: &types.TaskOverride{}},
		"an empty override":   {overrides: &types.TaskOverride{TaskRoleArn: aws.String("")}},
		"the definition's":    {def: types.TaskDefinition{TaskRoleArn: role}, want: true},
		"the override's":      {overrides: &types.TaskOverride{TaskRoleArn: role}, want: true},
		"an execution role's": {def: types.TaskDefinition{ExecutionRoleArn: role}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := hasTaskRole(&test.def, test.overrides); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// wantRefusal checks for InvalidParameterException with that text, or for no
// error where the text is empty.
func wantRefusal(t *testing.T, err error, text string) {
	t.Helper()
	if text == "" {
		if err != nil {
			t.Errorf("got %v, want no error", err)
		}
		return
	}
	var invalid *types.InvalidParameterException
	if !errors.As(err, &invalid) {
		t.Fatalf("got %v, want InvalidParameterException", err)
	}
	if got := aws.ToString(invalid.Message); got != text {
		t.Errorf("got %q, want %q", got, text)
	}
}
