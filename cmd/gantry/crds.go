package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/server"
)

func newCRDsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "crds",
		Short: "Print Gantry's custom resource definitions, for kubectl apply --server-side",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			crds, err := v1alpha1.CRDs()
			if err != nil {
				return err
			}
			objects := make([]runtime.Object, len(crds))
			for i, crd := range crds {
				objects[i] = crd
			}
			return printYAML(cmd.OutOrStdout(), objects)
		},
	}
}

func newRBACCommand() *cobra.Command {
	var namespaces namespaceFlags
	cmd := &cobra.Command{
		Use:   "rbac",
		Short: "Print the objects that give Gantry its rights",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			mode := namespaces.namespaceMode()
			if err := mode.Validate(); err != nil {
				return err
			}
			return printYAML(cmd.OutOrStdout(), server.RBAC(namespaces.own, mode))
		},
	}
	namespaces.add(cmd)
	return cmd
}

func printYAML(w io.Writer, objects []runtime.Object) error {
	for _, object := range objects {
		data, err := yaml.Marshal(object)
		if err != nil {
			return fmt.Errorf("encode %T: %w", object, err)
		}
		if _, err := fmt.Fprintf(w, "---\n%s", data); err != nil {
			return err
		}
	}
	return nil
}
