package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apitypes "k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// testUpgrade: a Gantry whose translator makes other pods takes over a service. No
// task of it is replaced, not even where its Deployment has to be made again: what a
// revision's pods are was written when the revision was made. The next deployment has
// the new translator's.
func testUpgrade(t *testing.T, objects client.Client, kubeconfig string) {
	old := startProcess(t, kubeconfig)
	s := newFaultScene(t, old.client(), objects)
	s.guard(true)
	before := s.described().Deployments[0]
	pods := s.serviceLinks()
	old.stop(t)

	binary := changedGantry(t, filepath.Join("translator", "pod.go"), "EnableServiceLinks = new(false)", "EnableServiceLinks = new(true)")
	changed := startProgram(t, func(address string) *exec.Cmd {
		return exec.Command(binary, "serve", "--kubeconfig="+kubeconfig, "--listen="+address, "--healthy-after="+healthyAfter.String())
	})
	s.api = changed.client()
	orphaned := s.deleteAll(&appsv1.DeploymentList{}, []client.DeleteOption{client.PropagationPolicy(metav1.DeletePropagationOrphan)})
	eventually(t, "the Deployment is made again", func(context.Context) error {
		if now := s.all(&appsv1.DeploymentList{}); len(now) != 1 || same(now[0], orphaned) {
			return fmt.Errorf("there are %d", len(now))
		}
		return nil
	})
	s.arrived(before, 0)
	if now := s.serviceLinks(); !maps.Equal(now, pods) {
		t.Errorf("the pods are %v, and were %v before the upgrade", now, pods)
	}

	out, err := s.api.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: aws.String("web"), ForceNewDeployment: true})
	ok(t, err)
	s.arrived(out.Service.Deployments[0], 0)
	if now := slices.Collect(maps.Values(s.serviceLinks())); slices.Contains(now, false) {
		t.Errorf("service links of a new deployment's pods are %v, want those of the changed translator", now)
	}
	s.ends()
	changed.stop(t)
}

func (s *faultScene) described() types.Service {
	s.Helper()
	out, err := s.api.DescribeServices(context.Background(), &ecs.DescribeServicesInput{Cluster: &s.cluster, Services: []string{"web"}})
	ok(s.T, err)
	return out.Services[0]
}

// serviceLinks are the pods that live, and whether each has its namespace's services in
// its environment.
func (s *faultScene) serviceLinks() map[apitypes.UID]bool {
	s.Helper()
	links := map[apitypes.UID]bool{}
	for _, obj := range s.all(&corev1.PodList{}) {
		links[obj.GetUID()] = *obj.(*corev1.Pod).Spec.EnableServiceLinks
	}
	return links
}

// changedGantry builds Gantry with one change in one file, as a later version has it.
func changedGantry(t *testing.T, file, was, is string) string {
	t.Helper()
	dir, root := t.TempDir(), filepath.Join("..", "..")
	path, err := filepath.Abs(filepath.Join(root, file))
	ok(t, err)
	source, err := os.ReadFile(path)
	ok(t, err)
	if !bytes.Contains(source, []byte(was)) {
		t.Fatalf("%s has no %q", file, was)
	}
	edited, overlay := filepath.Join(dir, "edited.go"), filepath.Join(dir, "overlay.json")
	ok(t, os.WriteFile(edited, bytes.ReplaceAll(source, []byte(was), []byte(is)), 0o600))
	replaced, err := json.Marshal(map[string]map[string]string{"Replace": {path: edited}})
	ok(t, err)
	ok(t, os.WriteFile(overlay, replaced, 0o600))
	binary := filepath.Join(dir, "gantry")
	// With the flags of `make build`, whose packages are compiled already.
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay="+overlay, "-gcflags=all=-dwarf=false", "-ldflags=-s -w", "-o", binary, "./cmd/gantry")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build a changed Gantry: %v\n%s", err, said)
	}
	return binary
}
