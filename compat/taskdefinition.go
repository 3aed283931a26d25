package compat

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// container is a small container of the image of a program.
func (t *T) container(program string, command ...string) types.ContainerDefinition {
	return types.ContainerDefinition{
		Name: aws.String("main"), Image: aws.String(t.Image(program)), Memory: aws.Int32(32), Command: command,
	}
}

// Register registers a definition and deregisters it after the case.
func (t *T) Register(family string, containers ...types.ContainerDefinition) *types.TaskDefinition {
	return t.register(&ecs.RegisterTaskDefinitionInput{Family: aws.String(family), ContainerDefinitions: containers}).TaskDefinition
}

func (t *T) register(in *ecs.RegisterTaskDefinitionInput) *ecs.RegisterTaskDefinitionOutput {
	out, err := t.ECS.RegisterTaskDefinition(t.ctx, in)
	t.OK(err, "RegisterTaskDefinition")
	t.Cleanup(func(ctx context.Context) {
		_, _ = t.ECS.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: out.TaskDefinition.TaskDefinitionArn})
	})
	return out
}

func (t *T) deregister(reference string) *types.TaskDefinition {
	out, err := t.ECS.DeregisterTaskDefinition(t.ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String(reference)})
	t.OK(err, "DeregisterTaskDefinition of "+reference)
	return out.TaskDefinition
}

func (t *T) describeDefinition(reference string) *types.TaskDefinition {
	out, err := t.ECS.DescribeTaskDefinition(t.ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(reference)})
	t.OK(err, "DescribeTaskDefinition of "+reference)
	return out.TaskDefinition
}

func taskDefinitionCases() []Case {
	return []Case{
		{
			Name: "taskdefinition/register", Operations: []string{"RegisterTaskDefinition"},
			Description: "a registration answers the definition with ECS's defaults and no others",
			Source:      "AWS CLI examples, register-task-definition; API reference, ContainerDefinition",
			Run:         taskDefinitionRegister,
		},
		{
			Name: "taskdefinition/fargate", Operations: []string{"RegisterTaskDefinition"},
			Description: "sizes are normalised, and compatibilities and attributes are computed",
			Source:      "API reference, TaskDefinition.cpu, .compatibilities, .requiresAttributes",
			Run:         taskDefinitionFargate,
		},
		{
			Name: "taskdefinition/describe", Operations: []string{"DescribeTaskDefinition"},
			Description: "a definition is found by family, by family and revision, and by ARN; tags stand beside it",
			Source:      "API reference, DescribeTaskDefinition",
			Run:         taskDefinitionDescribe,
		},
		{
			Name: "taskdefinition/answer-is-input", Operations: []string{"RegisterTaskDefinition", "DescribeTaskDefinition"},
			Description: "what is described can be registered again and gives the same",
			Source:      "deployment tools copy the described definition",
			Run:         taskDefinitionAnswerIsInput,
		},
		{
			Name: "taskdefinition/unknown", Operations: []string{"DescribeTaskDefinition"},
			Description: "an unknown family or revision is refused",
			Source:      "API reference, DescribeTaskDefinition; Terraform AWS provider",
			Run: func(t *T) {
				family := t.Name("unknown")
				for _, reference := range []string{family, family + ":1"} {
					_, err := t.ECS.DescribeTaskDefinition(t.ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(reference)})
					t.Error(err, "DescribeTaskDefinition", "ClientException", "Unable to describe task definition.")
				}
			},
		},
		{
			Name: "taskdefinition/deregister", Operations: []string{"DeregisterTaskDefinition", "DescribeTaskDefinition", "RegisterTaskDefinition"},
			Description: "a deregistered revision stays describable as INACTIVE, the family means the latest ACTIVE one, and numbers go on",
			Source:      "API reference, DeregisterTaskDefinition",
			Run:         taskDefinitionDeregister,
		},
		{
			Name: "taskdefinition/delete", Operations: []string{"DeleteTaskDefinitions"},
			Description: "an INACTIVE revision becomes DELETE_IN_PROGRESS, an ACTIVE or unknown one is a failure beside it, and numbers go on",
			Source:      "API reference, DeleteTaskDefinitions; AWS CLI examples, delete-task-definitions",
			Run:         taskDefinitionDelete,
		},
		{
			Name: "taskdefinition/deregister-errors", Operations: []string{"DeregisterTaskDefinition"},
			Description: "a revision is required, a number, and there",
			Source:      "API reference, DeregisterTaskDefinition",
			Run: func(t *T) {
				family := t.Name("none")
				for _, c := range []struct{ reference, code, text string }{
					{family, "ClientException", "Revision is missing."},
					{family + ":x", "InvalidParameterException", "Invalid revision number. Number: x"},
					{family + ":1", "ClientException", anyText},
				} {
					_, err := t.ECS.DeregisterTaskDefinition(t.ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String(c.reference)})
					t.Error(err, "DeregisterTaskDefinition of "+c.reference, c.code, c.text)
				}
			},
		},
		{
			Name: "taskdefinition/list", Operations: []string{"ListTaskDefinitions"},
			Description: "revisions are listed by number in both directions, by exact family and by status, over pages",
			Source:      "API reference, ListTaskDefinitions",
			Run:         taskDefinitionList,
		},
		{
			Name: "taskdefinition/families", Operations: []string{"ListTaskDefinitionFamilies"},
			Description: "families are listed by a true prefix and by status",
			Source:      "API reference, ListTaskDefinitionFamilies",
			Run:         taskDefinitionFamilies,
		},
		{
			Name: "taskdefinition/concurrent", Operations: []string{"RegisterTaskDefinition"},
			Description: "eight registrations at once get the revisions 1 to 8",
			Source:      "API reference, TaskDefinition.revision",
			Run:         taskDefinitionConcurrent,
		},
		{
			Name: "taskdefinition/refusals", Operations: []string{"RegisterTaskDefinition"},
			Description: "what ECS refuses is refused in its words",
			Source:      "texts noted from AWS by cdk-preflight and in issues of public repositories",
			Run:         taskDefinitionRefusals,
		},
	}
}

