package handlers

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/scaling"
)

// targetSeat is where a service's scalable target is kept, whether there is one
// or not.
type targetSeat struct {
	target scaling.Target
	// cluster is nil where there never was one of that name.
	cluster *v1alpha1.Cluster
}

func (s targetSeat) namespace() string { return s.cluster.Spec.Namespace }

func (s targetSeat) name() string { return kube.ServiceName(s.cluster, s.target.Service) }

// targetSeat finds the seat of a resource id. The cluster may be INACTIVE: a
// target outlives its service. An id that is no service's has no seat, and the
// rules of the call refuse it.
func (h *Handlers) targetSeat(ctx context.Context, resourceID string) (targetSeat, error) {
	clusterName, service, ok := scaling.ParseResourceID(resourceID)
	if !ok {
		return targetSeat{}, nil
	}
	awsapi.Note(ctx, "cluster", clusterName)
	id := identity(ctx)
	seat := targetSeat{target: scaling.Target{Account: id.Account, Region: id.Region, Cluster: clusterName, Service: service}}
	cluster, found, err := h.store.Clusters.Find(ctx, h.store.Namespace, kube.Name(id, clusterName))
	if err != nil || !found || cluster.Spec.Name != clusterName || cluster.Spec.Identity != id {
		return seat, err
	}
	seat.cluster = cluster
	return seat, nil
}

// findTarget finds the record of a target in any state; nil where there is none.
func (h *Handlers) findTarget(ctx context.Context, resourceID string) (*v1alpha1.ScalableTarget, error) {
	seat, err := h.targetSeat(ctx, resourceID)
	if err != nil || seat.cluster == nil {
		return nil, err
	}
	return h.targetIn(ctx, seat)
}

func (h *Handlers) targetIn(ctx context.Context, seat targetSeat) (*v1alpha1.ScalableTarget, error) {
	target, found, err := h.store.Targets.Find(ctx, seat.namespace(), seat.name())
	if err != nil || !found {
		return nil, err
	}
	if scalingTarget(&target.Spec) != seat.target {
		return nil, fmt.Errorf("scalable target of %s has the object name of %s", target.Spec.ResourceID, seat.target.ResourceID())
	}
	return target, nil
}

// changeTarget writes what change makes of the target's spec, which is empty
// where there is no record of it. Where the target has changed meanwhile, it is
// made again of the newest.
func (h *Handlers) changeTarget(ctx context.Context, seat targetSeat, change func(*v1alpha1.ScalableTargetSpec) error) error {
	if seat.cluster == nil {
		return change(&v1alpha1.ScalableTargetSpec{})
	}
	current, err := h.targetIn(ctx, seat)
	if err != nil {
		return err
	}
	err = retry.OnError(retry.DefaultRetry, movedOn, func() error {
		err := h.writeTarget(ctx, seat, current, change)
		if !movedOn(err) {
			return err
		}
		live, found, liveErr := h.store.Targets.Live(ctx, seat.namespace(), seat.name())
		if liveErr != nil {
			return liveErr
		}
		if current = nil; found {
			current = live
		}
		return err
	})
	if movedOn(err) {
		return scaling.ConcurrentUpdate()
	}
	return err
}

// movedOn is true for a write whose decision was made on something that has
// changed since: another version, one made or one removed meanwhile.
func movedOn(err error) bool {
	return apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) || apierrors.IsNotFound(err)
}

// writeTarget creates the target or patches the members that change changes.
func (h *Handlers) writeTarget(ctx context.Context, seat targetSeat, current *v1alpha1.ScalableTarget, change func(*v1alpha1.ScalableTargetSpec) error) error {
	if current == nil {
		target := &v1alpha1.ScalableTarget{ObjectMeta: metav1.ObjectMeta{
			Namespace: seat.namespace(), Name: seat.name(),
			Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.ServiceLabel: seat.name()},
		}}
		if err := change(&target.Spec); err != nil {
			return err
		}
		return h.store.Targets.Create(ctx, target)
	}
	changed := current.DeepCopy()
	if err := change(&changed.Spec); err != nil {
		return err
	}
	_, err := h.store.Targets.PatchTo(ctx, current, changed, kube.MainPart)
	return err
}
