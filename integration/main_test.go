package integration

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/go-logr/zapr"
	"go.uber.org/zap"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/yaml"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/localcluster"
	"github.com/gantry-ecs/gantry/testimages"
)

// parallelTests may run at once: they wait for the most part.
const parallelTests = "4"

// healthyAfter is how long a task without a health check runs before it is
// healthy, at the replicas of the tests: ECS's 40 seconds would take too long.
const healthyAfter = 2 * time.Second

// suite is what all tests share.
var suite struct {
	kubeconfig string
	kube       kubernetes.Interface
	objects    client.Client // of Gantry's kinds
	binary     string        // gantry
	logs       string        // folder
	// gantry is the replica that tests use unless they start one.
	gantry *gantry
}

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("integration: left out by -short")
		return
	}
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		fmt.Fprintln(os.Stderr, "integration: left out: containers need Linux and root")
		if os.Getenv("CI") != "" {
			os.Exit(1) // nobody would see that nothing was tested
		}
		return
	}
	if !given("test.parallel") {
		if err := flag.Set("test.parallel", parallelTests); err != nil {
			panic(err)
		}
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "integration:", err)
		code = 1
	}
	os.Exit(code)
}

func given(name string) bool {
	found := false
	flag.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}

func run(m *testing.M) (code int, err error) {
	ctx := context.Background()
	ctrllog.SetLogger(zapr.NewLogger(zap.NewNop())) // the client of Gantry's kinds has nothing to tell
	dir, err := os.MkdirTemp("", "gantry-it-")      // short: sockets are in it
	if err != nil {
		return 1, err
	}
	// The logs of a failed run are kept, and nothing else.
	suite.logs = filepath.Join(dir, "logs")
	defer func() {
		_ = os.RemoveAll(filepath.Join(dir, "state"))
		_ = os.RemoveAll(filepath.Join(dir, "build"))
		if code == 0 && err == nil {
			err = os.RemoveAll(dir)
		} else {
			fmt.Fprintln(os.Stderr, "integration: logs are in", suite.logs)
		}
	}()
	build := filepath.Join(dir, "build")
	for _, folder := range []string{suite.logs, build} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return 1, err
		}
	}
	if err := buildGantry(ctx, build); err != nil {
		return 1, err
	}
	images, err := testimages.Build(ctx, build)
	if err != nil {
		return 1, err
	}
	stop, err := openCluster(ctx, filepath.Join(dir, "state"), images)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if suite.gantry, err = startGantry(ctx, freeAddress(ctx), "--healthy-after="+healthyAfter.String()); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, suite.gantry.stop()) }()
	code = m.Run()
	return code, awaitNamespacesGone(ctx)
}

// buildGantry builds the program under test from this tree.
func buildGantry(ctx context.Context, dir string) error {
	suite.binary = filepath.Join(dir, "gantry")
	command := exec.CommandContext(ctx, "go", "build", "-o", suite.binary, "github.com/gantry-ecs/gantry/cmd/gantry")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build gantry: %w: %s", err, output)
	}
	return nil
}

// openCluster starts a cluster, or finds the one to reuse, and puts Gantry's
// kinds and the images into it.
func openCluster(ctx context.Context, stateDir, images string) (stop func() error, err error) {
	stop = func() error { return nil }
	if os.Getenv("GANTRY_TEST_REUSE") != "" {
		if stateDir, err = localcluster.StateDir(""); err != nil {
			return stop, err
		}
		suite.kubeconfig = filepath.Join(stateDir, "kubeconfig")
	} else {
		cluster, err := localcluster.Start(ctx, localcluster.Options{StateDir: stateDir})
		if err != nil {
			return stop, fmt.Errorf("start a cluster: %w", err)
		}
		suite.kubeconfig = cluster.Kubeconfig()
		stop = cluster.Stop
	}
	if err := fillCluster(ctx, stateDir, images); err != nil {
		return stop, errors.Join(err, stop())
	}
	return stop, nil
}

func fillCluster(ctx context.Context, stateDir, images string) error {
	rest, err := clientcmd.BuildConfigFromFlags("", suite.kubeconfig)
	if err != nil {
		return fmt.Errorf("read kubeconfig: %w", err)
	}
	rest.QPS = -1
	if suite.kube, err = kubernetes.NewForConfig(rest); err != nil {
		return fmt.Errorf("make client: %w", err)
	}
	if suite.objects, err = client.New(rest, client.Options{Scheme: kube.Scheme()}); err != nil {
		return fmt.Errorf("make client of Gantry's kinds: %w", err)
	}
	crds, err := v1alpha1.CRDs()
	if err != nil {
		return err
	}
	var stream []byte
	for _, crd := range crds {
		document, err := yaml.Marshal(crd)
		if err != nil {
			return fmt.Errorf("encode definition %s: %w", crd.Name, err)
		}
		stream = append(append(stream, "---\n"...), document...)
	}
	if err := localcluster.Apply(ctx, suite.kubeconfig, stream); err != nil {
		return fmt.Errorf("apply definitions: %w", err)
	}
	if _, err := localcluster.LoadImages(ctx, stateDir, images); err != nil {
		return fmt.Errorf("load images: %w", err)
	}
	return refuseOtherGantry(ctx)
}
