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

const (
	// orphanAge is how long a revision waits for the service that is to name it: a
	// call commits within seconds, or never.
	orphanAge = 10 * time.Minute
	// deploymentsKept is for how long a service's ended deployments are described:
	// ECS's period is not documented.
	deploymentsKept = 90 * 24 * time.Hour
	// mostDeployments are kept of a service, however young: an etcd is not a log.
	mostDeployments = 100
)

// Collector removes the deployments of services that have ended long ago, the
// revisions that only they ran, and revisions that a call wrote and then did not
// commit. Only the leader runs it.
type Collector struct {
	Store *kube.Store
	Now   func() time.Time
}

// Collect goes through all deployments and revisions once.
func (c *Collector) Collect(ctx context.Context) error {
	named := map[string]bool{} // revisions that are still of use
	var errs []error
	for _, svc := range c.Store.Services.All() {
		for _, entry := range svc.Spec.Deployments {
			named[kube.OwnerKey(svc.Namespace, entry.Revision)] = true
		}
		if completed := svc.Status.Completed; completed != nil {
			named[kube.OwnerKey(svc.Namespace, completed.Revision)] = true
		}
		kept, over := c.expired(svc)
		for _, rollout := range kept {
			named[kube.OwnerKey(svc.Namespace, rollout.Spec.Revision)] = true
		}
		for _, rollout := range over {
			errs = append(errs, c.Store.Rollouts.Delete(ctx, rollout))
		}
	}
	for _, revision := range c.Store.Revisions.All() {
		if named[kube.OwnerKey(revision.Namespace, revision.Name)] || c.Now().Sub(lastUse(revision)) < orphanAge {
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

// expired tells which of a service's deployments stay and which go; those that it
// still names stay in any case.
func (c *Collector) expired(svc *v1alpha1.ECSService) (kept, over []*v1alpha1.ServiceDeployment) {
	current := map[int64]bool{}
	for _, entry := range svc.Spec.Deployments {
		current[entry.Number] = true
		if entry.Rollback != nil {
			current[entry.Rollback.Of] = true
		}
	}
	for _, rollout := range c.Store.Rollouts.By(kube.ByOwner, kube.OwnerKey(svc.Namespace, svc.Name)) {
		old := svc.Spec.LastDeployment-rollout.Spec.Number >= mostDeployments ||
			c.Now().Sub(rollout.Spec.RequestedAt.Time) > deploymentsKept
		if old && !current[rollout.Spec.Number] {
			over = append(over, rollout)
		} else {
			kept = append(kept, rollout)
		}
	}
	return kept, over
}

// lastUse is when a call last made or took the revision.
func lastUse(revision *v1alpha1.ServiceRevision) time.Time {
	if at, ok := translator.ParseTime(revision.Annotations[v1alpha1.UsedAtAnnotation]); ok {
		return at
	}
	return revision.CreationTimestamp.Time
}
