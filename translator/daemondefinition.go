package translator

import "github.com/aws/aws-sdk-go-v2/service/ecs/types"

// daemonDefinitionFields are the members that an ordinary task definition has
// not; the others are classified there.
var daemonDefinitionFields = []Field{
	{Document: DaemonTaskDefinition, Path: "/daemonTaskDefinitionArn", Class: Represented, Rule: computedRule},
	{
		Document: DaemonTaskDefinition, Path: "/volumes/*/logDriverVolumeConfiguration", Class: Refused,
		Rule: "the nodes' container runtime writes no json-file logs",
	},
}

// DaemonDefinitionFindings classifies what only a daemon's task definition has;
// RenderPodSpec does the rest, with the definition that it comes to.
func DaemonDefinitionFindings(def *types.DaemonTaskDefinition) []Finding {
	own := types.DaemonTaskDefinition{DaemonTaskDefinitionArn: def.DaemonTaskDefinitionArn}
	for _, v := range def.Volumes {
		own.Volumes = append(own.Volumes, types.DaemonVolume{LogDriverVolumeConfiguration: v.LogDriverVolumeConfiguration})
	}
	return classify(DaemonTaskDefinition, &own)
}
