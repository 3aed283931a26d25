package handlers

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// checkVolumes refuses a volume configured at launch that the task definition
// has not. The text is noted for services from its begin on; that RunTask has the
// same is inferred.
func checkVolumes(given []types.TaskVolumeConfiguration, def *types.TaskDefinition) error {
	for _, v := range given {
		name := aws.ToString(v.Name)
		known := slices.ContainsFunc(def.Volumes, func(held types.Volume) bool {
			return aws.ToString(held.Name) == name && aws.ToBool(held.ConfiguredAtLaunch)
		})
		if !known {
			return invalidParameter("The volume name '%s' in your request does not have a matching volume in your Task Definition.", name)
		}
	}
	return nil
}
