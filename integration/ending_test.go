package integration

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ending is how a task must have ended.
type ending struct {
	code types.TaskStopCode
	// reason is the stopped reason; one that ends in … is a beginning.
	reason string
	// containers by name; each must be STOPPED.
	containers map[string]containerEnding
	// neverRan: no startedAt.
	neverRan bool
}

type containerEnding struct {
	exit   int32  // noExit is none
	reason string // empty is none; one that ends in … is a beginning
}

const (
	noExit = -1
	// anyExit: nobody can say whether the kubelet saw the end.
	anyExit = -2
)

// check compares a STOPPED task with how it must have ended, and its times with
// each other.
func (want ending) check(t *testing.T, task types.Task) {
	t.Helper()
	equal := func(what, got, want string) {
		t.Helper()
		if beginning, partial := strings.CutSuffix(want, "…"); partial && strings.HasPrefix(got, beginning) {
			return
		}
		if got != want {
			t.Errorf("%s of task %s is %q, want %q", what, taskID(*task.TaskArn), got, want)
		}
	}
	equal("lastStatus", aws.ToString(task.LastStatus), "STOPPED")
	equal("desiredStatus", aws.ToString(task.DesiredStatus), "STOPPED")
	equal("stopCode", string(task.StopCode), string(want.code))
	equal("stoppedReason", aws.ToString(task.StoppedReason), want.reason)
	if len(task.Containers) != len(want.containers) {
		t.Errorf("the task has %d containers, want %d", len(task.Containers), len(want.containers))
	}
	for _, c := range task.Containers {
		name := aws.ToString(c.Name)
		wanted, ok := want.containers[name]
		if !ok {
			t.Errorf("the task has a container %s", name)
			continue
		}
		equal("lastStatus of "+name, aws.ToString(c.LastStatus), "STOPPED")
		equal("reason of "+name, aws.ToString(c.Reason), wanted.reason)
		got := "none"
		if c.ExitCode != nil {
			got = fmt.Sprint(*c.ExitCode)
		}
		exit := "none"
		if wanted.exit != noExit {
			exit = fmt.Sprint(wanted.exit)
		}
		if wanted.exit != anyExit {
			equal("exitCode of "+name, got, exit)
		}
	}
	if ran := task.StartedAt != nil; ran == want.neverRan {
		t.Errorf("startedAt is %v, want it only of a task that was RUNNING", task.StartedAt)
	}
	checkTimes(t, task)
}

// checkTimes: those that are there are in the order of the life cycle.
func checkTimes(t *testing.T, task types.Task) {
	t.Helper()
	if task.CreatedAt == nil || task.StoppingAt == nil || task.StoppedAt == nil {
		t.Errorf("createdAt %v, stoppingAt %v, stoppedAt %v: a stopped task has all three", task.CreatedAt, task.StoppingAt, task.StoppedAt)
		return
	}
	last, lastName := *task.CreatedAt, "createdAt"
	for _, at := range []struct {
		name string
		time *time.Time
	}{
		{"connectivityAt", task.ConnectivityAt},
		{"pullStartedAt", task.PullStartedAt},
		{"pullStoppedAt", task.PullStoppedAt},
		{"startedAt", task.StartedAt},
		{"stoppingAt", task.StoppingAt},
		{"stoppedAt", task.StoppedAt},
	} {
		if at.time == nil {
			continue
		}
		if at.time.Before(last) {
			t.Errorf("%s %s is before %s %s", at.name, at.time, lastName, last)
		}
		last, lastName = *at.time, at.name
	}
}
