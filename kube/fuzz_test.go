package kube

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// longestName is the most that the name of anything in ECS has, in characters.
const longestName = 255

// FuzzName: two things never share the name of an object, and Kubernetes takes
// every name, as a name and as a label's value.
func FuzzName(f *testing.F) {
	f.Add("web", "Web", "", "")
	f.Add("a", "a-b", "b", "")
	f.Add("web_", "web-", "", "")
	f.Add("web-0123456789", "web", "", "x")
	f.Add("9x", "x", "", "9x")
	f.Add("x", "9x", "9x", "")
	f.Fuzz(func(t *testing.T, a, b, moreA, moreB string) {
		if max(len(a), len(b), len(moreA), len(moreB)) > longestName {
			t.Skip("no name in ECS is so long, and a megabyte takes a second")
		}
		elsewhere := v1alpha1.Identity{Account: "123456789012", Region: "eu-west-1"}
		named, routes := map[string][3]string{}, map[string][3]string{}
		for _, id := range []v1alpha1.Identity{home, elsewhere} {
			for _, parts := range [][]string{{a}, {b}, {a, moreA}, {b, moreB}} {
				name, key := Name(id, parts...), [3]string{id.Account, parts[0], ""}
				if len(parts) > 1 {
					key[2] = "/" + parts[1]
				}
				if other, taken := named[name]; taken && other != key {
					t.Errorf("%q and %q are both %q", key, other, name)
				}
				named[name] = key
				if len(validation.IsDNS1123Label(name)) > 0 {
					t.Errorf("%q has the name %q", parts, name)
				}
				route := RouteName(id, parts...)
				if len(validation.IsDNS1035Label(route)) > 0 {
					t.Errorf("%q has the route %q", parts, route)
				}
				if other, taken := routes[route]; taken && other != key {
					t.Errorf("%q and %q both have the route %q", key, other, route)
				}
				routes[route] = key
			}
		}
	})
}
