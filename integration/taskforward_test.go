package integration

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// taskStates are in the order of the life cycle (Developer Guide, task life cycle).
var taskStates = []string{
	"PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED",
}

// forward compares two looks at a task: what is known stays, and nothing goes back.
func forward(before, now types.Task) error {
	at := func(task types.Task) int { return slices.Index(taskStates, aws.ToString(task.LastStatus)) }
	switch {
	case at(now) < 0:
		return fmt.Errorf("lastStatus is %s, which is none", aws.ToString(now.LastStatus))
	case at(now) < at(before):
		return fmt.Errorf("lastStatus went from %s to %s", aws.ToString(before.LastStatus), aws.ToString(now.LastStatus))
	case aws.ToString(before.DesiredStatus) == "STOPPED" && aws.ToString(now.DesiredStatus) != "STOPPED":
		return fmt.Errorf("desiredStatus went from STOPPED to %s", aws.ToString(now.DesiredStatus))
	case now.Version < before.Version:
		return fmt.Errorf("version went from %d to %d", before.Version, now.Version)
	case before.StopCode != "" && (before.StopCode != now.StopCode || aws.ToString(before.StoppedReason) != aws.ToString(now.StoppedReason)):
		return fmt.Errorf("it stopped by %s %q, then by %s %q", before.StopCode, aws.ToString(before.StoppedReason), now.StopCode, aws.ToString(now.StoppedReason))
	}
	times := func(task types.Task) map[string]*time.Time {
		return map[string]*time.Time{
			"createdAt": task.CreatedAt, "connectivityAt": task.ConnectivityAt, "pullStartedAt": task.PullStartedAt,
			"pullStoppedAt": task.PullStoppedAt, "startedAt": task.StartedAt, "stoppingAt": task.StoppingAt,
			"executionStoppedAt": task.ExecutionStoppedAt, "stoppedAt": task.StoppedAt,
		}
	}
	current := times(now)
	for name, was := range times(before) {
		if is := current[name]; was != nil && (is == nil || !is.Equal(*was)) {
			return fmt.Errorf("%s went from %s to %v", name, was, is)
		}
	}
	for i, c := range now.Containers {
		if was := before.Containers[i]; was.ExitCode != nil && (c.ExitCode == nil || *c.ExitCode != *was.ExitCode) {
			return fmt.Errorf("the exit code of %s went from %d to %v", aws.ToString(c.Name), *was.ExitCode, c.ExitCode)
		}
	}
	return nil
}

// TestTaskGoesForward: whenever a task is looked at from its beginning to after
// its end, it is as far as before or farther, and what was known stays so.
func TestTaskGoesForward(t *testing.T) {
	t.Parallel()
	onFargate := func(in *ecs.RunTaskInput) {
		in.LaunchType, in.NetworkConfiguration = types.LaunchTypeFargate, fargateNetwork()
	}
	sleeps := []types.ContainerDefinition{container("main", "sleeps"), container("side", "sleeps", notEssential)}
	for name, tc := range map[string]struct {
		containers []types.ContainerDefinition
		fargate    bool
		stop       bool
		states     []string // that must have been seen
	}{
		"Stopped":          {sleeps, false, true, []string{"RUNNING", "STOPPED"}},
		"StoppedOnFargate": {sleeps, true, true, []string{"RUNNING", "STOPPED"}},
		"Exits":            {[]types.ContainerDefinition{container("main", "exits", command("3"), environment("AFTER", "2s"))}, false, false, []string{"RUNNING", "STOPPED"}},
		"NoSuchImage":      {[]types.ContainerDefinition{container("main", "sleeps", withImage(missingImage))}, true, false, []string{"PENDING", "STOPPED"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			definition := s.defineEnding(tc.containers, tc.fargate)
			change := []func(*ecs.RunTaskInput){}
			if tc.fargate {
				change = append(change, onFargate)
			}
			id := s.run(definition, change...)
			last, seen := s.task(id), map[string]bool{}
			look := func() {
				now := s.task(id)
				if err := forward(last, now); err != nil {
					t.Error(err)
				}
				last = now
				seen[aws.ToString(now.LastStatus)] = true
			}
			until := func(status string) {
				eventually(t, startLimit, "the task is "+status, func() (bool, string) {
					look()
					return aws.ToString(last.LastStatus) == status, aws.ToString(last.LastStatus)
				})
			}
			if tc.stop {
				until("RUNNING")
				_, err := s.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &s.cluster, Task: &id})
				s.ok(err, "StopTask")
			}
			until("STOPPED")
			ended := time.Now()
			eventually(t, startLimit, "a second after the end", func() (bool, string) {
				look()
				return time.Since(ended) > time.Second, ""
			})
			for _, state := range tc.states {
				if !seen[state] {
					t.Errorf("it was never %s, only %v", state, seen)
				}
			}
		})
	}
}