func taskDefinitionRegister(t *T) {
	family := t.Name("plain")
	c := t.container("web")
	c.PortMappings = []types.PortMapping{{ContainerPort: aws.Int32(8080)}}
	c.HealthCheck = &types.HealthCheck{Command: []string{"CMD", "/program", "-check"}}
	td := t.Register(family, c)

	t.True(strings.HasSuffix(aws.ToString(td.TaskDefinitionArn), ":task-definition/"+family+":1"), "taskDefinitionArn %s ends in %s:1", aws.ToString(td.TaskDefinitionArn), family)
	t.Equal("revision", td.Revision, 1)
	t.Equal("status", td.Status, "ACTIVE")
	t.True(td.RegisteredAt != nil, "registeredAt is there")
	t.True(strings.HasPrefix(aws.ToString(td.RegisteredBy), "arn:aws:"), "registeredBy is a principal's ARN")
	t.EmptyList("volumes", td.Volumes)
	t.EmptyList("placementConstraints", td.PlacementConstraints)
	t.Equal("networkMode", string(td.NetworkMode), "")
	t.Equal("cpu", td.Cpu, nil)
	t.Equal("memory", td.Memory, nil)
	t.True(td.RequiresCompatibilities == nil, "requiresCompatibilities is absent")
	t.True(sameSet(td.Compatibilities, types.CompatibilityExternal, types.CompatibilityEc2), "compatibilities %v are EXTERNAL and EC2", td.Compatibilities)

	got := td.ContainerDefinitions[0]
	t.Equal("containerDefinitions[0].cpu", got.Cpu, 0)
	t.Equal("containerDefinitions[0].essential", got.Essential, true)
	t.EmptyList("containerDefinitions[0].environment", got.Environment)
	t.EmptyList("containerDefinitions[0].mountPoints", got.MountPoints)
	t.EmptyList("containerDefinitions[0].volumesFrom", got.VolumesFrom)
	t.Equal("portMappings[0].hostPort", got.PortMappings[0].HostPort, 0)
	t.Equal("portMappings[0].protocol", got.PortMappings[0].Protocol, "tcp")
	t.Equal("healthCheck.interval", got.HealthCheck.Interval, 30)
	t.Equal("healthCheck.timeout", got.HealthCheck.Timeout, 5)
	t.Equal("healthCheck.retries", got.HealthCheck.Retries, 3)
	t.Equal("healthCheck.startPeriod", got.HealthCheck.StartPeriod, nil)
	t.True(got.Command == nil && got.Secrets == nil && got.Ulimits == nil && got.LinuxParameters == nil && got.StopTimeout == nil,
		"members without a default are absent")
}

func sameSet[E comparable](got []E, want ...E) bool {
	if len(got) != len(want) {
		return false
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			return false
		}
	}
	return true
}

