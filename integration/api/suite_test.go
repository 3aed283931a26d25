package api

import (
	"context"
	"testing"
	"time"

	"github.com/gantry-ecs/gantry/compat"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/localcluster"
	"github.com/gantry-ecs/gantry/server"
)

// TestSuite runs the conformance suite on a cluster as it comes.
func TestSuite(t *testing.T) {
	t.Parallel()
	runSuite(t, startGantry(t, startCluster(t, localcluster.Options{})), compat.Containers)
}

// TestSuiteOnOlderKubernetes runs it on an API server that does not know a
// container's own restart policy, and drops it in silence. The scheduler of the
// newer release waits there for a kind that the older one has not, so that no
// task gets a node.
func TestSuiteOnOlderKubernetes(t *testing.T) {
	t.Parallel()
	runSuite(t, startGantry(t, startCluster(t, localcluster.Options{
		APIServerArgs: []string{"--emulated-version=1.34"},
	})), compat.Containers, compat.Tasks)
}

// TestSuiteWithFewRights runs it in one namespace, with the rights that `gantry
// rbac` prints for that and no others.
func TestSuiteWithFewRights(t *testing.T) {
	t.Parallel()
	admin := startCluster(t, localcluster.Options{})
	mode := kube.NamespaceMode{Mode: kube.SingleNamespace, Namespaces: []string{"tenants"}}
	few := restricted(t, admin, mode)
	runSuite(t, startGantry(t, few, func(cfg *server.Config) { cfg.Namespaces = mode }), compat.Containers, compat.Instances)
}

func runSuite(t *testing.T, g *gantry, without ...compat.Feature) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	outcomes, err := compat.Run(ctx, compat.Cases(), compat.Options{
		Endpoint: g.endpoint, Region: "us-east-1", AccessKey: "test", SecretKey: "test",
		ImagePrefix: "gantry.local/", Without: without, Parallel: 4,
	})
	if err != nil {
		t.Fatalf("run the suite: %v", err)
	}
	passed := 0
	for _, outcome := range outcomes {
		for _, failure := range outcome.Failures {
			t.Errorf("%s: %s", outcome.Name, failure)
		}
		if outcome.Passed() {
			passed++
		}
	}
	if passed == 0 {
		t.Error("no case has passed")
	}
	t.Logf("%d cases passed", passed)
}
