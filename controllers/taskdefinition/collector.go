// Package taskdefinition removes the task definitions whose deletion was asked
// for.
//
// It may import kube, apis and arn. It must not know the API's calls.
package taskdefinition

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
)

// Collector removes revisions that are DELETE_IN_PROGRESS once no task and no
// service uses them (API reference, DeleteTaskDefinitions). The highest of a family is
// only hidden, or the next registration would take its number again. Only the leader
// runs it.
type Collector struct {
	Store *kube.Store
}

// Collect goes through all revisions once.
func (c *Collector) Collect(ctx context.Context) error {
	highest := map[string]int64{}
	var deleted []*metav1.PartialObjectMetadata
	for _, def := range c.Store.Definitions.All() {
		highest[familyOf(def)] = max(highest[familyOf(def)], kube.DefinitionRevision(def))
		switch def.Labels[v1alpha1.StatusLabel] {
		case string(types.TaskDefinitionStatusDeleteInProgress), v1alpha1.StatusDeleted:
			deleted = append(deleted, def)
		}
	}
	var errs []error
	for _, def := range deleted {
		last, hidden := kube.DefinitionRevision(def) == highest[familyOf(def)], def.Labels[v1alpha1.StatusLabel] == v1alpha1.StatusDeleted
		switch {
		case last && hidden || !hidden && c.used(arnOf(def)):
		case last:
			errs = append(errs, c.hide(ctx, def))
		default:
			errs = append(errs, c.Store.DeleteDefinition(ctx, def))
		}
	}
	return errors.Join(errs...)
}

func (c *Collector) hide(ctx context.Context, def *metav1.PartialObjectMetadata) error {
	err := c.Store.PatchDefinition(ctx, def.Name, def.ResourceVersion, kube.Fields{"labels": kube.Fields{v1alpha1.StatusLabel: v1alpha1.StatusDeleted}})
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return nil // the next round sees what has become of it
	}
	return err
}

// used looks for the ARN, as the end of a JSON string, where services keep theirs and tasks that
// have not stopped.
func (c *Collector) used(definition string) bool {
	// An older Gantry had one partition for all regions.
	_, rest, _ := strings.Cut(definition, ":ecs:")
	quoted := []byte(":ecs:" + rest + `"`)
	for _, revision := range c.Store.Revisions.All() {
		if bytes.Contains(revision.Spec.Inputs.Raw, quoted) {
			return true
		}
	}
	for _, pod := range c.Store.Pods.All() {
		ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
		if !ended && bytes.Contains([]byte(pod.Annotations[v1alpha1.TaskAnnotation]), quoted) {
			return true
		}
	}
	return false
}

func familyOf(def *metav1.PartialObjectMetadata) string {
	return kube.IdentityKey(kube.TaskIdentity(def)) + "/" + def.Annotations[v1alpha1.FamilyAnnotation]
}

func arnOf(def *metav1.PartialObjectMetadata) string {
	return arn.TaskDefinition(kube.TaskIdentity(def), def.Annotations[v1alpha1.FamilyAnnotation], kube.DefinitionRevision(def))
}
