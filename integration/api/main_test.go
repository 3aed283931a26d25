package api

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/localcluster"
)

// kubernetes is the API server that all tests share.
var kubernetes *rest.Config

func TestMain(m *testing.M) {
	if kubeconfig := os.Getenv(serveVariable); kubeconfig != "" {
		serve(kubeconfig, os.Args[1])
		return
	}
	flag.Parse()
	if testing.Short() {
		fmt.Println("api: left out by -short")
		return
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "gantry-api-") // short: sockets are in it
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cluster, err := localcluster.Start(ctx, localcluster.Options{StateDir: dir, ControlPlaneOnly: true})
	if err != nil {
		return 1, fmt.Errorf("start a control plane: %w", err)
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	if err := applyKinds(ctx, cluster.Kubeconfig()); err != nil {
		return 1, err
	}
	if kubernetes, err = clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig()); err != nil {
		return 1, fmt.Errorf("read kubeconfig: %w", err)
	}
	return m.Run(), nil
}

func applyKinds(ctx context.Context, kubeconfig string) error {
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
	if err := localcluster.Apply(ctx, kubeconfig, stream); err != nil {
		return fmt.Errorf("apply definitions: %w", err)
	}
	return nil
}
