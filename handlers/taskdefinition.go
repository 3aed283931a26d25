package handlers

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/util/retry"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

// RegisterTaskDefinition makes the next revision of a family. It refuses only
// what ECS refuses: what a pod cannot do is refused when one is to be made.
func (h *Handlers) RegisterTaskDefinition(ctx context.Context, in *ecs.RegisterTaskDefinitionInput) (*ecs.RegisterTaskDefinitionOutput, error) {
	if err := taskdef.Validate(in); err != nil {
		return nil, err
	}
	id, family := identity(ctx), aws.ToString(in.Family)
	now := h.now()
	def := taskdef.New(in)
	def.Status = types.TaskDefinitionStatusActive
	def.RegisteredAt = &now
	def.RegisteredBy = aws.String(arn.Root(identity(ctx)))
	tags, err := encodeTags(in.Tags)
	if err != nil {
		return nil, err
	}
	// One call a family at a time takes the next number, so that none is left
	// out; another replica's is found by trying.
	defer h.families.lock(id.Account + "/" + id.Region + "/" + family)()
	for revision := h.lastRevision(id, family) + 1; ; revision++ {
		object, err := h.createRevision(ctx, id, def, revision, tags)
		if apierrors.IsAlreadyExists(err) {
			continue
		}
		if err != nil {
			return nil, fromKubernetes(err)
		}
		h.warn(ctx, object, h.definitionWarnings(in, def))
		return &ecs.RegisterTaskDefinitionOutput{TaskDefinition: def, Tags: emptyIfNil(in.Tags)}, nil
	}
}

func (h *Handlers) createRevision(ctx context.Context, id v1alpha1.Identity, def *types.TaskDefinition, revision int64, tags []runtime.RawExtension) (*v1alpha1.TaskDefinition, error) {
	family := aws.ToString(def.Family)
	def.Revision = int32(revision) //nolint:gosec // ECS has at most a million
	def.TaskDefinitionArn = aws.String(arn.TaskDefinition(id, family, revision))
	data, err := awsjson.Marshal(def)
	if err != nil {
		return nil, fmt.Errorf("encode task definition %s: %w", family, err)
	}
	object := &v1alpha1.TaskDefinition{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: h.store.Namespace, Name: kube.TaskDefinitionName(id, family, revision),
			Labels: map[string]string{
				v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.FamilyLabel: kube.Name(id, family),
				v1alpha1.StatusLabel: string(types.TaskDefinitionStatusActive),
			},
			Annotations: map[string]string{
				v1alpha1.AccountAnnotation: id.Account, v1alpha1.RegionAnnotation: id.Region,
				v1alpha1.FamilyAnnotation:   family,
				v1alpha1.RevisionAnnotation: strconv.FormatInt(revision, 10),
			},
		},
		Spec: v1alpha1.TaskDefinitionSpec{
			Identity: id, Family: family, Revision: revision, Definition: runtime.RawExtension{Raw: data}, Tags: tags,
		},
	}
	return object, h.store.CreateDefinition(ctx, object)
}

func (h *Handlers) lastRevision(id v1alpha1.Identity, family string) int64 {
	var last int64
	for _, meta := range h.revisions(id, family) {
		last = max(last, kube.DefinitionRevision(meta))
	}
	return last
}

func (h *Handlers) revisions(id v1alpha1.Identity, family string) []*metav1.PartialObjectMetadata {
	return h.store.Definitions.By(kube.ByFamily, kube.IdentityKey(id)+"/"+family)
}

// DescribeTaskDefinition answers a revision, the latest ACTIVE one where only
// the family is named; tags stand beside it (API reference).
func (h *Handlers) DescribeTaskDefinition(ctx context.Context, in *ecs.DescribeTaskDefinitionInput) (*ecs.DescribeTaskDefinitionOutput, error) {
	withTags, err := asksForTags(in.Include)
	if err != nil {
		return nil, err
	}
	def, err := h.definition(ctx, aws.ToString(in.TaskDefinition))
	if err != nil {
		return nil, err
	}
	if def == nil {
		return nil, definitionUndescribable()
	}
	out := &ecs.DescribeTaskDefinitionOutput{TaskDefinition: def.TaskDefinition, Tags: []types.Tag{}}
	if withTags {
		out.Tags = emptyIfNil(def.Tags)
	}
	return out, nil
}

// DeregisterTaskDefinition makes a revision INACTIVE; one that is already is
// answered again.
func (h *Handlers) DeregisterTaskDefinition(ctx context.Context, in *ecs.DeregisterTaskDefinitionInput) (*ecs.DeregisterTaskDefinitionOutput, error) {
	ref, err := taskdef.ParseReference(aws.ToString(in.TaskDefinition))
	if err != nil {
		return nil, err
	}
	if ref.Revision == 0 {
		return nil, revisionMissing()
	}
	def, err := h.definition(ctx, aws.ToString(in.TaskDefinition))
	if err != nil {
		return nil, err
	}
	if def == nil {
		return nil, definitionMissingForDeregister()
	}
	if err := h.moveDefinition(ctx, def, deregistration); err != nil {
		return nil, err
	}
	return &ecs.DeregisterTaskDefinitionOutput{TaskDefinition: def.TaskDefinition}, nil
}

// definitionMove is a step in a revision's life, and where its time is noted: on the
// object, and in the answer.
type definitionMove struct {
	from, to types.TaskDefinitionStatus
	noted    string
	told     func(*types.TaskDefinition) **time.Time
}

