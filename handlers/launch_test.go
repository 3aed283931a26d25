package handlers

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// TestDaemonByTheClustersStrategy: that nothing was said about Fargate makes no
// DAEMON service possible there.
func TestDaemonByTheClustersStrategy(t *testing.T) {
	def := &types.TaskDefinition{Compatibilities: []types.Compatibility{types.CompatibilityEc2, types.CompatibilityFargate}}
	const daemon, replica = types.SchedulingStrategyDaemon, types.SchedulingStrategyReplica
	for name, test := range map[string]struct {
		provider   string // of the cluster's default strategy
		launchType types.LaunchType
		scheduling types.SchedulingStrategy
		want       string
	}{
		"DAEMON on FARGATE":           {"FARGATE", "", daemon, "The daemon scheduling strategy does not support the FARGATE launch type. Change the launch type and try again"},
		"DAEMON on FARGATE_SPOT":      {"FARGATE_SPOT", "", daemon, "The daemon scheduling strategy does not support the FARGATE launch type. Change the launch type and try again"},
		"DAEMON on EC2 by its call":   {"FARGATE", types.LaunchTypeEc2, daemon, ""},
		"DAEMON without any provider": {"", "", daemon, ""},
		"REPLICA on FARGATE":          {"FARGATE", "", replica, ""},
		"a task, which is of neither": {"FARGATE", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			held := types.Cluster{}
			if test.provider != "" {
				held.CapacityProviders = []string{test.provider}
				held.DefaultCapacityProviderStrategy = []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String(test.provider), Weight: 1}}
			}
			data, err := awsjson.Marshal(&held)
			if err != nil {
				t.Fatal(err)
			}
			cluster := &v1alpha1.Cluster{}
			cluster.Spec.Definition.Raw = data
			_, err = new(Handlers).resolveLaunch(cluster, launchRequest{launchType: test.launchType, scheduling: test.scheduling}, def)
			hasText(t, err, test.want)
		})
	}
}
