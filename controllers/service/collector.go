package service

import (
	"context"
	"errors"
	"time"

	"github.com/gantry-ecs/gantry/kube"
)

// orphanAge is how long a revision waits for the service that is to name it: a
// call commits within seconds, or never.
const orphanAge = 10 * time.Minute

// Collector removes revisions that a call wrote and then did not commit. Only
// the leader runs it.
type Collector struct {
	Store *kube.Store
	Now   func() time.Time
}

// Collect goes through all revisions once.
func (c *Collector) Collect(ctx context.Context) error {
	named := map[string]bool{}
	for _, svc := range c.Store.Services.All() {
		for _, entry := range svc.Spec.Deployments {
			named[kube.OwnerKey(svc.Namespace, entry.Revision)] = true
		}
	}
	var errs []error
	for _, revision := range c.Store.Revisions.All() {
		if len(revision.OwnerReferences) > 0 || named[kube.OwnerKey(revision.Namespace, revision.Name)] ||
			c.Now().Sub(revision.CreationTimestamp.Time) < orphanAge {
			continue
		}
		errs = append(errs, c.Store.Revisions.Delete(ctx, revision))
	}
	return errors.Join(errs...)
}
