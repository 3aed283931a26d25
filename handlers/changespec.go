package handlers

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/kube"
)

// conflictRetry lets many callers change one object at the same time, and beside
// a controller that writes its status.
var conflictRetry = wait.Backoff{Steps: 12, Duration: 5 * time.Millisecond, Factor: 1.5, Jitter: 1}

// changeSpec patches an object's spec by what decide makes of the version it sees;
// a conflict decides again on the newest one. No change is no write. obj is the
// object afterwards; where it is gone the error is that of missing.
func changeSpec[T client.Object](ctx context.Context, in *kube.Collection[T], obj *T, missing func() error, decide func(T) (kube.Fields, error)) error {
	moved := false
	err := retry.RetryOnConflict(conflictRetry, func() error {
		if moved {
			live, found, err := in.Live(ctx, (*obj).GetNamespace(), (*obj).GetName())
			if err != nil {
				return err
			}
			if !found {
				return missing()
			}
			*obj = live
		}
		change, err := decide(*obj)
		if err != nil || change == nil {
			return err
		}
		changed, err := in.Patch(ctx, *obj, kube.Fields{"spec": change})
		if apierrors.IsNotFound(err) {
			return missing()
		}
		if err == nil {
			*obj = changed
		}
		moved = apierrors.IsConflict(err)
		return err
	})
	return fromKubernetes(err)
}