func taskDefinitionFargate(t *T) {
	c := t.container("web")
	c.Memory = nil
	c.PortMappings = []types.PortMapping{{ContainerPort: aws.Int32(8080)}}
	td := t.register(&ecs.RegisterTaskDefinitionInput{
		Family: aws.String(t.Name("fargate")), NetworkMode: types.NetworkModeAwsvpc, Cpu: aws.String(".25 vcpu"), Memory: aws.String("0.5 GB"),
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate}, ContainerDefinitions: []types.ContainerDefinition{c},
	}).TaskDefinition
	t.Equal("cpu", td.Cpu, "256")
	t.Equal("memory", td.Memory, "512")
	t.Equal("hostPort under awsvpc", td.ContainerDefinitions[0].PortMappings[0].HostPort, 8080)
	t.True(slices.Contains(td.Compatibilities, types.CompatibilityEc2) && slices.Contains(td.Compatibilities, types.CompatibilityFargate),
		"compatibilities %v have EC2 and FARGATE", td.Compatibilities)
	t.True(slices.ContainsFunc(td.RequiresAttributes, func(a types.Attribute) bool { return aws.ToString(a.Name) == "ecs.capability.task-eni" }),
		"requiresAttributes have ecs.capability.task-eni")
}

func taskDefinitionDescribe(t *T) {
	family := t.Name("described")
	t.Register(family, t.container("web"))
	registered := t.register(&ecs.RegisterTaskDefinitionInput{
		Family: aws.String(family), ContainerDefinitions: []types.ContainerDefinition{t.container("web")},
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}},
	}).TaskDefinition
	for reference, revision := range map[string]int32{
		family: 2, family + ":1": 1, family + ":2": 2, aws.ToString(registered.TaskDefinitionArn): 2,
	} {
		t.Equal("revision of "+reference, t.describeDefinition(reference).Revision, revision)
	}
	out, err := t.ECS.DescribeTaskDefinition(t.ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: aws.String(family), Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	t.OK(err, "DescribeTaskDefinition with tags")
	if len(out.Tags) != 1 || aws.ToString(out.Tags[0].Key) != "team" {
		t.fail("tags are %s, want team", show(out.Tags))
	}
}

func taskDefinitionAnswerIsInput(t *T) {
	c := t.container("web")
	c.PortMappings = []types.PortMapping{{ContainerPort: aws.Int32(8080)}}
	c.Environment = []types.KeyValuePair{{Name: aws.String("B"), Value: aws.String("2")}, {Name: aws.String("A"), Value: aws.String("$(B)")}}
	c.DockerLabels = map[string]string{"a": "1"}
	helper := t.container("sidecar")
	helper.Name, helper.Essential = aws.String("helper"), aws.Bool(false)
	first := t.describeDefinition(aws.ToString(t.Register(t.Name("copied"), c, helper).TaskDefinitionArn))
	second := t.register(&ecs.RegisterTaskDefinitionInput{
		Family: first.Family, ContainerDefinitions: first.ContainerDefinitions, Volumes: first.Volumes,
		PlacementConstraints: first.PlacementConstraints, NetworkMode: first.NetworkMode, Cpu: first.Cpu, Memory: first.Memory,
	}).TaskDefinition
	t.Equal("revision", second.Revision, 2)
	t.True(reflect.DeepEqual(first.ContainerDefinitions, second.ContainerDefinitions), "containerDefinitions are the same: %s and %s",
		show(first.ContainerDefinitions), show(second.ContainerDefinitions))
	t.True(reflect.DeepEqual(first.Compatibilities, second.Compatibilities), "compatibilities are the same")
}

func taskDefinitionDeregister(t *T) {
	family := t.Name("retired")
	t.Register(family, t.container("web"))
	t.Register(family, t.container("web"))
	gone := t.deregister(family + ":2")
	t.Equal("status in the answer", gone.Status, "INACTIVE")
	t.True(gone.DeregisteredAt != nil, "deregisteredAt is there")
	t.Equal("status described", t.describeDefinition(family+":2").Status, "INACTIVE")
	t.Equal("revision of the family", t.describeDefinition(family).Revision, 1)
	t.Equal("status of one deregistered twice", t.deregister(family+":2").Status, "INACTIVE")
	t.Equal("next revision", t.Register(family, t.container("web")).Revision, 3)
	t.deregister(family + ":1")
	t.deregister(family + ":3")
	_, err := t.ECS.DescribeTaskDefinition(t.ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(family)})
	t.Error(err, "DescribeTaskDefinition of a family without ACTIVE revision", "ClientException", "Unable to describe task definition.")
}

