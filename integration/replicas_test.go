package integration

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// TestConcurrentRegistrations: eight at once to one family, at one replica and
// at two, get the numbers 1 to 8, each once.
func TestConcurrentRegistrations(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	other := s.at(replica(t, "--healthy-after="+healthyAfter.String()))
	for _, tc := range []struct {
		name  string
		calls []*ecs.Client
	}{
		{"OneReplica", []*ecs.Client{s.ecs}},
		{"TwoReplicas", []*ecs.Client{s.ecs, other.ecs}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for range rounds(5, 200) {
				registerAtOnce(t, tc.calls)
			}
		})
	}
}

func registerAtOnce(t *testing.T, clients []*ecs.Client) {
	t.Helper()
	const calls = 8
	family := unique("it")
	revisions := make([]int32, calls)
	errs := make([]error, calls)
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() {
			out, err := clients[i%len(clients)].RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
				Family: &family, ContainerDefinitions: []types.ContainerDefinition{container("main", "sleeps")},
			})
			if errs[i] = err; err == nil {
				revisions[i] = out.TaskDefinition.Revision
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Errorf("RegisterTaskDefinition: %v", err)
		}
	}
	slices.Sort(revisions)
	if want := []int32{1, 2, 3, 4, 5, 6, 7, 8}; !slices.Equal(revisions, want) {
		t.Errorf("revisions of %s are %v, want %v", family, revisions, want)
	}
}

// TestTwoReplicas: what one did, the other knows at once.
func TestTwoReplicas(t *testing.T) {
	t.Parallel()
	a := newScene(t)
	b := a.at(replica(t, "--healthy-after="+healthyAfter.String()))
	for round := range rounds(20, 500) {
		definition := a.define(container("main", "sleeps"))
		id := b.run(definition)
		out, err := a.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &a.cluster, Task: &id})
		a.ok(err, "StopTask at the other replica")
		if got := aws.ToString(out.Task.DesiredStatus); got != "STOPPED" {
			t.Errorf("round %d: the stopped task is wanted %s", round, got)
		}
		if got := b.task(id); taskID(aws.ToString(got.TaskDefinitionArn)) != definition {
			t.Errorf("round %d: the task's definition is %s, want %s", round, aws.ToString(got.TaskDefinitionArn), definition)
		}
		if got := b.stopped(id); got.StopCode != types.TaskStopCodeUserInitiated || aws.ToString(got.StoppedReason) != "Task stopped by user" {
			t.Errorf("round %d: the task stopped with %s %q", round, got.StopCode, aws.ToString(got.StoppedReason))
		}
	}
	a.liveCount(0)
}

// TestServiceAcrossReplicas: a service made at one replica is updated and deleted
// at the other, whichever leads.
func TestServiceAcrossReplicas(t *testing.T) {
	t.Parallel()
	a := newScene(t)
	b := a.at(replica(t, "--healthy-after="+healthyAfter.String()))
	a.serve("web", b.define(container("main", "sleeps")), 1)
	b.stable("web")
	_, err := b.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &a.cluster, Service: aws.String("web"), DesiredCount: aws.Int32(2)})
	b.ok(err, "UpdateService at the other replica")
	// ECS is eventually consistent, and so are two replicas: by the time of a watch.
	const consistentWithin = 15 * time.Second
	eventually(t, consistentWithin, "the first replica sees desiredCount 2", func() (bool, string) {
		got := a.service("web").DesiredCount
		return got == 2, show(got)
	})
	a.stable("web")
	b.remove("web")
	eventually(t, consistentWithin, "the first replica sees the service INACTIVE", func() (bool, string) {
		got := aws.ToString(a.service("web").Status)
		return got == "INACTIVE", got
	})
	a.liveCount(0)
}
