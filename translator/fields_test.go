package translator

import (
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
)

// roots are the types that reach the translator.
var roots = []struct {
	document Document
	typ      reflect.Type
}{
	{TaskDefinition, reflect.TypeFor[types.TaskDefinition]()},
	{TaskDefinition, reflect.TypeFor[ecs.RegisterTaskDefinitionInput]()},
	{DaemonTaskDefinition, reflect.TypeFor[types.DaemonTaskDefinition]()},
	{DaemonTaskDefinition, reflect.TypeFor[ecs.RegisterDaemonTaskDefinitionInput]()},
	{ExpressService, reflect.TypeFor[ecs.CreateExpressGatewayServiceInput]()},
	{ExpressService, reflect.TypeFor[ecs.UpdateExpressGatewayServiceInput]()},
	{Daemon, reflect.TypeFor[ecs.CreateDaemonInput]()},
	{Daemon, reflect.TypeFor[ecs.UpdateDaemonInput]()},
	{Task, reflect.TypeFor[ecs.RunTaskInput]()},
	{Task, reflect.TypeFor[ecs.StartTaskInput]()},
	{Service, reflect.TypeFor[ecs.CreateServiceInput]()},
	{TaskSet, reflect.TypeFor[ecs.CreateTaskSetInput]()},
}

// TestEveryFieldIsClassified fails when the SDK has a field that no feature
// knows: a new version brought it.
func TestEveryFieldIsClassified(t *testing.T) {
	for _, root := range roots {
		for _, path := range table.typePaths(root.document, root.typ) {
			if _, known := table.lookup(root.document, path); !known {
				t.Errorf("%s %s is classified nowhere", root.document, path)
			}
		}
	}
}

// TestClassificationIsOfTheSDK fails for a row whose field the SDK has not.
func TestClassificationIsOfTheSDK(t *testing.T) {
	known := map[fieldKey]bool{}
	for _, root := range roots {
		for _, path := range table.typePaths(root.document, root.typ) {
			known[fieldKey{root.document, path}] = true
		}
	}
	for key := range table {
		option := fieldKey{key.document, "/containerDefinitions/*/logConfiguration/options/*"}
		named := len(key.path) > len(option.path) && key.path[:len(option.path)-1] == option.path[:len(option.path)-1]
		if !known[key] && (!named || !known[option]) {
			t.Errorf("%s %s is no field of the SDK", key.document, key.path)
		}
	}
}

func TestRowsAreComplete(t *testing.T) {
	seen := map[fieldKey]bool{}
	for _, topic := range Topics {
		for _, f := range topic.Fields {
			key := fieldKey{f.Document, f.Path}
			if seen[key] {
				t.Errorf("%s %s has two rows", f.Document, f.Path)
			}
			seen[key] = true
			if f.Rule == "" {
				t.Errorf("%s %s has no rule", f.Document, f.Path)
			}
			if (f.Class == Translated) != (f.To != "") {
				t.Errorf("%s %s: class %s and target %q do not go together", f.Document, f.Path, f.Class, f.To)
			}
			if f.Harmless != nil && (f.Class != Refused || f.Except == "") {
				t.Errorf("%s %s: only a refused row has harmless values, and says which", f.Document, f.Path)
			}
		}
	}
}

// ignored are the fields without any effect. The list only shrinks: a field that
// is added to it needs a rule that says why the task behaves the same.
var ignored = []string{
	"Task /overrides/executionRoleArn",
	"TaskDefinition /containerDefinitions/*/logConfiguration/options/awslogs-datetime-format",
	"TaskDefinition /containerDefinitions/*/logConfiguration/options/awslogs-multiline-pattern",
	"TaskDefinition /containerDefinitions/*/logConfiguration/options/max-buffer-size",
	"TaskDefinition /containerDefinitions/*/logConfiguration/options/max-file",
	"TaskDefinition /containerDefinitions/*/logConfiguration/options/max-size",
	"TaskDefinition /containerDefinitions/*/logConfiguration/options/mode",
	"TaskDefinition /containerDefinitions/*/versionConsistency",
	"TaskDefinition /executionRoleArn",
}

func TestIgnoredFieldsAreListed(t *testing.T) {
	var got []string
	for _, topic := range Topics {
		for _, f := range topic.Fields {
			if f.Class == Ignored {
				got = append(got, string(f.Document)+" "+f.Path)
			}
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(ignored, got); diff != "" {
		t.Errorf("ignored fields differ from the list (-list +fields):\n%s", diff)
	}
}
