package service

import (
	"fmt"
	"testing"
	"time"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// TestRingLeavesTheOldListAlone: the events it starts from are a cache's.
func TestRingLeavesTheOldListAlone(t *testing.T) {
	held := make([]v1alpha1.ServiceEvent, 0, 128)
	for i := range keptEvents {
		held = append(held, v1alpha1.ServiceEvent{Message: fmt.Sprintf("event %d", i)})
	}
	r := &ring{service: "web", now: time.Now(), events: held}
	r.add("has reached a steady state.")
	if held[0].Message != "event 0" {
		t.Errorf("the held list begins with %q", held[0].Message)
	}
	if len(r.events) != keptEvents || r.events[0].Message != "(service web) has reached a steady state." {
		t.Errorf("%d events, the first %q", len(r.events), r.events[0].Message)
	}
}

func TestRingSaysTheSameOnceInSixHours(t *testing.T) {
	now := time.Now()
	r := &ring{service: "web", now: now}
	refusals := []string{
		`pods "web-1-abcde" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0`,
		`pods "web-1-fghij" is forbidden: exceeded quota: none, requested: pods=1, used: pods=2, limited: pods=0`,
	}
	for _, refusal := range refusals {
		r.once("was unable to place a task. Reason: %s.", refusalOf(refusal))
	}
	if len(r.events) != 1 {
		t.Fatalf("%d events of one cause: %v", len(r.events), r.events)
	}
	r.now = now.Add(7 * time.Hour)
	r.once("was unable to place a task. Reason: %s.", refusalOf(refusals[0]))
	if len(r.events) != 2 {
		t.Errorf("%d events after seven hours, want 2", len(r.events))
	}
}

// TestRingNamesOneInstance: another instance that comes closest is no other event.
func TestRingNamesOneInstance(t *testing.T) {
	r := &ring{service: "web", now: time.Now()}
	for _, id := range []string{"", "9f1d2ab0c1d24c4a9d5f3f8f4e1f2a3b", "0a1d2ab0c1d24c4a9d5f3f8f4e1f2a3b", ""} {
		r.once("was unable to place a task. The closest matching %s has insufficient memory available.", instanceNamed(id))
	}
	if len(r.events) != 1 {
		t.Errorf("the events are %v", r.events)
	}
}
