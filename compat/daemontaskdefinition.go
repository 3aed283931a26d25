package compat

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func daemonDefinitionCases() []Case {
	return []Case{
		{
			Name: "daemontaskdefinition/describe", Operations: []string{"RegisterDaemonTaskDefinition", "DescribeDaemonTaskDefinition"},
			Description: "a registration answers the ARN; the definition is found by family, revision and ARN, with ECS's defaults",
			Source:      "API reference, DescribeDaemonTaskDefinition",
			Run:         daemonDefinitionDescribe,
		},
		{
			Name: "daemontaskdefinition/refused", Operations: []string{"RegisterDaemonTaskDefinition", "DescribeDaemonTaskDefinition"},
			Description: "a definition without containers, and an unknown one, are refused",
			Source:      "API reference, RegisterDaemonTaskDefinition",
			Run: func(t *T) {
				_, err := t.ECS.RegisterDaemonTaskDefinition(t.ctx, &ecs.RegisterDaemonTaskDefinitionInput{
					Family: aws.String(t.Name("f")), ContainerDefinitions: []types.DaemonContainerDefinition{},
				})
				t.Error(err, "RegisterDaemonTaskDefinition without containers", "ClientException", anyText)
				_, err = t.ECS.DescribeDaemonTaskDefinition(t.ctx, &ecs.DescribeDaemonTaskDefinitionInput{DaemonTaskDefinition: aws.String(t.Name("f"))})
				t.Error(err, "DescribeDaemonTaskDefinition of an unknown family", "ClientException", anyText)
			},
		},
		{
			Name: "daemontaskdefinition/list", Operations: []string{"ListDaemonTaskDefinitions"},
			Description: "definitions are listed by family and revision, in pages, and by filters",
			Source:      "API reference, ListDaemonTaskDefinitions",
			Run:         daemonDefinitionList,
		},
		{
			Name: "daemontaskdefinition/delete", Operations: []string{"DeleteDaemonTaskDefinition"},
			Description: "a deleted revision is described as DELETED and no longer the family's latest",
			Source:      "API reference, DaemonTaskDefinition.status",
			Run:         daemonDefinitionDelete,
		},
	}
}

// RegisterDaemon registers a daemon's task definition and deletes it after the case.
func (t *T) RegisterDaemon(family string, containers ...types.DaemonContainerDefinition) string {
	out, err := t.ECS.RegisterDaemonTaskDefinition(t.ctx, &ecs.RegisterDaemonTaskDefinitionInput{
		Family: aws.String(family), ContainerDefinitions: containers,
	})
	t.OK(err, "RegisterDaemonTaskDefinition")
	t.Cleanup(func(ctx context.Context) {
		_, _ = t.ECS.DeleteDaemonTaskDefinition(ctx, &ecs.DeleteDaemonTaskDefinitionInput{DaemonTaskDefinition: out.DaemonTaskDefinitionArn})
	})
	return aws.ToString(out.DaemonTaskDefinitionArn)
}

func (t *T) daemonContainer(command ...string) types.DaemonContainerDefinition {
	return types.DaemonContainerDefinition{
		Name: aws.String("main"), Image: aws.String(t.Image("sleeps")), Memory: aws.Int32(32), Command: command,
	}
}

func (t *T) describeDaemonDefinition(reference string) *types.DaemonTaskDefinition {
	out, err := t.ECS.DescribeDaemonTaskDefinition(t.ctx, &ecs.DescribeDaemonTaskDefinitionInput{DaemonTaskDefinition: aws.String(reference)})
	t.OK(err, "DescribeDaemonTaskDefinition of "+reference)
	return out.DaemonTaskDefinition
}

func daemonDefinitionDescribe(t *T) {
	family := t.Name("agent")
	first := t.RegisterDaemon(family, t.daemonContainer())
	second := t.RegisterDaemon(family, t.daemonContainer("60"))
	t.True(strings.HasSuffix(first, ":daemon-task-definition/"+family+":1"), "the first ARN %s ends with the family and 1", first)
	for reference, arn := range map[string]string{family: second, family + ":1": first, first: first} {
		t.Equal("daemonTaskDefinitionArn of "+reference, t.describeDaemonDefinition(reference).DaemonTaskDefinitionArn, arn)
	}
	def := t.describeDaemonDefinition(first)
	t.Equal("family", def.Family, family)
	t.Equal("revision", def.Revision, 1)
	t.Equal("status", def.Status, "ACTIVE")
	t.True(def.RegisteredAt != nil && aws.ToString(def.RegisteredBy) != "", "registeredAt and registeredBy are there")
	t.EmptyList("volumes", def.Volumes)
	t.EmptyList("mountPoints", def.ContainerDefinitions[0].MountPoints)
	t.EmptyList("secrets", def.ContainerDefinitions[0].Secrets)
	t.Equal("essential", def.ContainerDefinitions[0].Essential, true)
}

