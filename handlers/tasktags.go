package handlers

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// mergeTags puts the tags of a request over those propagated to it, and ECS's
// managed ones over both (Developer Guide, tagging resources).
func mergeTags(propagated, given, managed []types.Tag) []types.Tag {
	merged := []types.Tag{}
	at := map[string]int{}
	for _, list := range [][]types.Tag{propagated, given, managed} {
		for _, tag := range list {
			key := aws.ToString(tag.Key)
			if i, ok := at[key]; ok {
				merged[i] = tag
				continue
			}
			at[key] = len(merged)
			merged = append(merged, tag)
		}
	}
	return merged
}

func managedTags(enabled bool, cluster, service string) []types.Tag {
	if !enabled {
		return nil
	}
	tags := []types.Tag{{Key: aws.String("aws:ecs:clusterName"), Value: aws.String(cluster)}}
	if service != "" {
		tags = append(tags, types.Tag{Key: aws.String("aws:ecs:serviceName"), Value: aws.String(service)})
	}
	return tags
}

// asksForTags reads the include of a describe call that knows TAGS alone.
func asksForTags[F ~string](include []F) (bool, error) {
	for _, field := range include {
		if field != "TAGS" {
			return false, oneOf("include", "TAGS")
		}
	}
	return len(include) > 0, nil
}