var (
	deregistration = definitionMove{
		types.TaskDefinitionStatusActive, types.TaskDefinitionStatusInactive, v1alpha1.DeregisteredAtAnnotation,
		func(def *types.TaskDefinition) **time.Time { return &def.DeregisteredAt },
	}
	deletionRequest = definitionMove{
		types.TaskDefinitionStatusInactive, types.TaskDefinitionStatusDeleteInProgress, v1alpha1.DeleteRequestedAtAnnotation,
		func(def *types.TaskDefinition) **time.Time { return &def.DeleteRequestedAt },
	}
)

// moveDefinition takes a revision a step on. One that is in another status, or has
// got there meanwhile, stays as it is.
func (h *Handlers) moveDefinition(ctx context.Context, def *definition, move definitionMove) error {
	now := h.now()
	err := retry.RetryOnConflict(conflictRetry, func() error {
		if def.Status != move.from {
			return nil
		}
		err := h.store.PatchDefinition(ctx, def.object.Name, def.object.ResourceVersion, kube.Fields{
			"labels":      kube.Fields{v1alpha1.StatusLabel: string(move.to)},
			"annotations": kube.Fields{move.noted: translator.FormatTime(now)},
		})
		if apierrors.IsConflict(err) {
			if lookErr := h.lookAgain(ctx, def); lookErr != nil {
				return lookErr
			}
		}
		if err == nil {
			def.Status, *move.told(def.TaskDefinition) = move.to, &now
		}
		return err
	})
	return fromKubernetes(err)
}

// lookAgain reads a definition anew that somebody has changed.
func (h *Handlers) lookAgain(ctx context.Context, def *definition) error {
	if _, _, err := h.store.Definitions.Live(ctx, h.store.Namespace, def.object.Name); err != nil {
		return err
	}
	object, found, err := h.store.Definition(ctx, def.object.Name)
	if err != nil || !found {
		return err
	}
	now, err := h.decodedDefinition(object)
	if err == nil {
		*def = *now
	}
	return err
}

// inFamilyOrder is a string in the order in which ECS lists revisions: by family,
// then by number (API reference, ListTaskDefinitions.sort). A family comes before
// all that begin like it.
func inFamilyOrder(family string, revision int64) string {
	return fmt.Sprintf("%s\x00%010d", family, revision)
}

// ListTaskDefinitions answers ARNs by family and revision (API reference:
// familyPrefix is the full family name).
func (h *Handlers) ListTaskDefinitions(ctx context.Context, in *ecs.ListTaskDefinitionsInput) (*ecs.ListTaskDefinitionsOutput, error) {
	id := identity(ctx)
	status, descending := in.Status, false
	switch status {
	case "":
		status = types.TaskDefinitionStatusActive
	case types.TaskDefinitionStatusActive, types.TaskDefinitionStatusInactive, types.TaskDefinitionStatusDeleteInProgress:
	default:
		return nil, oneOf("status", "ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS")
	}
	switch in.Sort {
	case "", types.SortOrderAsc:
	case types.SortOrderDesc:
		descending = true
	default:
		return nil, oneOf("sort", "ASC", "DESC")
	}
	metas := h.store.Definitions.By(kube.ByIdentity, kube.IdentityKey(id))
	if in.FamilyPrefix != nil {
		metas = h.revisions(id, *in.FamilyPrefix)
	}
	keys := []string{}
	for _, meta := range metas {
		if meta.Labels[v1alpha1.StatusLabel] == string(status) {
			keys = append(keys, inFamilyOrder(meta.Annotations[v1alpha1.FamilyAnnotation], kube.DefinitionRevision(meta)))
		}
	}
	keys, next, err := page("definitions", keys, descending, in.MaxResults, in.NextToken, maxPage)
	if err != nil {
		return nil, err
	}
	arns := make([]string, len(keys))
	for i, key := range keys {
		family, number, _ := strings.Cut(key, "\x00")
		revision, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read key %s: %w", key, err)
		}
		arns[i] = arn.TaskDefinition(id, family, revision)
	}
	return &ecs.ListTaskDefinitionsOutput{TaskDefinitionArns: arns, NextToken: next}, nil
}

// ListTaskDefinitionFamilies answers family names; without a status both
// families with and without an ACTIVE revision (API reference).
func (h *Handlers) ListTaskDefinitionFamilies(ctx context.Context, in *ecs.ListTaskDefinitionFamiliesInput) (*ecs.ListTaskDefinitionFamiliesOutput, error) {
	switch in.Status {
	case "", types.TaskDefinitionFamilyStatusAll, types.TaskDefinitionFamilyStatusActive, types.TaskDefinitionFamilyStatusInactive:
	default:
		return nil, oneOf("status", "ACTIVE", "INACTIVE", "ALL")
	}
	active := map[string]bool{}
	for _, meta := range h.store.Definitions.By(kube.ByIdentity, kube.IdentityKey(identity(ctx))) {
		family := meta.Annotations[v1alpha1.FamilyAnnotation]
		if !strings.HasPrefix(family, aws.ToString(in.FamilyPrefix)) || meta.Labels[v1alpha1.StatusLabel] == v1alpha1.StatusDeleted {
			continue
		}
		active[family] = active[family] || meta.Labels[v1alpha1.StatusLabel] == string(types.TaskDefinitionStatusActive)
	}
	families := []string{}
	for family, isActive := range active {
		if in.Status == types.TaskDefinitionFamilyStatusActive && !isActive ||
			in.Status == types.TaskDefinitionFamilyStatusInactive && isActive {
			continue
		}
		families = append(families, family)
	}
	families, next, err := page("families", families, false, in.MaxResults, in.NextToken, maxPage)
	if err != nil {
		return nil, err
	}
	return &ecs.ListTaskDefinitionFamiliesOutput{Families: families, NextToken: next}, nil
}
