package api

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/localcluster"
)

// TestCorpusIsKept registers every definition of the corpus that ECS accepts,
// over the wire and through the API server, describes it, and registers the
// answer: it is the same but for what a revision is.
func TestCorpusIsKept(t *testing.T) {
	t.Parallel()
	g := startGantry(t, startCluster(t, localcluster.Options{}))
	files, err := filepath.Glob("../../taskdef/testdata/corpus/valid/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no definitions: %v", err)
	}
	api, kept := g.home(), 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		in := &ecs.RegisterTaskDefinitionInput{}
		if _, err := awsjson.ECS().Read(data, in); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out, err := api.RegisterTaskDefinition(t.Context(), in)
		if refused := smithy.APIError(nil); errors.As(err, &refused) && refused.ErrorFault() == smithy.FaultClient {
			continue // TestCorpusOutcomes has the texts
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		checkKept(t, api, file, out.TaskDefinition)
		kept++
	}
	if kept < 80 {
		t.Errorf("only %d of %d were registered", kept, len(files))
	}
}

func checkKept(t *testing.T, api *ecs.Client, file string, registered *types.TaskDefinition) {
	t.Helper()
	described, err := api.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: registered.TaskDefinitionArn})
	if err != nil {
		t.Fatalf("%s: describe: %v", file, err)
	}
	if diff := cmp.Diff(registered, described.TaskDefinition, ignoreSerde); diff != "" {
		t.Errorf("%s (-registered +described):\n%s", file, diff)
	}
	again, err := api.RegisterTaskDefinition(t.Context(), asInput(described.TaskDefinition))
	if err != nil {
		t.Fatalf("%s: register again: %v", file, err)
	}
	want, got := *registered, *again.TaskDefinition
	want.TaskDefinitionArn, want.Revision, want.RegisteredAt = got.TaskDefinitionArn, got.Revision, got.RegisteredAt
	if diff := cmp.Diff(&want, &got, ignoreSerde); diff != "" {
		t.Errorf("%s (-first +second):\n%s", file, diff)
	}
}

var ignoreSerde = cmp.FilterPath(func(p cmp.Path) bool {
	return p.Last().String() == ".noSmithyDocumentSerde"
}, cmp.Ignore())

// asInput is what a client sends that builds a new revision from a described one.
func asInput(td *types.TaskDefinition) *ecs.RegisterTaskDefinitionInput {
	in := &ecs.RegisterTaskDefinitionInput{}
	from, to := reflect.ValueOf(*td), reflect.ValueOf(in).Elem()
	for i := range to.NumField() {
		field := to.Type().Field(i)
		if source := from.FieldByName(field.Name); field.IsExported() && source.IsValid() {
			to.Field(i).Set(source)
		}
	}
	return in
}

// TestDeletedDefinitionsGo: once nothing uses one. The number of the family's highest
// is not given out again.
func TestDeletedDefinitionsGo(t *testing.T) {
	t.Parallel()
	g := startGantry(t, startCluster(t, localcluster.Options{}))
	api := g.home()
	prepare(t.Context(), t, api, "app")
	for range 2 {
		register(t.Context(), t, api, "app")
	}
	run, err := api.RunTask(t.Context(), &ecs.RunTaskInput{TaskDefinition: aws.String("app:2")})
	ok(t, err)
	all := []string{"app:1", "app:2", "app:3"}
	for _, name := range all {
		if _, err := api.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String(name)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := api.DeleteTaskDefinitions(t.Context(), &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: all}); err != nil {
		t.Fatal(err)
	}
	gone := func(name string) {
		t.Helper()
		eventually(t, name+" goes", func(ctx context.Context) error {
			_, err := api.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(name)})
			return expectError[*types.ClientException](err, "Unable to describe task definition.")
		})
	}
	families := func() []string {
		out, err := api.ListTaskDefinitionFamilies(t.Context(), &ecs.ListTaskDefinitionFamiliesInput{FamilyPrefix: aws.String("app")})
		ok(t, err)
		return out.Families
	}
	gone("app:1")
	gone("app:3")
	out, err := api.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("app:2")})
	if err != nil || out.TaskDefinition.Status != types.TaskDefinitionStatusDeleteInProgress {
		t.Errorf("app:2, which a task uses: %v %v", out, err)
	}
	if got := families(); len(got) != 1 {
		t.Errorf("the families are %v", got)
	}
	_, err = api.StopTask(t.Context(), &ecs.StopTaskInput{Task: run.Tasks[0].TaskArn})
	ok(t, err)
	gone("app:2")
	if got := families(); len(got) != 0 {
		t.Errorf("the families are %v, and no revision is left", got)
	}
	if arn := register(t.Context(), t, api, "app"); arn != "arn:aws:ecs:us-east-1:000000000000:task-definition/app:4" {
		t.Errorf("the next is %s", arn)
	}
}
