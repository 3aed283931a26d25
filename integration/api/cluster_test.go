package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"go.uber.org/zap"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/controllers/task"
	"github.com/gantry-ecs/gantry/integration/wholebodies"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/localcluster"
	"github.com/gantry-ecs/gantry/server"
)

const (
	startLimit = 2 * time.Minute
	// healthyAfter keeps rollouts of tasks without a health check short.
	healthyAfter = 300 * time.Millisecond
)

// startCluster starts a control plane with a simulated node and Gantry's kinds.
func startCluster(t *testing.T, o localcluster.Options) *rest.Config {
	t.Helper()
	config, _ := startStateful(t, o)
	return config
}

// startStateful is startCluster for tests that reach for the cluster's own
// processes and files: it also tells the state directory.
func startStateful(t *testing.T, o localcluster.Options) (config *rest.Config, dir string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "gantry-api") // t.TempDir's names are too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	o.StateDir, o.ControlPlaneOnly, o.Simulated = dir, true, true
	cluster, err := localcluster.Start(ctx, o)
	if err != nil {
		t.Fatalf("start the cluster: %v", err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Errorf("stop the cluster: %v", err)
		}
	})
	crds, err := v1alpha1.CRDs()
	if err != nil {
		t.Fatal(err)
	}
	for _, crd := range crds {
		data, err := yaml.Marshal(crd)
		if err != nil {
			t.Fatal(err)
		}
		if err := localcluster.Apply(ctx, cluster.Kubeconfig(), data); err != nil {
			t.Fatalf("apply %s: %v", crd.Name, err)
		}
	}
	if config, err = adminConfig(cluster.Kubeconfig()); err != nil {
		t.Fatal(err)
	}
	return config, dir
}

func adminConfig(kubeconfig string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err == nil {
		config.QPS = -1
	}
	return config, err
}

// gantry is one replica in this process.
type gantry struct {
	endpoint string
	cancel   context.CancelFunc
	done     chan error
}

// startGantry runs a replica until the test ends, or until stop.
func startGantry(t *testing.T, config *rest.Config, change ...func(*server.Config)) *gantry {
	t.Helper()
	address := freeAddress(t)
	cfg := serverConfig(config, address)
	for _, c := range change {
		c(&cfg)
	}
	ctx, cancel := context.WithCancel(context.Background())
	g := &gantry{endpoint: "http://" + address, cancel: cancel, done: make(chan error, 1)}
	go func() { g.done <- server.Run(ctx, cfg) }()
	t.Cleanup(func() { g.stop(t) })
	g.awaitReady(t)
	return g
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := localcluster.FreeAddress(t.Context())
	ok(t, err)
	return address
}

func serverConfig(config *rest.Config, address string) server.Config {
	return server.Config{
		REST: config, Listen: address, Namespace: "gantry-system", Namespaces: kube.NamespaceMode{Mode: kube.CreateNamespaces},
		HealthyAfter: healthyAfter, InactiveFor: time.Hour, Retention: task.DefaultRetention(), Log: zap.NewNop(),
	}
}

func (g *gantry) stop(t *testing.T) {
	t.Helper()
	if g.cancel == nil {
		return
	}
	g.cancel()
	g.cancel = nil
	if err := <-g.done; err != nil {
		t.Errorf("the server ended with: %v", err)
	}
}

func (g *gantry) awaitReady(t *testing.T) {
	t.Helper()
	awaitReady(t, g.endpoint, func() error {
		select {
		case err := <-g.done:
			g.done <- nil
			return fmt.Errorf("the server ended: %w", errors.Join(err))
		default:
			return nil
		}
	})
}

// awaitReady waits until the server at endpoint is ready, or has ended.
func awaitReady(t *testing.T, endpoint string, ended func() error) {
	t.Helper()
	err := wait.PollUntilContextTimeout(context.Background(), 20*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		if err := ended(); err != nil {
			return false, err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/readyz", http.NoBody)
		if err != nil {
			return false, err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false, nil
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK, nil
	})
	if err != nil {
		t.Fatalf("the server is not ready: %v", err)
	}
}

func (g *gantry) client(account, region string) *ecs.Client {
	return clientAt(g.endpoint, account, region)
}

// clientAt is an SDK client of one account; retries are off, so that what the
// server answers is what the test sees.
func clientAt(endpoint, account, region string) *ecs.Client {
	return ecs.New(ecs.Options{
		BaseEndpoint: aws.String(endpoint), Region: region,
		Credentials: credentials.NewStaticCredentialsProvider(account, "secret", ""),
		Retryer:     aws.NopRetryer{},
		HTTPClient:  wholebodies.Client{HTTP: http.DefaultClient},
	})
}

func (g *gantry) home() *ecs.Client { return g.client("test", "us-east-1") }

func (g *gantry) scaling() *aas.Client {
	return aas.New(aas.Options{
		BaseEndpoint: aws.String(g.endpoint), Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("test", "secret", ""), Retryer: aws.NopRetryer{},
		HTTPClient: wholebodies.Client{HTTP: http.DefaultClient},
	})
}

func kubernetesClient(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	c, err := client.New(config, client.Options{Scheme: kube.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// eventually waits until check is nil; in the end its error is the reason.
func eventually(t *testing.T, what string, check func(ctx context.Context) error) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(context.Background(), 50*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		last = check(ctx)
		return last == nil, nil
	})
	if err != nil {
		t.Fatalf("%s: %v", what, last)
	}
}
