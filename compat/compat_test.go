package compat_test

import (
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/gantry-ecs/gantry/awsapi"
	"github.com/gantry-ecs/gantry/compat"
)

// TestCases: a case can be picked, understood and counted.
func TestCases(t *testing.T) {
	client := reflect.TypeFor[*ecs.Client]()
	scaling := reflect.TypeFor[*applicationautoscaling.Client]()
	seen := map[string]bool{}
	for _, c := range compat.Cases() {
		if seen[c.Name] {
			t.Errorf("%s is there twice", c.Name)
		}
		seen[c.Name] = true
		if c.Description == "" || c.Source == "" || len(c.Operations) == 0 || c.Run == nil {
			t.Errorf("%s lacks a description, a source, operations or steps", c.Name)
		}
		for _, op := range c.Operations {
			name, isScaling := strings.CutPrefix(op, compat.Scaling(""))
			of := client
			if isScaling {
				of = scaling
			}
			if _, ok := of.MethodByName(name); !ok {
				t.Errorf("%s checks %s, which the API does not have", c.Name, op)
			}
		}
		for _, need := range c.Needs {
			if !slices.Contains(compat.Features(), need) {
				t.Errorf("%s needs %s, which is no feature", c.Name, need)
			}
		}
	}
}

// emptyServer serves no operation at all.
func emptyServer(t *testing.T) string {
	t.Helper()
	handler := awsapi.NewRouter(awsapi.Config{
		Logger: zap.NewNop(), DefaultAccount: "000000000000", DefaultRegion: "us-east-1", AllowedHosts: []string{"127.0.0.1"},
		Registry: prometheus.NewRegistry(), Ready: func() error { return nil },
	}, awsapi.NewECS(), awsapi.NewAutoScaling())
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// TestRun: against a server that serves nothing, the cases about what is not
// served pass, all others fail with a reason, and those that need a feature are
// skipped where it is lacking.
func TestRun(t *testing.T) {
	heard := 0
	outcomes, err := compat.Run(t.Context(), compat.Cases(), compat.Options{
		Endpoint: emptyServer(t), Region: "us-east-1", AccessKey: "test", SecretKey: "test", ImagePrefix: "example",
		Select:  regexp.MustCompile(`^(unserved|cluster|task|scaling)/`),
		Without: []compat.Feature{compat.Containers}, Parallel: 4,
		Done: func(compat.Outcome) { heard++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	if heard != len(outcomes) {
		t.Errorf("heard of %d cases of %d", heard, len(outcomes))
	}
	for _, o := range outcomes {
		unserved := strings.HasPrefix(o.Name, "unserved/")
		switch {
		case o.Skipped != "":
			if !strings.Contains(o.Skipped, "containers") {
				t.Errorf("%s was skipped: %s", o.Name, o.Skipped)
			}
		case unserved && len(o.Failures) > 0:
			t.Errorf("%s: %v", o.Name, o.Failures)
		case !unserved && len(o.Failures) == 0:
			t.Errorf("%s passed against a server that serves nothing", o.Name)
		case !unserved && !strings.Contains(o.Failures[0], "UnsupportedFeatureException"):
			t.Errorf("%s failed for another reason: %v", o.Name, o.Failures)
		}
	}
}

func TestResults(t *testing.T) {
	outcomes := []compat.Outcome{
		{Name: "a", Operations: []string{"X", "Y"}},
		{Name: "b", Operations: []string{"X"}, Failures: []string{"wrong"}},
		{Name: "c", Operations: []string{"Z"}, Skipped: "needs tasks"},
	}
	results := compat.Summarize(outcomes)
	want := compat.Results{"X": {Passed: 1, Total: 2}, "Y": {Passed: 1, Total: 1}}
	if diff := cmp.Diff(want, results); diff != "" {
		t.Errorf("Summarize (-want +got):\n%s", diff)
	}
	path := filepath.Join(t.TempDir(), "results.json")
	if err := results.Write(path); err != nil {
		t.Fatal(err)
	}
	read, err := compat.ReadResults(path)
	if diff := cmp.Diff(results, read); diff != "" || err != nil {
		t.Errorf("there and back: %v (-want +got):\n%s", err, diff)
	}
}

func TestFallen(t *testing.T) {
	recorded := compat.Results{"X": {Passed: 2, Total: 2}, "Y": {Passed: 1, Total: 3}}
	tests := []struct {
		name string
		now  compat.Results
		want []string
	}{
		{"the same", recorded, nil},
		{"better", compat.Results{"X": {3, 3}, "Y": {2, 3}, "Z": {0, 1}}, nil},
		{"one fell", compat.Results{"X": {1, 2}, "Y": {1, 3}}, []string{"X: 1 of 2 cases pass, 2 did"}},
		{"one is gone", compat.Results{"X": {2, 2}}, []string{"Y: 0 of 0 cases pass, 1 did"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, compat.Fallen(recorded, tt.now), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Fallen (-want +got):\n%s", diff)
			}
		})
	}
}