func taskDefinitionDelete(t *T) {
	family := t.Name("deleted")
	for range 3 {
		t.Register(family, t.container("web"))
	}
	t.deregister(family + ":1")
	out, err := t.ECS.DeleteTaskDefinitions(t.ctx, &ecs.DeleteTaskDefinitionsInput{
		TaskDefinitions: []string{family + ":1", family + ":2", family + ":9"},
	})
	t.OK(err, "DeleteTaskDefinitions")
	if len(out.TaskDefinitions) != 1 || len(out.Failures) != 2 {
		t.Fatal("%d definitions and %d failures, want 1 and 2", len(out.TaskDefinitions), len(out.Failures))
	}
	gone := out.TaskDefinitions[0]
	t.Equal("revision", gone.Revision, 1)
	t.Equal("status", gone.Status, "DELETE_IN_PROGRESS")
	t.True(gone.DeregisteredAt != nil && gone.DeleteRequestedAt != nil, "deregisteredAt and deleteRequestedAt are there")
	for i, number := range []string{":2", ":9"} {
		f := out.Failures[i]
		t.True(strings.HasSuffix(aws.ToString(f.Arn), ":task-definition/"+family+number), "failures[%d].arn %s ends in %s%s", i, aws.ToString(f.Arn), family, number)
		t.True(aws.ToString(f.Reason) != "", "failures[%d] has a reason", i)
	}
	_, err = t.ECS.DeleteTaskDefinitions(t.ctx, &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{family}})
	t.Error(err, "DeleteTaskDefinitions of a family", "ClientException", "Revision is missing.")
	_, err = t.ECS.DeleteTaskDefinitions(t.ctx, &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: slices.Repeat([]string{family + ":1"}, 11)})
	t.Error(err, "DeleteTaskDefinitions of 11", "InvalidParameterException", anyText)
	t.Equal("revision after a deletion", t.Register(family, t.container("web")).Revision, 4)
}

func taskDefinitionList(t *T) {
	family, other := t.Name("list"), t.Name("list-other")
	for range 11 {
		t.Register(family, t.container("web"))
	}
	t.Register(other, t.container("web"))
	t.deregister(family + ":4")
	list := func(in *ecs.ListTaskDefinitionsInput) []string {
		in.FamilyPrefix, in.MaxResults = aws.String(family), aws.Int32(4)
		var references []string
		pages := ecs.NewListTaskDefinitionsPaginator(t.ECS, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.ctx)
			t.OK(err, "ListTaskDefinitions")
			t.True(len(page.TaskDefinitionArns) <= 4, "a page has at most 4 revisions")
			for _, arn := range page.TaskDefinitionArns {
				references = append(references, strings.TrimPrefix(lastPart(arn), family+":"))
			}
		}
		return references
	}
	ascending := []string{"1", "2", "3", "5", "6", "7", "8", "9", "10", "11"}
	t.Equal("ACTIVE revisions", list(&ecs.ListTaskDefinitionsInput{}), ascending)
	slices.Reverse(ascending)
	t.Equal("ACTIVE revisions, descending", list(&ecs.ListTaskDefinitionsInput{Sort: types.SortOrderDesc}), ascending)
	t.Equal("INACTIVE revisions", list(&ecs.ListTaskDefinitionsInput{Status: types.TaskDefinitionStatusInactive}), []string{"4"})
}

func taskDefinitionFamilies(t *T) {
	active, inactive := t.Name("family-a"), t.Name("family-i")
	t.Register(active, t.container("web"))
	t.Register(inactive, t.container("web"))
	t.deregister(inactive + ":1")
	for status, want := range map[types.TaskDefinitionFamilyStatus][]string{
		"": {active, inactive}, types.TaskDefinitionFamilyStatusAll: {active, inactive},
		types.TaskDefinitionFamilyStatusActive: {active}, types.TaskDefinitionFamilyStatusInactive: {inactive},
	} {
		out, err := t.ECS.ListTaskDefinitionFamilies(t.ctx, &ecs.ListTaskDefinitionFamiliesInput{
			FamilyPrefix: aws.String(t.Name("family-")), Status: status,
		})
		t.OK(err, "ListTaskDefinitionFamilies")
		t.True(sameSet(out.Families, want...), "families with status %q are %v, got %v", status, want, out.Families)
	}
}

func taskDefinitionConcurrent(t *T) {
	const n = 8
	family := t.Name("many")
	revisions, errs := make([]int32, n), make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			out, err := t.ECS.RegisterTaskDefinition(t.ctx, &ecs.RegisterTaskDefinitionInput{
				Family: aws.String(family), ContainerDefinitions: []types.ContainerDefinition{t.container("web")},
			})
			if errs[i] = err; err == nil {
				revisions[i] = out.TaskDefinition.Revision
			}
		})
	}
	wg.Wait()
	t.Cleanup(func(ctx context.Context) {
		for i := range n {
			_, _ = t.ECS.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String(fmt.Sprintf("%s:%d", family, i+1))})
		}
	})
	for _, err := range errs {
		t.OK(err, "RegisterTaskDefinition")
	}
	slices.Sort(revisions)
	t.Equal("revisions", revisions, []int32{1, 2, 3, 4, 5, 6, 7, 8})
}

