package localcluster_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/gantry-ecs/gantry/localcluster"
)

// A test that needs an API server starts one of its own.
func ExampleStart() {
	dir, err := os.MkdirTemp("", "cluster")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	cluster, err := localcluster.Start(ctx, localcluster.Options{StateDir: dir, ControlPlaneOnly: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cluster.Stop()
	config, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	version, err := kubernetes.NewForConfigOrDie(config).ServerVersion()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("Kubernetes", version.Major+"."+version.Minor)
	// Output: Kubernetes 1.37
}

func TestControlPlanesRunSideBySideAndLeaveNothing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var clusters []*localcluster.Cluster
	for range 2 {
		began := time.Now()
		cluster, err := localcluster.Start(ctx, localcluster.Options{StateDir: shortDir(t), ControlPlaneOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("ready after %s", time.Since(began).Round(time.Millisecond))
		clusters = append(clusters, cluster)
	}
	var hosts []string
	for _, cluster := range clusters {
		config, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := kubernetes.NewForConfigOrDie(config).CoreV1().Namespaces().List(ctx, metav1.ListOptions{}); err != nil {
			t.Errorf("list namespaces of %s: %v", config.Host, err)
		}
		hosts = append(hosts, config.Host)
	}
	for _, cluster := range clusters {
		if err := cluster.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	}
	for _, host := range hosts {
		if connection, err := net.DialTimeout("tcp", host[len("https://"):], time.Second); err == nil {
			connection.Close()
			t.Errorf("%s still answers after Stop", host)
		}
	}
}

// shortDir: sockets need names shorter than the testing package's own folders.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gantry")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove %s: %v", filepath.Base(dir), err)
		}
	})
	return dir
}
