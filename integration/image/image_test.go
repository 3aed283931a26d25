//go:build linux

package image

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
	"sigs.k8s.io/yaml"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/localcluster"
)

const user = "65532:65532"

// TestImage runs the image as a cluster would and uses it.
func TestImage(t *testing.T) {
	if os.Geteuid() != 0 {
		cannot(t, "a Docker daemon needs root")
	}
	ensureDocker(t)
	// The library reads its settings once, from the environment. Its reaper is an
	// image of a registry; what it would remove is removed here.
	t.Setenv("DOCKER_HOST", startDaemon(t))
	t.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
	kubeconfig := startControlPlane(t)
	address := freeAddress(t)
	running := start(t, kubeconfig, address)

	t.Run("healthy", func(t *testing.T) { checkHealth(t, running) })
	t.Run("user", func(t *testing.T) { checkUser(t, running) })
	t.Run("no shell", func(t *testing.T) { checkNoShell(t, running) })
	t.Run("calls", func(t *testing.T) { checkCalls(t, "http://"+address) })
}

// startControlPlane runs an API server with Gantry's kinds.
func startControlPlane(t *testing.T) (kubeconfig string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "gantry-image-") // short: sockets are in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeAll(t, dir) })
	cluster, err := localcluster.Start(t.Context(), localcluster.Options{StateDir: dir, ControlPlaneOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	crds, err := v1alpha1.CRDs()
	if err != nil {
		t.Fatal(err)
	}
	var stream []byte
	for _, crd := range crds {
		document, err := yaml.Marshal(crd)
		if err != nil {
			t.Fatal(err)
		}
		stream = append(append(stream, "---\n"...), document...)
	}
	if err := localcluster.Apply(t.Context(), cluster.Kubeconfig(), stream); err != nil {
		t.Fatal(err)
	}
	return cluster.Kubeconfig()
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := localcluster.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// start builds the image and runs it in the machine's own network, where the
// API server is.
func start(t *testing.T, kubeconfig, address string) testcontainers.Container {
	t.Helper()
	// The daemon has no bridge; the library would make one.
	docker, err := testcontainers.NewDockerProvider(testcontainers.WithDefaultBridgeNetwork("host"))
	if err != nil {
		t.Fatal(err)
	}
	running, err := docker.CreateContainer(t.Context(), testcontainers.ContainerRequest{
		FromDockerfile:     testcontainers.FromDockerfile{ContextArchive: buildContext(t), Repo: "gantry", Tag: "test"},
		HostConfigModifier: func(host *container.HostConfig) { host.NetworkMode = "host" },
		Files:              []testcontainers.ContainerFile{{HostFilePath: kubeconfig, ContainerFilePath: "/kubeconfig", FileMode: 0o444}},
		Env:                map[string]string{"KUBECONFIG": "/kubeconfig", "GANTRY_LISTEN": address},
		WaitingFor:         wait.ForLog(`"msg":"synced"`).WithStartupTimeout(time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			printLogs(t, running)
		}
		if err := testcontainers.TerminateContainer(running); err != nil {
			t.Error(err)
		}
	})
	if err := running.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return running
}

func printLogs(t *testing.T, running testcontainers.Container) {
	t.Helper()
	logs, err := running.Logs(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Log(err)
		return
	}
	defer logs.Close()
	text, _ := io.ReadAll(logs)
	t.Logf("the container's log:\n%s", text)
}

// checkHealth waits until the image's own HEALTHCHECK says healthy.
func checkHealth(t *testing.T, running testcontainers.Container) {
	strategy := wait.ForHealthCheck().WithStartupTimeout(time.Minute)
	if err := strategy.WaitUntilReady(t.Context(), running); err != nil {
		t.Fatalf("HEALTHCHECK did not turn healthy: %v", err)
	}
}

// checkUser looks at what the image asks for and at whom the process runs as.
func checkUser(t *testing.T, running testcontainers.Container) {
	inspected, err := running.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if inspected.Config.User != user {
		t.Errorf("the image's user is %q, want %s", inspected.Config.User, user)
	}
	status, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(inspected.State.Pid), "status"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(status), "\n")
	for _, want := range []string{"Uid:\t65532\t65532\t65532\t65532", "Gid:\t65532\t65532\t65532\t65532"} {
		if !slices.Contains(lines, want) {
			t.Errorf("the process's status has no line %q:\n%s", want, status)
		}
	}
}

// checkNoShell lists the files of the image and tries to run a shell.
func checkNoShell(t *testing.T, running testcontainers.Container) {
	docker, err := testcontainers.NewDockerClientWithOpts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer docker.Close()
	export, err := docker.ContainerExport(t.Context(), running.GetContainerID(), client.ContainerExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer export.Close()
	programs, err := executables(export)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/gantry"}, programs); diff != "" {
		t.Errorf("programs in the image (-want +got):\n%s", diff)
	}
	code, _, err := running.Exec(t.Context(), []string{"/bin/sh", "-c", "exit 0"})
	if err == nil && code == 0 {
		t.Error("a shell ran in the image")
	}
}

// executables are the regular files of an archive that may be run.
func executables(archive io.Reader) ([]string, error) {
	var found []string
	for r := tar.NewReader(archive); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		// Docker itself puts an empty /.dockerenv there.
		if header.Typeflag == tar.TypeReg && header.Mode&0o111 != 0 && header.Size > 0 {
			found = append(found, path.Join("/", header.Name))
		}
	}
}

// checkCalls makes calls of the SDK that need the API server.
func checkCalls(t *testing.T, endpoint string) {
	api := ecs.New(ecs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), HTTPClient: &http.Client{Transport: &http.Transport{Proxy: nil}},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	ctx := t.Context()
	if _, err := api.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("image")}); err != nil {
		t.Fatal(err)
	}
	described, err := api.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{"image"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(described.Clusters) != 1 || aws.ToString(described.Clusters[0].Status) != "ACTIVE" {
		t.Errorf("clusters: %+v, failures: %+v", described.Clusters, described.Failures)
	}
	registered, err := api.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("image"), Cpu: aws.String("256"), Memory: aws.String("512"), NetworkMode: types.NetworkModeAwsvpc,
		ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("web"), Image: aws.String("web:1")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	run, err := api.RunTask(ctx, &ecs.RunTaskInput{ // on Fargate: the cluster has no instances
		Cluster: aws.String("image"), TaskDefinition: registered.TaskDefinition.TaskDefinitionArn, LaunchType: types.LaunchTypeFargate,
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Tasks) != 1 || len(run.Failures) != 0 {
		t.Errorf("tasks: %+v, failures: %+v", run.Tasks, run.Failures)
	}
}