// registration changes a valid registration into one that is refused.
type registration struct {
	name   string
	change func(in *ecs.RegisterTaskDefinitionInput, c *types.ContainerDefinition)
	code   string
	text   string
}

func taskDefinitionRefusals(t *T) {
	for _, r := range refusedRegistrations() {
		c := t.container("web")
		in := &ecs.RegisterTaskDefinitionInput{Family: aws.String(t.Name("refused"))}
		r.change(in, &c)
		if in.ContainerDefinitions == nil {
			in.ContainerDefinitions = []types.ContainerDefinition{c}
		}
		_, err := t.ECS.RegisterTaskDefinition(t.ctx, in)
		t.Error(err, "RegisterTaskDefinition: "+r.name, r.code, r.text)
	}
}

func refusedRegistrations() []registration {
	const client = "ClientException"
	fargate := func(in *ecs.RegisterTaskDefinitionInput) {
		in.RequiresCompatibilities = []types.Compatibility{types.CompatibilityFargate}
		in.NetworkMode, in.Cpu, in.Memory = types.NetworkModeAwsvpc, aws.String("256"), aws.String("512")
	}
	return []registration{
		{
			"a family with a dot", func(in *ecs.RegisterTaskDefinitionInput, _ *types.ContainerDefinition) { in.Family = aws.String("a.b") },
			client, "Family contains invalid characters.",
		},
		{"no containers", func(in *ecs.RegisterTaskDefinitionInput, _ *types.ContainerDefinition) {
			in.ContainerDefinitions = []types.ContainerDefinition{}
		}, client, "Container list cannot be empty."},
		{
			"no container name", func(_ *ecs.RegisterTaskDefinitionInput, c *types.ContainerDefinition) { c.Name = nil },
			client, "Container.name should not be null or empty.",
		},
		{
			"no image", func(_ *ecs.RegisterTaskDefinitionInput, c *types.ContainerDefinition) { c.Image = nil },
			client, "Container.image should not be null or empty.",
		},
		{
			"an image with a dollar", func(_ *ecs.RegisterTaskDefinitionInput, c *types.ContainerDefinition) { c.Image = aws.String("$IMAGE") },
			client, "Container.image contains invalid characters.",
		},
		{
			"no memory", func(_ *ecs.RegisterTaskDefinitionInput, c *types.ContainerDefinition) { c.Memory = nil },
			client, "Invalid setting for container 'main'. At least one of 'memory' or 'memoryReservation' must be specified.",
		},
		{
			"none essential", func(_ *ecs.RegisterTaskDefinitionInput, c *types.ContainerDefinition) { c.Essential = aws.Bool(false) },
			client, "Task definition doesn't have any essential container",
		},
		{"an unknown volume", func(_ *ecs.RegisterTaskDefinitionInput, c *types.ContainerDefinition) {
			c.MountPoints = []types.MountPoint{{SourceVolume: aws.String("ghost"), ContainerPath: aws.String("/x")}}
		}, client, "Unknown volume 'ghost'."},
		{"secrets without a role", func(_ *ecs.RegisterTaskDefinitionInput, c *types.ContainerDefinition) {
			c.Secrets = []types.Secret{{Name: aws.String("A"), ValueFrom: aws.String("a")}}
		}, client, "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."},
		{
			"an unknown network mode", func(in *ecs.RegisterTaskDefinitionInput, _ *types.ContainerDefinition) { in.NetworkMode = "vpc" },
			"InvalidParameterException", anyText,
		},
		{"Fargate without awsvpc", func(in *ecs.RegisterTaskDefinitionInput, _ *types.ContainerDefinition) {
			fargate(in)
			in.NetworkMode = ""
		}, client, "Fargate only supports network mode ‘awsvpc’."},
		{"a size that Fargate lacks", func(in *ecs.RegisterTaskDefinitionInput, _ *types.ContainerDefinition) {
			fargate(in)
			in.Cpu, in.Memory = aws.String("1024"), aws.String("1024")
		}, client, "No Fargate configuration exists for given values: 1024 CPU, 1024 memory. See the Amazon ECS documentation for the valid values."},
	}
}
