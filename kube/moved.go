package kube

import (
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// WatchDelay is waited for a change that was made elsewhere: the watch shows it
// within milliseconds.
const WatchDelay = 10 * time.Millisecond

// UnlessMoved is the end of a reconciliation, unless an object has changed under
// its decision: what it shows now is looked at in a moment.
func UnlessMoved(result reconcile.Result, err error) (reconcile.Result, error) {
	if apierrors.IsConflict(err) {
		return reconcile.Result{RequeueAfter: WatchDelay}, nil
	}
	return result, err
}
