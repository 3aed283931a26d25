package handlers

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
)

// RegisterDaemonTaskDefinition makes the next revision of a family. As with
// RegisterTaskDefinition, what a pod cannot do is refused when one is to be made.
func (h *Handlers) RegisterDaemonTaskDefinition(ctx context.Context, in *ecs.RegisterDaemonTaskDefinitionInput) (*ecs.RegisterDaemonTaskDefinitionOutput, error) {
	if err := taskdef.ValidateDaemon(in); err != nil {
		return nil, err
	}
	id, now := identity(ctx), h.now()
	def := taskdef.NewDaemon(in)
	def.RegisteredAt = &now
	def.RegisteredBy = aws.String(arn.Root(identity(ctx)))
	tags, err := encodeTags(in.Tags)
	if err != nil {
		return nil, err
	}
	defer h.families.lock("daemon/" + daemonFamilyKey(id, *in.Family))()
	for revision := h.lastDaemonRevision(id, *in.Family) + 1; ; revision++ {
		err := h.createDaemonDefinition(ctx, id, def, revision, tags)
		if apierrors.IsAlreadyExists(err) {
			continue
		}
		if err != nil {
			return nil, fromKubernetes(err)
		}
		return &ecs.RegisterDaemonTaskDefinitionOutput{DaemonTaskDefinitionArn: def.DaemonTaskDefinitionArn}, nil
	}
}

func (h *Handlers) createDaemonDefinition(ctx context.Context, id v1alpha1.Identity, def *types.DaemonTaskDefinition, revision int64, tags []runtime.RawExtension) error {
	family := aws.ToString(def.Family)
	def.Revision = int32(revision) //nolint:gosec // ECS has at most a million
	def.DaemonTaskDefinitionArn = aws.String(arn.DaemonTaskDefinition(id, family, revision))
	data, err := awsjson.Marshal(def)
	if err != nil {
		return fmt.Errorf("encode daemon task definition %s: %w", family, err)
	}
	return h.store.DaemonDefinitions.Create(ctx, &v1alpha1.DaemonTaskDefinition{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: h.store.Namespace, Name: kube.TaskDefinitionName(id, family, revision),
			Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.FamilyLabel: kube.Name(id, family)},
		},
		Spec: v1alpha1.DaemonTaskDefinitionSpec{
			Identity: id, Family: family, Revision: revision, Definition: runtime.RawExtension{Raw: data}, Tags: tags,
		},
	})
}

// DescribeDaemonTaskDefinition answers a revision in any status, the latest
// ACTIVE one where only the family is named.
func (h *Handlers) DescribeDaemonTaskDefinition(ctx context.Context, in *ecs.DescribeDaemonTaskDefinitionInput) (*ecs.DescribeDaemonTaskDefinitionOutput, error) {
	object, err := h.daemonDefinition(ctx, aws.ToString(in.DaemonTaskDefinition))
	if err != nil {
		return nil, err
	}
	if object == nil {
		return nil, daemonDefinitionUndescribable()
	}
	def, err := decodeDaemonDefinition(object)
	if err != nil {
		return nil, err
	}
	def.Status = h.daemonDefinitionStatus(object)
	if at := object.Spec.DeleteRequestedAt; at != nil {
		def.DeleteRequestedAt = aws.Time(at.Time)
	}
	return &ecs.DescribeDaemonTaskDefinitionOutput{DaemonTaskDefinition: def}, nil
}

// DeleteDaemonTaskDefinition asks for the deletion of one revision. One that is
// being deleted already is answered again.
func (h *Handlers) DeleteDaemonTaskDefinition(ctx context.Context, in *ecs.DeleteDaemonTaskDefinitionInput) (*ecs.DeleteDaemonTaskDefinitionOutput, error) {
	given := aws.ToString(in.DaemonTaskDefinition)
	ref, err := taskdef.ParseDaemonReference(given)
	if err != nil {
		return nil, err
	}
	if ref.Revision == 0 {
		return nil, revisionMissing()
	}
	object, err := h.daemonDefinition(ctx, given)
	if err != nil {
		return nil, err
	}
	if object == nil {
		return nil, daemonDefinitionMissing()
	}
	if object.Spec.DeleteRequestedAt == nil {
		at := metav1.NewMicroTime(h.now())
		if object, err = h.store.DaemonDefinitions.Patch(ctx, object, kube.Fields{"spec": kube.Fields{"deleteRequestedAt": at}}); err != nil {
			return nil, fromKubernetes(err)
		}
	}
	spec := object.Spec
	return &ecs.DeleteDaemonTaskDefinitionOutput{
		DaemonTaskDefinitionArn: aws.String(arn.DaemonTaskDefinition(spec.Identity, spec.Family, spec.Revision)),
	}, nil
}
