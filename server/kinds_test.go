package server

import (
	"slices"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// TestLackingFields: an older version of a kind lacks what was added since, at
// any depth, and a newer one lacks nothing.
func TestLackingFields(t *testing.T) {
	crds, err := v1alpha1.CRDs()
	if err != nil {
		t.Fatal(err)
	}
	for _, crd := range crds {
		wanted := crd.Spec.Versions[0].Schema.OpenAPIV3Schema
		if missing := lackingFields("kind", *wanted, *wanted); len(missing) > 0 {
			t.Errorf("%s lacks %v of itself", crd.Name, missing)
		}
		for name := range wanted.Properties["spec"].Properties {
			older := wanted.DeepCopy()
			delete(older.Properties["spec"].Properties, name)
			if missing := lackingFields("kind", *wanted, *older); !slices.Contains(missing, "kind.spec."+name) {
				t.Errorf("%s without %s lacks %v", crd.Name, name, missing)
			}
		}
	}
	if missing := lackingFields("kind", listOf("a", "b"), listOf("a")); !slices.Equal(missing, []string{"kind.list.b"}) {
		t.Errorf("the items of a list lack %v", missing)
	}
}

func listOf(members ...string) apiextensionsv1.JSONSchemaProps {
	item := apiextensionsv1.JSONSchemaProps{Properties: map[string]apiextensionsv1.JSONSchemaProps{}}
	for _, name := range members {
		item.Properties[name] = apiextensionsv1.JSONSchemaProps{Type: "string"}
	}
	return apiextensionsv1.JSONSchemaProps{Properties: map[string]apiextensionsv1.JSONSchemaProps{
		"list": {Items: &apiextensionsv1.JSONSchemaPropsOrArray{Schema: &item}},
	}}
}