func (t *T) listDaemonDefinitions(in ecs.ListDaemonTaskDefinitionsInput) ([]string, *string) {
	out, err := t.ECS.ListDaemonTaskDefinitions(t.ctx, &in)
	t.OK(err, "ListDaemonTaskDefinitions")
	arns := []string{}
	for _, summary := range out.DaemonTaskDefinitions {
		arns = append(arns, aws.ToString(summary.Arn))
	}
	return arns, out.NextToken
}

func daemonDefinitionList(t *T) {
	a1 := t.RegisterDaemon(t.Name("a"), t.daemonContainer())
	a2 := t.RegisterDaemon(t.Name("a"), t.daemonContainer())
	b1 := t.RegisterDaemon(t.Name("ab"), t.daemonContainer())
	prefix := aws.String(t.Name("a"))
	for _, c := range []struct {
		what string
		in   ecs.ListDaemonTaskDefinitionsInput
		want []string
	}{
		{"of a prefix", ecs.ListDaemonTaskDefinitionsInput{FamilyPrefix: prefix}, []string{a1, a2, b1}},
		{"descending", ecs.ListDaemonTaskDefinitionsInput{FamilyPrefix: prefix, Sort: types.SortOrderDesc}, []string{b1, a2, a1}},
		{"of a family", ecs.ListDaemonTaskDefinitionsInput{Family: prefix}, []string{a1, a2}},
		{"last registered", ecs.ListDaemonTaskDefinitionsInput{FamilyPrefix: prefix, Revision: types.DaemonTaskDefinitionRevisionFilterLastRegistered}, []string{a2, b1}},
		{"being deleted", ecs.ListDaemonTaskDefinitionsInput{FamilyPrefix: prefix, Status: types.DaemonTaskDefinitionStatusFilterDeleteInProgress}, []string{}},
	} {
		got, _ := t.listDaemonDefinitions(c.in)
		t.Equal("definitions "+c.what, got, c.want)
	}
	page, token := t.listDaemonDefinitions(ecs.ListDaemonTaskDefinitionsInput{FamilyPrefix: prefix, MaxResults: aws.Int32(2)})
	t.Equal("first page", page, []string{a1, a2})
	page, token = t.listDaemonDefinitions(ecs.ListDaemonTaskDefinitionsInput{FamilyPrefix: prefix, MaxResults: aws.Int32(2), NextToken: token})
	t.Equal("second page", page, []string{b1})
	t.True(token == nil, "the last page has no nextToken")
}

func daemonDefinitionDelete(t *T) {
	family := t.Name("agent")
	first := t.RegisterDaemon(family, t.daemonContainer())
	second := t.RegisterDaemon(family, t.daemonContainer())
	out, err := t.ECS.DeleteDaemonTaskDefinition(t.ctx, &ecs.DeleteDaemonTaskDefinitionInput{DaemonTaskDefinition: aws.String(second)})
	t.OK(err, "DeleteDaemonTaskDefinition")
	t.Equal("daemonTaskDefinitionArn", out.DaemonTaskDefinitionArn, second)
	def := t.describeDaemonDefinition(second)
	t.Equal("status", def.Status, "DELETED")
	t.True(def.DeleteRequestedAt != nil, "deleteRequestedAt is there")
	t.Equal("the family's latest", t.describeDaemonDefinition(family).DaemonTaskDefinitionArn, first)
	all, _ := t.listDaemonDefinitions(ecs.ListDaemonTaskDefinitionsInput{Family: aws.String(family)})
	t.Equal("definitions that are ACTIVE", all, []string{first})
	_, err = t.ECS.DeleteDaemonTaskDefinition(t.ctx, &ecs.DeleteDaemonTaskDefinitionInput{DaemonTaskDefinition: aws.String(family)})
	t.Error(err, "DeleteDaemonTaskDefinition without a revision", "ClientException", "Revision is missing.")
}
