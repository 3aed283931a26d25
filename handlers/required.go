package handlers

import (
	"reflect"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/gantry-ecs/gantry/taskdef"
)

// missingMember is the refusal of a request without members that the model
// requires. Clients built on an SDK never send one. ECS has two wordings: a list
// that is missing cannot be empty, anything else can not be blank; both are known
// for some members, and the others take the same form. For members of members
// there is no source; the text names the whole path.
func missingMember(in any, members []string) error {
	if definition, ok := in.(*ecs.RegisterTaskDefinitionInput); ok {
		return taskdef.Validate(definition)
	}
	path := members[0]
	switch {
	case strings.HasSuffix(path, "awsvpcConfiguration.subnets"):
		return subnetsEmpty()
	case strings.ContainsAny(path, ".["):
		return invalidParameter("%s should not be null or empty.", path)
	}
	member, _ := reflect.TypeOf(in).Elem().FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, path) })
	if member.Type.Kind() != reflect.Slice {
		return invalidParameter("%s can not be blank.", title(path))
	}
	if path == "containerInstances" {
		// Its type differs from the others' (moto, copied from AWS).
		return clientError("%s cannot be empty.", title(path))
	}
	return cannotBeEmpty(title(path))
}

// title is `Task Definition` for taskDefinition, as ECS's texts name members.
func title(member string) string {
	var out strings.Builder
	for i, c := range member {
		if i == 0 {
			c = unicode.ToUpper(c)
		} else if unicode.IsUpper(c) {
			out.WriteByte(' ')
		}
		out.WriteRune(c)
	}
	return out.String()
}
