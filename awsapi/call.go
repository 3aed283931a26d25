package awsapi

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"
)

// call is what is known of one call while it is served; its log line and its
// metrics are made of it.
type call struct {
	requestID string
	started   time.Time
	service   *Service // nil when no service of ours was asked for
	operation string   // "" when there is none of that name
	scope     scope
	cause     error // behind a ServerException: for the log alone

	mu    sync.Mutex
	notes []zap.Field
}

type callKey struct{}

func newCall() *call {
	return &call{requestID: uuid.NewString(), started: time.Now()}
}

func callFrom(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// Note adds a field to the call's one log line, and of several values of a key the
// last one counts: readers of JSON disagree on a member that is there twice. The
// value must be no secret.
func Note(ctx context.Context, key, value string) {
	c := callFrom(ctx)
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notes = slices.DeleteFunc(c.notes, func(f zap.Field) bool { return f.Key == key })
	c.notes = append(c.notes, zap.String(key, value))
}

func (c *call) noted() []zap.Field {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.notes)
}
