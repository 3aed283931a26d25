package kube

import (
	"context"
	"fmt"

	eventsclient "k8s.io/client-go/kubernetes/typed/events/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
)

// newEvents makes what Kubernetes Events are written by: in the background, and
// dropped rather than waited for. No call depends on one.
func newEvents(config *rest.Config) (events.EventBroadcaster, error) {
	c, err := eventsclient.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make client for events: %w", err)
	}
	return events.NewBroadcaster(&events.EventSinkImpl{Interface: c}), nil
}

func (s *Store) startEvents(ctx context.Context) {
	// It fails only where the context has ended already.
	_ = s.broadcaster.StartRecordingToSinkWithContext(ctx)
	context.AfterFunc(ctx, s.broadcaster.Shutdown)
}
