package handlers

import (
	"strings"
	"testing"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
)

// FuzzIdentifier: whatever a request names something by, it is refused or read
// as a name without separators, and a name read is named again by its ARN.
func FuzzIdentifier(f *testing.F) {
	cluster := &v1alpha1.Cluster{Spec: v1alpha1.ClusterSpec{
		Identity: v1alpha1.Identity{Account: "123456789012", Region: "eu-west-1"}, Name: "prod",
	}}
	const home = "arn:aws:ecs:eu-west-1:123456789012:"
	for _, given := range []string{
		"", "web", "prod/web", home + "service/prod/web", home + "service/web", home + "service/dev/web", home + "service/", home + "task/prod/web",
		"0ce6652e-1058-4696-ae9c-f7e68ff2b4fd", "0ce6652e10584696ae9cf7e68ff2b4fd", "arn:aws:s3:::bucket",
	} {
		f.Add(given, "1:services:web")
	}
	f.Fuzz(func(t *testing.T, given, token string) {
		_, _ = readToken("services", token)
		if last, err := readToken("services", writeToken("services", token)); err != nil || last != token {
			t.Errorf("the token of %q is read as %q: %v", token, last, err)
		}
		if _, err := clusterName(cluster.Spec.Identity, given); err == nil && strings.ContainsAny(given, " \n") {
			t.Errorf("%q names a cluster", given)
		}
		name, err := nameIn(cluster, "service", given)
		if err != nil {
			return
		}
		if strings.Contains(name, "/") {
			t.Errorf("%q is read as %q", given, name)
		}
		if again, err := nameIn(cluster, "service", arn.Service(cluster.Spec.Identity, cluster.Spec.Name, name)); err != nil || again != name {
			t.Errorf("%q is read as %q, by its ARN as %q: %v", given, name, again, err)
		}
		if validID(name) && strings.Trim(name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") != "" {
			t.Errorf("%q is an id", name)
		}
	})
}
