package handlers

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
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

// placementOf is that of a service.
func placementOf(settings *types.Service) placement {
	return placement{constraints: settings.PlacementConstraints, strategy: settings.PlacementStrategy}
}

// answeredStrategy is the form that ECS answers: the fields of binpack in capital
// letters, and instanceId for host. Terraform's AWS provider allows for both.
func answeredStrategy(strategy []types.PlacementStrategy) []types.PlacementStrategy {
	answered := emptyIfNil(slices.Clone(strategy))
	for i, s := range answered {
		switch {
		case s.Type == types.PlacementStrategyTypeBinpack:
			answered[i].Field = aws.String(strings.ToUpper(aws.ToString(s.Field)))
		case aws.ToString(s.Field) == "host":
			answered[i].Field = aws.String("instanceId")
		}
	}
	return answered
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

// checkUpdatedPlacement refuses a placement that the service's tasks cannot have,
// though it is no deployment's yet: an update of it starts none (API reference,
// UpdateService), and the next one's tasks are placed by it.
func (h *Handlers) checkUpdatedPlacement(ctx context.Context, current types.ServiceRevision, settings *types.Service, in *ecs.UpdateServiceInput) error {
	if in.PlacementConstraints == nil && in.PlacementStrategy == nil {
		return nil
	}
	task := &types.TaskDefinition{}
	if current.TaskDefinition != nil {
		def, err := h.definition(ctx, *current.TaskDefinition)
		if err != nil {
			return err
		}
		if def != nil {
			task = def.TaskDefinition
		}
	}
	if err := checkPlacementFor(translator.LaunchTypeOf(settings), placementOf(settings), task); err != nil {
		return err
	}
	return refusal(translator.RenderPodSpec(translator.TaskInput{
		PlacementConstraints: settings.PlacementConstraints, PlacementStrategy: settings.PlacementStrategy, InService: true,
	}).Refusals())
}

// checkPlacementConstraint: that an expression may not be given, the empty one
// included, is ECS's text; that a type is unknown follows ECS's other enums.
func checkPlacementConstraint(c types.PlacementConstraint) error {
	switch c.Type {
	case types.PlacementConstraintTypeMemberOf:
		return taskdef.ValidateExpression(c.Expression)
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

// checkPlacementFor refuses what a launch type or a task definition has no room
// for: on Fargate there are no instances to choose from, and a definition's
// constraints count among those of a task (API reference, RunTask.placementConstraints).
// Those are read again: the definition may be older than the reading at registration.
func checkPlacementFor(launchType types.LaunchType, p placement, def *types.TaskDefinition) error {
	for _, c := range def.PlacementConstraints {
		if err := taskdef.ValidateExpression(c.Expression); err != nil {
			return err
		}
	}
	switch {
	case len(p.constraints)+len(def.PlacementConstraints) > maxPlacementConstraints:
		return atMost("placement constraints", maxPlacementConstraints)
	case launchType != types.LaunchTypeFargate:
		return nil
	case len(p.constraints) > 0:
		return placementOnFargate("constraints")
	case len(p.strategy) > 0:
		return placementOnFargate("strategies")
	}
	return nil
}

// readsNodes says whether a constraint has a pattern that can be read against the
// nodes.
func (h *Handlers) readsNodes(def *types.TaskDefinition, constraints []types.PlacementConstraint) bool {
	if !h.store.WatchesNodes() {
		return false
	}
	return slices.ContainsFunc(def.PlacementConstraints, func(c types.TaskDefinitionPlacementConstraint) bool {
		return translator.HasPatterns(aws.ToString(c.Expression))
	}) || slices.ContainsFunc(constraints, func(c types.PlacementConstraint) bool { return translator.HasPatterns(aws.ToString(c.Expression)) })
}

func (h *Handlers) nodeLabels() []map[string]string {
	labels := []map[string]string{}
	for _, node := range h.store.Nodes.All() {
		labels = append(labels, node.Labels)
	}
	return labels
}
