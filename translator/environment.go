package translator

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

var environmentFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/environment/*/name", Class: Translated, To: "Pod /spec/containers/*/env/*/name",
		Rule: "as given; of two with the same name the last counts",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/environment/*/value", Class: Translated, To: "Pod /spec/containers/*/env/*/value",
		Rule: "as given, every $ doubled: Kubernetes expands $(NAME), ECS does not",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/environmentFiles/*/value", Class: Translated,
		To: "Pod /spec/containers/*/envFrom/*/secretRef", Rule: environmentFileRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/environmentFiles/*/type", Class: Represented,
		Rule: "s3 is the only one",
	},
	{
		Document: Task, Path: "/overrides/containerOverrides/*/environment/*/name", Class: Translated, To: "Pod /spec/containers/*/env/*/name",
		Rule: "added to the definition's variables, or in place of the one with the same name",
	},
	{
		Document: Task, Path: "/overrides/containerOverrides/*/environment/*/value", Class: Translated, To: "Pod /spec/containers/*/env/*/value",
		Rule: "as given, every $ doubled",
	},
	{
		Document: Task, Path: "/overrides/containerOverrides/*/environmentFiles/*/value", Class: Translated,
		To: "Pod /spec/containers/*/envFrom/*/secretRef", Rule: "in place of the definition's; " + environmentFileRule,
	},
	{
		Document: Task, Path: "/overrides/containerOverrides/*/environmentFiles/*/type", Class: Represented,
		Rule: "s3 is the only one",
	},
}

const badVariableName = "the name of a variable must be printable ASCII without ="

// variable is an environment variable and where it was given.
type variable struct {
	name, value string
	given       bool
	at          source
}

func (r *renderer) environment(c *container) {
	variables := variablesAt(c.def.Environment, c.base.child("environment"))
	variables = append(variables, c.environmentOverride...)
	last := map[string]int{}
	for i, v := range variables {
		last[v.name] = i
	}
	for i, v := range variables {
		winner := variables[last[v.name]]
		switch {
		case !isVariableName(v.name):
			r.refuse(v.at, badVariableName)
		case last[v.name] != i:
			r.note(v.at, Represented, "replaced by "+winner.at.pointer)
		default:
			at := c.pointer("env/" + strconv.Itoa(len(c.out.Env)))
			c.out.Env = append(c.out.Env, corev1.EnvVar{Name: v.name, Value: literal(v.value)})
			r.translated(v.at.child("name"), at+"/name")
			if v.given {
				r.translated(v.at.child("value"), at+"/value")
			}
		}
	}
}

func variablesAt(pairs []types.KeyValuePair, at source) []variable {
	variables := make([]variable, len(pairs))
	for i, pair := range pairs {
		variables[i] = variable{value(pair.Name), value(pair.Value), pair.Value != nil, at.child(strconv.Itoa(i))}
	}
	return variables
}

// isVariableName is what Kubernetes takes as the name of a variable.
func isVariableName(name string) bool {
	for _, c := range []byte(name) {
		if c < ' ' || c > '~' || c == '=' {
			return false
		}
	}
	return name != ""
}
