package localcluster

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
)

// Apply writes the objects of a YAML stream by server-side apply, each as soon
// as the API server takes it: a namespace or a kind may be seconds away.
func Apply(ctx context.Context, kubeconfig string, stream []byte) error {
	config, err := restConfig(kubeconfig)
	if err != nil {
		return err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("make a client for %s: %w", config.Host, err)
	}
	for decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(stream), 4096); ; {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(object); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read objects: %w", err)
		}
		if len(object.Object) == 0 {
			continue
		}
		if err := applyOne(ctx, client, object); err != nil {
			return err
		}
	}
}

func applyOne(ctx context.Context, client dynamic.Interface, object *unstructured.Unstructured) error {
	resource, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
	target := client.Resource(resource)
	var last error
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		var writer dynamic.ResourceInterface = target
		if object.GetNamespace() != "" {
			writer = target.Namespace(object.GetNamespace())
		}
		_, last = writer.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: "gantry-up", Force: true})
		if apierrors.IsInvalid(last) || apierrors.IsBadRequest(last) {
			return false, last
		}
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("apply %s %s: %w", object.GetKind(), object.GetName(), errors.Join(err, last))
	}
	return nil
}

// applyObjects writes what the components of a node need in the cluster.
func (p plan) applyObjects(ctx context.Context) error {
	if !p.hasWorkloads() {
		return nil
	}
	if err := p.removeOtherNode(ctx); err != nil {
		return err
	}
	if p.mode == ModeSimulated {
		return p.applySimulatedNode(ctx)
	}
	data, err := p.render("objects.yaml")
	if err != nil {
		return err
	}
	return Apply(ctx, p.adminKubeconfig(), data)
}

// authorityBase64 is the cluster's authority as an APIService holds it.
func (p plan) authorityBase64() string {
	data, err := os.ReadFile(p.pki("ca.crt"))
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(data)
}
