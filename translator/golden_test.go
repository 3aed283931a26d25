package translator

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// goldenInput is a case: a task definition as ECS describes it, the members of a
// call, and where the pod is to run.
type goldenInput struct {
	TaskDefinition json.RawMessage `json:"taskDefinition"`
	Task           json.RawMessage `json:"task"`
	Service        json.RawMessage `json:"service"`
	InService      bool            `json:"inService"`
	// Without names what the API server cannot hold.
	Without []string `json:"without"`
}

// goldenOutput is what comes of it; a refused task has no specification.
type goldenOutput struct {
	Spec *corev1.PodSpec `json:"spec,omitempty"`
	// Services are those that lead to a service's tasks, by their names.
	Services map[string]corev1.ServiceSpec `json:"services,omitempty"`
	Findings []Finding                     `json:"findings"`
}

func TestGolden(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.in.json")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, in := range cases {
		name := strings.TrimSuffix(filepath.Base(in), ".in.json")
		t.Run(name, func(t *testing.T) {
			compareGolden(t, strings.TrimSuffix(in, ".in.json")+".out.yaml", translateGolden(t, in))
		})
	}
}

func translateGolden(t *testing.T, path string) goldenOutput {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	task, service := readGolden(t, data)
	rendered := RenderPodSpec(task)
	checkFindings(t, task, rendered)
	out := goldenOutput{Findings: rendered.Findings}
	if service != nil {
		out.Findings = append(out.Findings, ServiceFindings(service)...)
	}
	if len(Refusals(out.Findings)) == 0 {
		out.Spec, out.Services = &rendered.Spec, goldenServices(task, service)
	}
	return out
}

func goldenServices(task TaskInput, service *ecs.CreateServiceInput) map[string]corev1.ServiceSpec {
	if service == nil {
		return nil
	}
	specs := map[string]corev1.ServiceSpec{}
	for _, route := range goldenRoutes(task, service) {
		specs[route.Name] = RouteSpec("web", route, "")
	}
	return specs
}

func goldenRoutes(task TaskInput, service *ecs.CreateServiceInput) []Route {
	name := func(_ v1alpha1.Identity, parts ...string) string { return strings.Join(parts, "-") }
	routing := Routing{LoadBalancers: service.LoadBalancers, ServiceRegistries: service.ServiceRegistries}
	if config := service.ServiceConnectConfiguration; config != nil {
		routing.Connect = Connect{Configuration: config, Namespace: arn.NamespaceOf(v1alpha1.Identity{}, value(config.Namespace)), Name: value(config.Namespace)}
	}
	return Routes(routing, task.TaskDefinition, name)
}

func readGolden(t testing.TB, data []byte) (TaskInput, *ecs.CreateServiceInput) {
	t.Helper()
	var in goldenInput
	if err := json.Unmarshal(data, &in); err != nil {
		t.Fatal(err)
	}
	def, run := &types.TaskDefinition{}, &ecs.RunTaskInput{}
	readECS(t, in.TaskDefinition, def)
	readECS(t, in.Task, run)
	task := TaskInput{
		TaskDefinition:       def,
		Overrides:            run.Overrides,
		LaunchType:           run.LaunchType,
		NetworkConfiguration: run.NetworkConfiguration,
		PlacementConstraints: run.PlacementConstraints,
		PlacementStrategy:    run.PlacementStrategy,
		EnableExecuteCommand: run.EnableExecuteCommand,
		VolumeConfigurations: run.VolumeConfigurations,
		InService:            in.InService,
		Group:                "peers",
		Account:              "000000000000",
		Region:               "us-east-1",
		Cluster:              "default",
		Capabilities: Capabilities{
			PodLevelResources:     !slices.Contains(in.Without, "PodLevelResources"),
			ContainerRestartRules: !slices.Contains(in.Without, "ContainerRestartRules"),
		},
	}
	if in.Service == nil {
		return task, nil
	}
	service := &ecs.CreateServiceInput{}
	readECS(t, in.Service, service)
	task.LoadBalancers, task.VolumeConfigurations = service.LoadBalancers, TaskVolumes(service.VolumeConfigurations)
	task.Routed = len(goldenRoutes(task, service)) > 0
	return task, service
}

// readECS fails for unknown members: a case with a spelling mistake tests nothing.
func readECS(t testing.TB, data json.RawMessage, into any) {
	t.Helper()
	if data == nil {
		return
	}
	unknown, err := awsjson.ECS().Read(data, into)
	if err != nil || len(unknown) > 0 {
		t.Fatalf("read %T: %v, unknown members %v", into, err, unknown)
	}
}

// checkFindings holds for every input: each present value has a finding, and
// none was left to the sentence for what nothing takes up.
func checkFindings(t testing.TB, in TaskInput, rendered Rendered) {
	t.Helper()
	noted := map[Document]map[string]bool{TaskDefinition: {}, Task: {}}
	for _, f := range rendered.Findings {
		noted[f.Document][f.ECS] = true
		if f.Rule == notTranslated || f.Rule == "" {
			t.Errorf("%s %s: rule %q", f.Document, f.ECS, f.Rule)
		}
	}
	for document, root := range map[Document]any{TaskDefinition: in.TaskDefinition, Task: taskDocument(in)} {
		for _, l := range table.leaves(document, root) {
			if !coveredBy(noted[document], l.pointer) {
				t.Errorf("%s %s has no finding", document, l.pointer)
			}
		}
	}
}

func compareGolden(t *testing.T, path string, out goldenOutput) {
	t.Helper()
	got, err := yaml.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got), run with -update to rewrite:\n%s", path, diff)
	}
}
