package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// row is an ECS object and the Kubernetes objects that carry it.
type row struct {
	ecs        string
	kubernetes []string
}

// showObjects reads the demo's objects from the cluster and prints one table.
func showObjects(ctx context.Context, w io.Writer, kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("read kubeconfig %s: %w", kubeconfig, err)
	}
	ctrllog.SetLogger(logr.Discard())
	c, err := client.New(config, client.Options{Scheme: kube.Scheme()})
	if err != nil {
		return fmt.Errorf("make client: %w", err)
	}
	found, err := read(ctx, c)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 4, 3, ' ', 0)
	fmt.Fprintln(table, "ECS\tKUBERNETES")
	for _, r := range found.rows() {
		for i, object := range r.kubernetes {
			ecs := r.ecs
			if i > 0 {
				ecs = ""
			}
			fmt.Fprintf(table, "%s\t%s\n", ecs, object)
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	return nil
}

// reference is an object as people name it, with what is worth knowing of it.
func reference(kind string, object metav1.Object, notes ...string) string {
	text := kind + " " + object.GetName()
	if object.GetNamespace() != "" {
		text = kind + " " + object.GetNamespace() + "/" + object.GetName()
	}
	for _, note := range notes {
		text += ", " + note
	}
	return text
}

// ownedBy says whether an object belongs to another.
func ownedBy(object, owner metav1.Object) bool {
	return metav1.IsControlledBy(object, owner)
}

// ofDemo says whether an object is the demo cluster's, of the identity that the
// demo signs for.
func ofDemo(id v1alpha1.Identity, name string) bool {
	return name == cluster && id.Account == kube.DefaultAccount && id.Region == kube.DefaultRegion
}
