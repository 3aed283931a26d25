package handlers

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

const (
	maxPlacementConstraints = 10 // Developer Guide, service quotas
	maxPlacementStrategies  = 5  // API reference, RunTask.placementStrategy
)

// placement is where a request wants its tasks.
type placement struct {
	constraints []types.PlacementConstraint
	strategy    []types.PlacementStrategy
}

// checkPlacement refuses what is no placement at all: it comes before the answer
// that Gantry does not translate one.
func checkPlacement(p placement) error {
	if len(p.constraints) > maxPlacementConstraints {
		return atMost("placement constraints", maxPlacementConstraints)
	}
	for _, c := range p.constraints {
		if err := checkPlacementConstraint(c); err != nil {
			return err
		}
	}
	if len(p.strategy) > maxPlacementStrategies {
		return invalidParameter("Maximum number of strategies is %d.", maxPlacementStrategies)
	}
	for _, s := range p.strategy {
		if err := checkPlacementStrategy(s); err != nil {
			return err
		}
	}
	return nil
}

// checkPlacementConstraint: that an expression may not be given, the empty one
// included, is ECS's text; that a type is unknown follows ECS's other enums.
func checkPlacementConstraint(c types.PlacementConstraint) error {
	switch c.Type {
	case types.PlacementConstraintTypeMemberOf:
		return nil
	case types.PlacementConstraintTypeDistinctInstance:
		if c.Expression != nil {
			return invalidParameter("distinctInstance expression should not be specified.")
		}
		return nil
	}
	return oneOf("placement constraint type", "distinctInstance", "memberOf")
}

// checkPlacementStrategy: the text for the field of spread follows that of
// binpack.
func checkPlacementStrategy(s types.PlacementStrategy) error {
	field := aws.ToString(s.Field)
	switch s.Type {
	case types.PlacementStrategyTypeRandom:
		if s.Field != nil {
			return invalidParameter("random field should not be specified")
		}
		return nil
	case types.PlacementStrategyTypeBinpack:
		if !slices.Contains([]string{"cpu", "memory"}, strings.ToLower(field)) { // ECS itself answers CPU and MEMORY
			return invalidParameter("binpack field '%s' is invalid", field)
		}
		return nil
	case types.PlacementStrategyTypeSpread:
		attribute, isAttribute := strings.CutPrefix(field, "attribute:")
		if field != "instanceId" && field != "host" && (!isAttribute || attribute == "") {
			return invalidParameter("spread field '%s' is invalid", field)
		}
		return nil
	}
	return oneOf("placement strategy type", "random", "spread", "binpack")
}

// checkFargatePlacement: on Fargate there are no instances to choose from.
func checkFargatePlacement(launchType types.LaunchType, p placement) error {
	switch {
	case launchType != types.LaunchTypeFargate:
		return nil
	case len(p.constraints) > 0:
		return placementOnFargate("constraints")
	case len(p.strategy) > 0:
		return placementOnFargate("strategies")
	}
	return nil
}
