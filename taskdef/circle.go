package taskdef

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// inCircle names the first container that is in a circle of containers that need
// one another, or needs one that is. It takes away, again and again, those that
// need nothing that is left.
func inCircle(in *ecs.RegisterTaskDefinitionInput, needs func(types.ContainerDefinition) []string) (string, bool) {
	left := map[string][]string{}
	for _, c := range in.ContainerDefinitions {
		left[*c.Name] = needs(c)
	}
	isLeft := func(name string) bool { _, ok := left[name]; return ok }
	for range in.ContainerDefinitions {
		for name, needed := range left {
			if !slices.ContainsFunc(needed, isLeft) {
				delete(left, name)
			}
		}
	}
	for _, c := range in.ContainerDefinitions {
		if isLeft(*c.Name) {
			return *c.Name, true
		}
	}
	return "", false
}
