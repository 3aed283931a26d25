package server

import (
	"context"
	"errors"
	"sync"
	"time"

	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// heldLock is a lock that ends the leader's work as soon as the Lease is not
// surely its own: when it has not been renewed for renewDeadline (the API server
// hangs, the process was stopped), or when another holder is seen in it. The
// elector itself goes on trying for a while first, and gives a Lease back without
// looking whose it is.
type heldLock struct {
	resourcelock.Interface
	// lost ends the work; it may be called more than once.
	lost func()

	mu     sync.Mutex
	holder string
	expiry *time.Timer
}

// errOtherHolder keeps another replica's Lease from being given back.
var errOtherHolder = errors.New("another replica holds the Lease")

func newHeldLock(lock resourcelock.Interface, lost func()) *heldLock {
	return &heldLock{Interface: lock, lost: lost}
}

// Get notes the holder.
func (l *heldLock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	record, raw, err := l.Interface.Get(ctx)
	if err == nil {
		l.see(record.HolderIdentity)
	}
	return record, raw, err
}

// Create and Update write the Lease; each success is a renewal.
func (l *heldLock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	err := l.Interface.Create(ctx, record)
	if err == nil {
		l.renewed(record.HolderIdentity)
	}
	return err
}

// Update refuses to give back a Lease that another holds.
func (l *heldLock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	if record.HolderIdentity == "" && l.others() {
		return errOtherHolder
	}
	err := l.Interface.Update(ctx, record)
	if err == nil {
		l.renewed(record.HolderIdentity)
	}
	return err
}

func (l *heldLock) others() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.holder != "" && l.holder != l.Identity()
}

func (l *heldLock) see(holder string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holder = holder
	if l.expiry != nil && holder != l.Identity() {
		l.expiry.Stop()
		l.lost()
	}
}

func (l *heldLock) renewed(holder string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holder = holder
	if l.expiry != nil {
		l.expiry.Stop()
		l.expiry = nil
	}
	if holder == l.Identity() {
		l.expiry = time.AfterFunc(renewDeadline, l.lost)
	}
}
