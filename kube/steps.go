package kube

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Step is one step of a reconciliation, which decides on the world W.
type Step[W any] struct {
	Name string
	Take func(context.Context, W) error
}

// TakeSteps takes the steps in their order, up to the first that fails. A
// namespace that goes takes what is in it along: nothing is left to do then.
func TakeSteps[W any](ctx context.Context, world W, steps []Step[W]) error {
	for _, step := range steps {
		err := step.Take(ctx, world)
		if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.Name, err)
		}
	}
	return nil
}
