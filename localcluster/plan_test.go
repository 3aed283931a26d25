package localcluster

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func testPlan(t *testing.T, o Options) plan {
	t.Helper()
	o.StateDir = t.TempDir()
	o.BinDir = "/bin"
	p := plan{Options: o, layout: layout{o.StateDir}, mode: o.mode(), ports: fixedPorts}
	for _, dir := range []string{"pki", "config", "logs", "run"} {
		if err := os.MkdirAll(p.path(dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func TestComponentsOfEachShape(t *testing.T) {
	extra := Component{Name: "beside"}
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{}, "etcd containerd | kube-apiserver | kube-controller-manager kube-scheduler kubelet kube-proxy coredns metrics-server beside"},
		{Options{Simulated: true}, "etcd | kube-apiserver | kube-controller-manager kube-scheduler kwok beside"},
		{Options{ControlPlaneOnly: true}, "etcd | kube-apiserver | beside"},
		{Options{ControlPlaneOnly: true, ControllerManager: true}, "etcd | kube-apiserver | kube-controller-manager beside"},
		{Options{ControlPlaneOnly: true, Simulated: true}, "etcd | kube-apiserver | kube-controller-manager kube-scheduler kwok beside"},
	} {
		c.options.Extra = []Component{extra}
		var groups []string
		for _, group := range testPlan(t, c.options).groups() {
			var names []string
			for _, component := range group {
				names = append(names, component.Name)
			}
			groups = append(groups, strings.Join(names, " "))
		}
		if diff := cmp.Diff(c.want, strings.Join(groups, " | ")); diff != "" {
			t.Errorf("%+v:\n%s", c.options, diff)
		}
	}
}

func TestEveryComponentSaysWhatItIsFor(t *testing.T) {
	for _, o := range []Options{{}, {Simulated: true}} {
		for _, c := range testPlan(t, o).components() {
			if c.Title == "" || c.Purpose == "" || c.ECS == "" || c.Endpoint == "" || c.Ready == nil {
				t.Errorf("%s lacks a title, purpose, ECS counterpart, endpoint or check: %+v", c.Name, c)
			}
		}
	}
}

func TestEverythingListensOnThisMachineAlone(t *testing.T) {
	for _, o := range []Options{{}, {Simulated: true}, {ControlPlaneOnly: true}} {
		for _, c := range testPlan(t, o).components() {
			for _, argument := range c.Command {
				if strings.Contains(argument, "0.0.0.0") || strings.Contains(argument, "::") || strings.HasSuffix(argument, "=") {
					t.Errorf("%s: %s", c.Name, argument)
				}
			}
		}
	}
}

func TestWrittenFilesAreWellFormed(t *testing.T) {
	p := testPlan(t, Options{FeatureGates: "PodLevelResources=false"})
	if err := p.writeIdentities(); err != nil {
		t.Fatal(err)
	}
	if err := p.writeNodeFiles(); err != nil {
		t.Fatal(err)
	}
	var kubelet struct {
		Address      string          `json:"address"`
		CgroupRoot   string          `json:"cgroupRoot"`
		FeatureGates map[string]bool `json:"featureGates"`
	}
	data, err := os.ReadFile(p.config("kubelet.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &kubelet); err != nil {
		t.Fatal(err)
	}
	if kubelet.Address != nodeAddress || kubelet.FeatureGates["PodLevelResources"] {
		t.Errorf("kubelet.yaml: %+v", kubelet)
	}
	if kubelet.CgroupRoot != "/"+p.cgroup() {
		t.Errorf("the kubelet's cgroup root is %q, and %q is cleared", kubelet.CgroupRoot, p.cgroup())
	}
	network, err := os.ReadFile(p.config("cni/10-gantry.conflist"))
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(network) {
		t.Errorf("not JSON:\n%s", network)
	}
	objects, err := p.render("objects.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for document := range strings.SplitSeq(string(objects), "\n---\n") {
		if err := yaml.UnmarshalStrict([]byte(document), &map[string]any{}); err != nil {
			t.Errorf("%v in:\n%s", err, document)
		}
	}
	for _, file := range []string{p.adminKubeconfig(), p.pki("ca.key"), p.pki("sa.key")} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s may be read by others: %s", file, info.Mode())
		}
	}
}
