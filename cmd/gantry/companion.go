package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/localcluster"
)

const serveComponentName = "gantry"

// companions are the programs that run beside the local cluster: this one, as
// a server.
func companions() []localcluster.Component {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return []localcluster.Component{{
		Name: serveComponentName, Title: "Gantry", Endpoint: apiURL(), Listen: defaultListen,
		Purpose: "answers the ECS API and turns it into Kubernetes objects",
		ECS:     "the ECS API",
		Command: []string{self, "serve"},
		Args: func(kubeconfig string) []string {
			return []string{"--kubeconfig=" + kubeconfig, "--listen=" + defaultListen}
		},
		Prepare: prepareServe,
		Ready:   gantryReady,
		Try:     "another program may listen on " + defaultListen + ": `ss -ltnp 'sport = :4566'` names it",
	}}
}

func apiURL() string { return "http://" + defaultListen }

// prepareServe makes sure that it is our own server that will answer, and that
// the cluster knows its kinds.
func prepareServe(ctx context.Context, kubeconfig string) error {
	probe, err := (&net.ListenConfig{}).Listen(ctx, "tcp", defaultListen)
	if err != nil {
		return fmt.Errorf("the address of the ECS API is in use: %w", err)
	}
	if err := probe.Close(); err != nil {
		return fmt.Errorf("release %s: %w", defaultListen, err)
	}
	return applyCRDs(ctx, kubeconfig)
}

// applyCRDs writes the definitions of Gantry's kinds into the local cluster.
func applyCRDs(ctx context.Context, kubeconfig string) error {
	crds, err := v1alpha1.CRDs()
	if err != nil {
		return err
	}
	var stream bytes.Buffer
	for _, crd := range crds {
		data, err := yaml.Marshal(crd)
		if err != nil {
			return fmt.Errorf("encode definition %s: %w", crd.Name, err)
		}
		stream.WriteString("---\n")
		stream.Write(data)
	}
	return localcluster.Apply(ctx, kubeconfig, stream.Bytes())
}

func gantryReady(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, apiURL()+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", request.URL, response.Status)
	}
	return nil
}

// programName is how the user called this program, for lines to copy.
func programName() string {
	if filepath.Base(os.Args[0]) == os.Args[0] {
		return os.Args[0]
	}
	if self, err := filepath.Abs(os.Args[0]); err == nil {
		if wd, err := os.Getwd(); err == nil {
			if relative, err := filepath.Rel(wd, self); err == nil && len(relative) < len(self) {
				return relative
			}
		}
		return self
	}
	return os.Args[0]
}
