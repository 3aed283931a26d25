package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/gantry-ecs/gantry/localcluster"
)

func TestStatusTellsRestarts(t *testing.T) {
	now := time.Now()
	var out bytes.Buffer
	err := showStatus(&out, localcluster.Status{
		State: localcluster.Running, Node: "gantry",
		Components: []localcluster.ComponentStatus{
			{Title: "steady", Healthy: true, Started: now.Add(-3 * time.Hour)},
			{Title: "shaky", Healthy: true, Started: now.Add(-time.Minute), Restarts: 2, LastExit: "signal: killed", LastExitAt: now.Add(-61 * time.Second)},
		},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"3h", "2 (61s ago: signal: killed)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
}

func TestRestartIsALineOfTheLog(t *testing.T) {
	var out bytes.Buffer
	(&plainReporter{out: &out}).step(localcluster.Step{
		Name: "kubelet", State: localcluster.StepRestarted, Detail: "signal: killed", Elapsed: 2 * time.Minute, Restarts: 3, Log: "/state/logs/kubelet.log",
	})
	const want = " kubelet ended after 2m (signal: killed) and was started again, restart 3; log: /state/logs/kubelet.log\n"
	if !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %q, want the time and %q", out.String(), want)
	}
}
