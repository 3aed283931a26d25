package taskdef_test

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/taskdef"
)

// TestGeneratedDefinitionsAreStable crosses the definitions that people register
// with each other, member by member: each child that ECS would accept is stored,
// read and registered again without loss.
func TestGeneratedDefinitionsAreStable(t *testing.T) {
	const rounds = 4000
	known := definitions(t)
	names := slices.Sorted(maps.Keys(known))
	random := rand.New(rand.NewPCG(1, 2)) // the same children in every run
	parent := func() *ecs.RegisterTaskDefinitionInput { return known[names[random.IntN(len(names))]] }
	accepted := 0
	for range rounds {
		child := copyOf(t, parent())
		cross(random, reflect.ValueOf(child).Elem(), reflect.ValueOf(copyOf(t, parent())).Elem())
		for i := range child.ContainerDefinitions {
			other := copyOf(t, parent()).ContainerDefinitions
			cross(random, reflect.ValueOf(&child.ContainerDefinitions[i]).Elem(), reflect.ValueOf(other[random.IntN(len(other))]))
		}
		if random.IntN(4) == 0 {
			child.ContainerDefinitions = append(child.ContainerDefinitions, types.ContainerDefinition{})
			last := reflect.ValueOf(&child.ContainerDefinitions[len(child.ContainerDefinitions)-1]).Elem()
			last.Set(reflect.ValueOf(copyOf(t, parent()).ContainerDefinitions[0]))
		}
		if taskdef.Validate(child) != nil {
			continue
		}
		accepted++
		checkStable(t, child)
	}
	if accepted < rounds/4 {
		t.Errorf("only %d of %d children were accepted", accepted, rounds)
	}
}

// cross takes some of the other's members.
func cross(random *rand.Rand, v, other reflect.Value) {
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() && random.IntN(5) == 0 {
			v.Field(i).Set(other.Field(i))
		}
	}
}

func copyOf(t *testing.T, in *ecs.RegisterTaskDefinitionInput) *ecs.RegisterTaskDefinitionInput {
	t.Helper()
	data, err := awsjson.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out := &ecs.RegisterTaskDefinitionInput{}
	if err := awsjson.Unmarshal(data, out); err != nil {
		t.Fatal(err)
	}
	return out
}
