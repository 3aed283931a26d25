package taskdef

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// compatibilities are the launch types that a definition can run on, whichever
// it requires. Only awsvpc runs on Fargate and on managed instances, and awsvpc
// does not run on external ones; nothing else in a definition that is valid at
// all rules out EC2.
func compatibilities(in *ecs.RegisterTaskDefinitionInput) []types.Compatibility {
	if in.NetworkMode != types.NetworkModeAwsvpc {
		return []types.Compatibility{types.CompatibilityExternal, types.CompatibilityEc2}
	}
	out := []types.Compatibility{types.CompatibilityEc2}
	if !onWindows(in.RuntimePlatform) {
		out = append(out, types.CompatibilityManagedInstances)
	}
	if fargateRefusal(in) == nil {
		out = append(out, types.CompatibilityFargate)
	}
	return out
}
