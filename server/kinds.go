package server

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// kindsDelay is how long kinds that were applied a moment ago take to be served.
const kindsDelay = 5 * time.Second

func awaitKinds(ctx context.Context, client discovery.DiscoveryInterface) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, kindsDelay, true, func(context.Context) (bool, error) {
		last = checkKinds(client)
		return last == nil, nil
	})
	if err != nil && last == nil {
		return err
	}
	return last
}

func checkKinds(client discovery.DiscoveryInterface) error {
	crds, err := v1alpha1.CRDs()
	if err != nil {
		return err
	}
	list, err := client.ServerResourcesForGroupVersion(v1alpha1.GroupVersion.String())
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("ask the API server for its kinds: %w", err)
	}
	var missing []string
	for _, crd := range crds {
		plural := crd.Spec.Names.Plural
		if list == nil || !slices.ContainsFunc(list.APIResources, func(r metav1.APIResource) bool { return r.Name == plural }) {
			missing = append(missing, plural)
		}
	}
	if len(missing) == 0 {
		if missing, err = missingFields(client, crds); err != nil {
			return err
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("of Gantry's kinds the cluster lacks %s: run `gantry crds | kubectl apply --server-side -f -`", strings.Join(missing, ", "))
	}
	return nil
}

// servedSchemas is the part of an OpenAPI document that says which fields the
// kinds have.
type servedSchemas struct {
	Components struct {
		Schemas map[string]apiextensionsv1.JSONSchemaProps `json:"schemas"`
	} `json:"components"`
}

// missingFields are the fields that an older version of the kinds does not have:
// the API server drops them from what is written, and says nothing.
func missingFields(client discovery.DiscoveryInterface, crds []*apiextensionsv1.CustomResourceDefinition) ([]string, error) {
	paths, err := client.OpenAPIV3().Paths()
	if err != nil {
		return nil, fmt.Errorf("ask the API server for its schemas: %w", err)
	}
	document, ok := paths["apis/"+v1alpha1.GroupVersion.String()]
	if !ok {
		return []string{"their schemas"}, nil
	}
	data, err := document.Schema(runtime.ContentTypeJSON)
	if err != nil {
		return nil, fmt.Errorf("ask the API server for the schemas of %s: %w", v1alpha1.GroupVersion, err)
	}
	served := servedSchemas{}
	if err := json.Unmarshal(data, &served); err != nil {
		return nil, fmt.Errorf("decode the schemas of %s: %w", v1alpha1.GroupVersion, err)
	}
	var missing []string
	for _, crd := range crds {
		for name, schema := range served.Components.Schemas {
			if strings.HasSuffix(name, "."+v1alpha1.GroupVersion.Version+"."+crd.Spec.Names.Kind) {
				missing = append(missing, lackingFields(crd.Spec.Names.Plural, *crd.Spec.Versions[0].Schema.OpenAPIV3Schema, schema)...)
			}
		}
	}
	return missing, nil
}

// lackingFields are the paths of the fields that are wanted and not there.
func lackingFields(path string, wanted, there apiextensionsv1.JSONSchemaProps) []string {
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(wanted.Properties)) {
		if field, ok := there.Properties[name]; ok {
			missing = append(missing, lackingFields(path+"."+name, wanted.Properties[name], field)...)
		} else {
			missing = append(missing, path+"."+name)
		}
	}
	if wanted.Items != nil && wanted.Items.Schema != nil && there.Items != nil && there.Items.Schema != nil {
		missing = append(missing, lackingFields(path, *wanted.Items.Schema, *there.Items.Schema)...)
	}
	if more, has := wanted.AdditionalProperties, there.AdditionalProperties; more != nil && more.Schema != nil && has != nil && has.Schema != nil {
		missing = append(missing, lackingFields(path, *more.Schema, *has.Schema)...)
	}
	return missing
}
