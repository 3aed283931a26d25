package handlers

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// newRebalancing decides on a new service's Availability Zone rebalancing. Where
// nothing is asked for it is on, unless the service cannot have it (API reference,
// CreateService.availabilityZoneRebalancing; Terraform's documentation of it).
func (h *Handlers) newRebalancing(given types.AvailabilityZoneRebalancing, settings *types.Service) (types.AvailabilityZoneRebalancing, error) {
	refusal := h.mayRebalance(settings)
	if given == types.AvailabilityZoneRebalancingDisabled || given == "" && refusal != nil {
		return types.AvailabilityZoneRebalancingDisabled, nil //nolint:nilerr // it is refused only where it was asked for
	}
	return types.AvailabilityZoneRebalancingEnabled, refusal
}

// updatedRebalancing keeps what there is where nothing is asked for, and refuses
// a change of anything else that rebalancing does not go with.
func (h *Handlers) updatedRebalancing(given types.AvailabilityZoneRebalancing, settings *types.Service) error {
	if given != "" {
		settings.AvailabilityZoneRebalancing = given
	}
	switch {
	case settings.AvailabilityZoneRebalancing != types.AvailabilityZoneRebalancingEnabled:
		return nil
	case given == "":
		return checkRebalancing(settings)
	}
	return h.mayRebalance(settings)
}

func (h *Handlers) mayRebalance(settings *types.Service) error {
	if err := checkRebalancing(settings); err != nil {
		return err
	}
	if !h.store.WatchesNodes() {
		return unsupported("/availabilityZoneRebalancing", "Gantry has not the right to see the nodes of the cluster, and their zones")
	}
	return nil
}

const zoneAttribute = "attribute:ecs.availability-zone"

// checkRebalancing refuses the services that tasks cannot be moved in (Developer
// Guide, service rebalancing). The texts for maximumPercent and DAEMON are ECS's,
// the others follow them.
func checkRebalancing(settings *types.Service) error {
	refuse := func(what string) error {
		return invalidParameter("Availability Zone Rebalancing does not support %s.", what)
	}
	switch {
	case settings.SchedulingStrategy == types.SchedulingStrategyDaemon:
		return rebalancingDaemon()
	case controllerOf(settings.DeploymentController) != types.DeploymentControllerTypeEcs:
		return refuse("deployment controllers other than ECS")
	case settings.LaunchType == types.LaunchTypeExternal:
		return refuse("the EXTERNAL launch type")
	case aws.ToInt32(settings.DeploymentConfiguration.MaximumPercent) <= 100:
		return refuse("maximumPercent <= 100 % as deployment configuration")
	case slices.ContainsFunc(settings.LoadBalancers, func(b types.LoadBalancer) bool { return aws.ToString(b.LoadBalancerName) != "" }):
		return refuse("Classic Load Balancers")
	case len(settings.PlacementStrategy) > 0 &&
		(settings.PlacementStrategy[0].Type != types.PlacementStrategyTypeSpread || aws.ToString(settings.PlacementStrategy[0].Field) != zoneAttribute):
		return refuse("a first placement strategy other than spread over " + zoneAttribute)
	case slices.ContainsFunc(settings.PlacementConstraints, func(c types.PlacementConstraint) bool {
		return strings.Contains(aws.ToString(c.Expression), zoneAttribute)
	}):
		return refuse("placement constraints on " + zoneAttribute)
	}
	return nil
}
