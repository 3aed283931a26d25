package integration

import (
	"context"
	"testing"
	"time"

	"github.com/gantry-ecs/gantry/compat"
)

// TestConformance runs the whole suite, with containers, and compares it with
// the results that are checked in: no operation may fall below them.
func TestConformance(t *testing.T) {
	recorded, err := compat.ReadResults("../compat/results.json")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	outcomes, err := compat.Run(ctx, compat.Cases(), compat.Options{
		Endpoint: suite.gantry.endpoint(), Region: region, AccessKey: "test", SecretKey: "test",
		ImagePrefix: "gantry.local", Parallel: 4,
	})
	if err != nil {
		t.Fatalf("run the suite: %v", err)
	}
	passed := 0
	for _, outcome := range outcomes {
		if outcome.Passed() {
			passed++
		}
		for _, failure := range outcome.Failures {
			t.Logf("%s: %s", outcome.Name, failure)
		}
	}
	t.Logf("%d of %d cases passed", passed, len(outcomes))
	for _, fallen := range compat.Fallen(recorded, compat.Summarize(outcomes)) {
		t.Error(fallen)
	}
}
