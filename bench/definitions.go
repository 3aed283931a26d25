package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// registerTaskDefinition compares with creating the same custom resource in a
// namespace that Gantry does not look at.
func registerTaskDefinition(ctx context.Context, p *place, run int) (pair, func(context.Context) error, error) {
	g, err := p.newGround(ctx, "register", run)
	if err != nil {
		return pair{}, nil, err
	}
	resource := p.dynamic.Resource(v1alpha1.GroupVersion.WithResource("taskdefinitions"))
	template, err := definitionObject(ctx, resource, g.cluster)
	if err != nil {
		return pair{}, nil, err
	}
	namespace := fmt.Sprintf("bench-direct-%d", run)
	_, err = p.kube.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	if err != nil {
		return pair{}, nil, fmt.Errorf("create namespace: %w", err)
	}
	input := webAndSidecar(g.cluster)
	return pair{
		gantry: timed(func(ctx context.Context, _ int) error {
			_, err := p.ecs.RegisterTaskDefinition(ctx, input)
			return err
		}),
		direct: timed(func(ctx context.Context, i int) error {
			object := template.DeepCopy()
			object.SetName(fmt.Sprintf("direct-%d", i))
			_, err := resource.Namespace(namespace).Create(ctx, object, metav1.CreateOptions{})
			return err
		}),
	}, nil, nil
}

// definitionObject is the object of a family's revision, as it would be written anew.
func definitionObject(ctx context.Context, resource dynamic.NamespaceableResourceInterface, family string) (*unstructured.Unstructured, error) {
	list, err := resource.List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list task definitions: %w", err)
	}
	for i := range list.Items {
		item := &list.Items[i]
		if item.GetAnnotations()[v1alpha1.FamilyAnnotation] != family {
			continue
		}
		object := &unstructured.Unstructured{Object: map[string]any{"spec": item.Object["spec"]}}
		object.SetGroupVersionKind(item.GroupVersionKind())
		object.SetLabels(item.GetLabels())
		object.SetAnnotations(item.GetAnnotations())
		return object, nil
	}
	return nil, fmt.Errorf("family %s has no task definition", family)
}

const (
	atOnce       = 8
	atOnceRounds = 50
)

// registerAtOnce counts what goes wrong when eight callers register revisions of
// one family.
func registerAtOnce(ctx context.Context, _ options, p *place, res *result) error {
	input := webAndSidecar("bench-at-once")
	revisions := make([][]int32, atOnce)
	failures := make([]int, atOnce)
	var callers errgroup.Group
	for n := range atOnce {
		callers.Go(func() error {
			for range atOnceRounds {
				out, err := p.ecs.RegisterTaskDefinition(ctx, input)
				if err != nil {
					failures[n]++
					continue
				}
				revisions[n] = append(revisions[n], out.TaskDefinition.Revision)
			}
			return ctx.Err()
		})
	}
	if err := callers.Wait(); err != nil {
		return err
	}
	failed := 0
	for _, n := range failures {
		failed += n
	}
	gaps, doubles := irregular(slices.Sorted(slices.Values(slices.Concat(revisions...))))
	value := float64(failed + gaps + doubles)
	res.Value = &value
	res.Note = fmt.Sprintf("%d calls: %d failures, %d gaps, %d doubles", atOnce*atOnceRounds, failed, gaps, doubles)
	_, err := p.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: input.Family})
	return err
}

// irregular counts what keeps sorted numbers from being 1, 2, 3 and so on.
func irregular(sorted []int32) (gaps, doubles int) {
	last := int32(0)
	for _, n := range sorted {
		if n == last {
			doubles++
			continue
		}
		gaps += int(n - last - 1)
		last = n
	}
	return gaps, doubles
}
