package server

import (
	"context"
	"errors"
	"testing"

	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// memoryLock is a Lease in memory.
type memoryLock struct {
	resourcelock.Interface
	identity string
	record   *resourcelock.LeaderElectionRecord
}

func (m *memoryLock) Identity() string { return m.identity }

func (m *memoryLock) Get(context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	return m.record, nil, nil
}

func (m *memoryLock) Update(_ context.Context, record resourcelock.LeaderElectionRecord) error {
	m.record = &record
	return nil
}

func TestHeldLock(t *testing.T) {
	ctx := context.Background()
	lost := 0
	memory := &memoryLock{identity: "me", record: &resourcelock.LeaderElectionRecord{}}
	lock := newHeldLock(memory, func() { lost++ })
	if err := lock.Update(ctx, resourcelock.LeaderElectionRecord{HolderIdentity: "me"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := lock.Get(ctx); err != nil || lost != 0 {
		t.Fatalf("err %v, lost %d times while it is its own", err, lost)
	}
	memory.record = &resourcelock.LeaderElectionRecord{HolderIdentity: "another"}
	if _, _, err := lock.Get(ctx); err != nil || lost != 1 {
		t.Fatalf("err %v, lost %d times when another holds it", err, lost)
	}
	if err := lock.Update(ctx, resourcelock.LeaderElectionRecord{}); !errors.Is(err, errOtherHolder) {
		t.Errorf("another's Lease is given back: %v", err)
	}
	if memory.record.HolderIdentity != "another" {
		t.Errorf("the Lease is %q's", memory.record.HolderIdentity)
	}
}
