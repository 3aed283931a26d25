package translator

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/taskdef"
)

// TestDaemonSet renders the daemon of testdata/daemonset/agent.json and compares
// the whole DaemonSet.
func TestDaemonSet(t *testing.T) {
	data, err := os.ReadFile("testdata/daemonset/agent.json")
	if err != nil {
		t.Fatal(err)
	}
	def := &types.DaemonTaskDefinition{}
	readECS(t, data, def)
	if refused := Refusals(DaemonDefinitionFindings(def)); len(refused) > 0 {
		t.Fatalf("refused: %v", refused)
	}
	ordinary := taskdef.Ordinary(def)
	in := TaskInput{
		TaskDefinition: ordinary, LaunchType: types.LaunchTypeManagedInstances, InService: true,
		Account: "000000000000", Region: "us-east-1", Cluster: "default", Capabilities: Capabilities{PodLevelResources: true, ContainerRestartRules: true},
	}
	rendered := RenderPodSpec(in)
	if refused := rendered.Refusals(); len(refused) > 0 {
		t.Fatalf("refused: %v", refused)
	}
	id := v1alpha1.Identity{Account: in.Account, Region: in.Region}
	meta, err := RenderPodMeta(PodMeta{
		Identity: id, Cluster: in.Cluster, ClusterObject: "default", Family: "agent", FamilyObject: "agent", Definition: ordinary,
		Daemon: "agent", DaemonObject: "agent",
		Task: StaticTask(in, TaskRequest{Identity: id, Group: "daemon:agent", CapacityProvider: "managed", Architecture: "x86_64"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	template, err := json.Marshal(corev1.PodTemplateSpec{ObjectMeta: meta, Spec: rendered.Spec})
	if err != nil {
		t.Fatal(err)
	}
	daemon := &v1alpha1.Daemon{ObjectMeta: metav1.ObjectMeta{Namespace: "ecs-default", Name: "agent"}}
	set, err := DaemonSet(daemon, v1alpha1.DaemonDeploymentEntry{Number: 2, Template: &runtime.RawExtension{Raw: template}}, "0EYSiB0qap8xf0N76FsbE")
	if err != nil {
		t.Fatal(err)
	}
	got, err := yaml.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/daemonset/agent.yaml"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got), run with -update to rewrite:\n%s", golden, diff)
	}
}

func TestDaemonRefusesLogVolumes(t *testing.T) {
	refused := Refusals(DaemonDefinitionFindings(&types.DaemonTaskDefinition{Volumes: []types.DaemonVolume{
		{Name: aws.String("data"), Host: &types.HostVolumeProperties{}},
		{Name: aws.String("logs"), LogDriverVolumeConfiguration: &types.LogDriverVolumeConfiguration{Driver: types.LogDriverJsonFile}},
	}}))
	if len(refused) != 1 || refused[0].ECS != "/volumes/1/logDriverVolumeConfiguration" {
		t.Errorf("refused %v, want the log driver's volume alone", refused)
	}
}
