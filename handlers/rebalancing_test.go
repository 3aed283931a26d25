package handlers

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestCheckRebalancing(t *testing.T) {
	strategy := func(kind types.PlacementStrategyType, field string) []types.PlacementStrategy {
		return []types.PlacementStrategy{{Type: kind, Field: aws.String(field)}}
	}
	const refused = "Availability Zone Rebalancing does not support "
	for name, tc := range map[string]struct {
		change func(*types.Service)
		want   string
	}{
		"as services come": {func(*types.Service) {}, ""},
		"zones first": {func(s *types.Service) {
			s.PlacementStrategy = append(strategy("spread", "attribute:ecs.availability-zone"), strategy("binpack", "CPU")...)
		}, ""},
		"hosts first": {func(s *types.Service) { s.PlacementStrategy = strategy("spread", "instanceId") }, refused + "a first placement strategy other than spread over attribute:ecs.availability-zone."},
		"packed":      {func(s *types.Service) { s.PlacementStrategy = strategy("binpack", "CPU") }, refused + "a first placement strategy other than spread over attribute:ecs.availability-zone."},
		"no room for a replacement": {func(s *types.Service) {
			s.DeploymentConfiguration.MaximumPercent = aws.Int32(100)
		}, refused + "maximumPercent <= 100 % as deployment configuration."},
		"kept in a zone": {func(s *types.Service) {
			s.PlacementConstraints = []types.PlacementConstraint{{Type: "memberOf", Expression: aws.String("attribute:ecs.availability-zone == us-east-1a")}}
		}, refused + "placement constraints on attribute:ecs.availability-zone."},
		"classic":  {func(s *types.Service) { s.LoadBalancers = []types.LoadBalancer{{LoadBalancerName: aws.String("lb")}} }, refused + "Classic Load Balancers."},
		"external": {func(s *types.Service) { s.LaunchType = types.LaunchTypeExternal }, refused + "the EXTERNAL launch type."},
		"daemon": {func(s *types.Service) {
			s.SchedulingStrategy = types.SchedulingStrategyDaemon
		}, "Availability Zone Rebalancing does not support DAEMON services. Change the scheduling strategy and try again"},
	} {
		t.Run(name, func(t *testing.T) {
			settings := &types.Service{LaunchType: types.LaunchTypeEc2, DeploymentConfiguration: defaultsOf("")}
			tc.change(settings)
			wantRefusal(t, checkRebalancing(settings), tc.want)
		})
	}
}
