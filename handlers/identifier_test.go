package handlers

import (
	"strings"
	"testing"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func TestNameIn(t *testing.T) {
	cluster := &v1alpha1.Cluster{Spec: v1alpha1.ClusterSpec{
		Identity: v1alpha1.Identity{Account: "123456789012", Region: "eu-west-1"}, Name: "prod",
	}}
	const home = "arn:aws:ecs:eu-west-1:123456789012:"
	for given, want := range map[string]struct{ name, message string }{
		"web":                                       {name: "web"},
		home + "service/prod/web":                   {name: "web"},
		home + "service/web":                        {name: "web"},
		"prod/web":                                  {message: "Unexpected number of separators"},
		home + "task/prod/web":                      {message: "Unexpected number of separators"},
		home + "service/prod/web/more":              {message: "Unexpected number of separators"},
		"arn:aws:s3:::bucket":                       {message: "Unexpected number of separators"},
		home + "service/dev/web":                    {message: "Invalid identifier: Identifier is for cluster dev. Your cluster is prod"},
		"arn:aws:ecs:eu-west-1:1:service/prod/w":    {message: "Invalid identifier: Identifier is for account 1. Your account is 123456789012"},
		"arn:aws:ecs:x:123456789012:service/prod/w": {message: "Invalid identifier: Identifier is for region x. Your region is eu-west-1"},
	} {
		name, err := nameIn(cluster, "service", given)
		if name != want.name || (err == nil) != (want.message == "") || err != nil && !strings.Contains(err.Error(), want.message) {
			t.Errorf("%s: %q, %v; want %q, %q", given, name, err, want.name, want.message)
		}
	}
}

func TestValidID(t *testing.T) {
	for id, want := range map[string]bool{
		strings.Repeat("a", 32):                true,
		"0ce6652e-1058-4696-ae9c-f7e68ff2b4fd": true,
		strings.Repeat("a", 31):                false,
		strings.Repeat("a", 34):                false,
		strings.Repeat("ä", 16):                false,
		strings.Repeat("a", 32) + "\n":         false,
		"":                                     false,
	} {
		if got := validID(id); got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
}
