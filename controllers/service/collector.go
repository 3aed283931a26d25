package service

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
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
			c.Now().Sub(lastUse(revision)) < orphanAge {
			continue
		}
		// A call that takes it at this moment changes its version first.
		guard := client.Preconditions{UID: &revision.UID, ResourceVersion: &revision.ResourceVersion}
		if err := c.Store.Revisions.Delete(ctx, revision, guard); !apierrors.IsConflict(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// lastUse is when a call last made or took the revision.
func lastUse(revision *v1alpha1.ServiceRevision) time.Time {
	if at, ok := translator.ParseTime(revision.Annotations[v1alpha1.UsedAtAnnotation]); ok {
		return at
	}
	return revision.CreationTimestamp.Time
}
