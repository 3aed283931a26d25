package kube

import (
	"encoding/json"
	"testing"
)

func TestPatchIsGuardedByTheVersionLookedAt(t *testing.T) {
	given := Fields{"metadata": Fields{"labels": Fields{"a": nil}}, "spec": Fields{"replicas": 2}}
	for _, test := range []struct {
		name, version string
		fields        Fields
		want          string
	}{
		{"with metadata", "7", given, `{"metadata":{"labels":{"a":null},"resourceVersion":"7"},"spec":{"replicas":2}}`},
		{"without metadata", "7", Fields{"spec": 1}, `{"metadata":{"resourceVersion":"7"},"spec":1}`},
		{"of a name alone", "", given, `{"metadata":{"labels":{"a":null}},"spec":{"replicas":2}}`},
	} {
		data, err := json.Marshal(guarded(test.fields, test.version))
		if err != nil || string(data) != test.want {
			t.Errorf("%s: %s, %v, want %s", test.name, data, err, test.want)
		}
	}
}
