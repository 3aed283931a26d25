package handlers

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsarn "github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
)

// PutAccountSetting sets a setting for the caller or the principal that it names.
func (h *Handlers) PutAccountSetting(ctx context.Context, in *ecs.PutAccountSettingInput) (*ecs.PutAccountSettingOutput, error) {
	principal, err := principalOf(ctx, in.PrincipalArn)
	if err != nil {
		return nil, err
	}
	setting, err := h.putSetting(ctx, principal, in.Name, aws.ToString(in.Value))
	return &ecs.PutAccountSettingOutput{Setting: setting}, err
}

// PutAccountSettingDefault sets a setting for all principals of the account that
// have none of their own: it is the root's (recorded answers).
func (h *Handlers) PutAccountSettingDefault(ctx context.Context, in *ecs.PutAccountSettingDefaultInput) (*ecs.PutAccountSettingDefaultOutput, error) {
	setting, err := h.putSetting(ctx, arn.Root(identity(ctx)), in.Name, aws.ToString(in.Value))
	return &ecs.PutAccountSettingDefaultOutput{Setting: setting}, err
}

// DeleteAccountSetting takes back what was set, and answers what holds now
// (recorded answers).
func (h *Handlers) DeleteAccountSetting(ctx context.Context, in *ecs.DeleteAccountSettingInput) (*ecs.DeleteAccountSettingOutput, error) {
	principal, err := principalOf(ctx, in.PrincipalArn)
	if err != nil {
		return nil, err
	}
	name, err := settingNamed(in.Name)
	if err != nil {
		return nil, err
	}
	held, err := h.settings(ctx)
	if err != nil {
		return nil, err
	}
	if _, set := held.of(principal, name.name); set {
		if err := h.writeSetting(ctx, principal, name.name, nil); err != nil {
			return nil, err
		}
		if held, err = h.settings(ctx); err != nil {
			return nil, err
		}
	}
	return &ecs.DeleteAccountSettingOutput{Setting: held.effective(principal, name)}, nil
}

const maxSettings = 10

// ListAccountSettings answers what was set for a principal, or what holds for it,
// by name (API reference, ListAccountSettings).
func (h *Handlers) ListAccountSettings(ctx context.Context, in *ecs.ListAccountSettingsInput) (*ecs.ListAccountSettingsOutput, error) {
	principal, err := principalOf(ctx, in.PrincipalArn)
	if err != nil {
		return nil, err
	}
	names := settingNames()
	switch {
	case in.Name != "":
		name, err := settingNamed(in.Name)
		if err != nil {
			return nil, err
		}
		names = []settingName{name}
	case in.Value != nil:
		// API reference, ListAccountSettings.value; the text is chosen.
		return nil, invalidParameter("You must also specify an account setting name to filter by value.")
	}
	size := maxSettings
	if in.MaxResults != 0 {
		size = int(in.MaxResults)
	}
	if size < 1 || size > maxSettings {
		return nil, maxResultsRange(maxSettings)
	}
	held, err := h.settings(ctx)
	if err != nil {
		return nil, err
	}
	settings := []types.Setting{}
	for _, name := range names {
		setting := held.effective(principal, name)
		if !in.EffectiveSettings {
			value, set := held.of(principal, name.name)
			if !set {
				continue
			}
			setting.Value = aws.String(value)
		}
		if in.Value == nil || *in.Value == *setting.Value {
			settings = append(settings, *setting)
		}
	}
	settings, next, err := pageBy("settings", settings, func(s types.Setting) string { return string(s.Name) }, false, size, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &ecs.ListAccountSettingsOutput{Settings: settings, NextToken: next}, nil
}

// principalOf is the principal that a call is about: the caller unless it names
// another user or role of the account, or its root.
func principalOf(ctx context.Context, given *string) (string, error) {
	if given == nil {
		return arn.Root(identity(ctx)), nil
	}
	parsed, err := awsarn.Parse(*given)
	kind, _, named := strings.Cut(parsed.Resource, "/")
	ok := err == nil && parsed.Service == "iam" && parsed.AccountID == identity(ctx).Account &&
		(parsed.Resource == "root" || named && (kind == "user" || kind == "role"))
	if !ok {
		// The text is chosen; no source has it.
		return "", invalidParameter("The principal ARN %s is not valid.", *given)
	}
	return *given, nil
}

func (h *Handlers) putSetting(ctx context.Context, principal string, given types.SettingName, value string) (*types.Setting, error) {
	name, err := settingNamed(given)
	if err != nil {
		return nil, err
	}
	if err := name.accept(value); err != nil {
		return nil, err
	}
	if name.ofRoot && principal != arn.Root(identity(ctx)) {
		// "only the root user can set" it (API reference, PutAccountSetting); the text is chosen.
		return nil, invalidParameter("The account setting %s can only be set for the root user of the account.", name.name)
	}
	if err := h.writeSetting(ctx, principal, name.name, value); err != nil {
		return nil, err
	}
	return &types.Setting{Name: name.name, Value: aws.String(value), PrincipalArn: aws.String(principal), Type: name.kind}, nil
}

// writeSetting patches one value, nil to take it off: no other is touched, so
// that nothing has to be read first. The first setting of an account makes its object.
func (h *Handlers) writeSetting(ctx context.Context, principal string, name types.SettingName, value any) error {
	id := identity(ctx)
	object := &v1alpha1.AccountSettings{ObjectMeta: metav1.ObjectMeta{
		Namespace: h.store.Namespace, Name: kube.Name(id, settingsObject),
		Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy},
	}}
	patch := kube.Fields{"spec": kube.Fields{"settings": kube.Fields{principal: kube.Fields{string(name): value}}}}
	_, err := h.store.Settings.Patch(ctx, object, patch)
	if !apierrors.IsNotFound(err) || value == nil {
		return fromKubernetes(err)
	}
	object.Spec.Identity = id
	if err := h.store.Settings.Create(ctx, object); err != nil && !apierrors.IsAlreadyExists(err) {
		return fromKubernetes(err)
	}
	_, err = h.store.Settings.Patch(ctx, object.DeepCopy(), patch)
	return fromKubernetes(err)
}

// settingsObject is the name of the object, of which each account and region has
// one.
const settingsObject = "account"

// accountSettings are values by principal and name.
type accountSettings struct {
	root   string
	values map[string]map[string]string
}

func (h *Handlers) settings(ctx context.Context) (accountSettings, error) {
	id := identity(ctx)
	settings := accountSettings{root: arn.Root(id)}
	object, found, err := h.store.Settings.Find(ctx, h.store.Namespace, kube.Name(id, settingsObject))
	if err != nil || !found {
		return settings, err
	}
	if object.Spec.Identity != id {
		return settings, fmt.Errorf("the settings of account %s in %s have the object name of %s in %s",
			id.Account, id.Region, object.Spec.Account, object.Spec.Region)
	}
	settings.values = object.Spec.Settings
	return settings, nil
}

// of is what was set for the principal itself.
func (s accountSettings) of(principal string, name types.SettingName) (value string, set bool) {
	value, set = s.values[principal][string(name)]
	return value, set
}

// effective is what holds for the principal: its own value, the account's, else
// ECS's.
func (s accountSettings) effective(principal string, name settingName) *types.Setting {
	setting := &types.Setting{
		Name: name.name, Value: aws.String(name.value), PrincipalArn: aws.String(principal), Type: name.kind,
	}
	for _, of := range []string{s.root, principal} {
		if value, set := s.of(of, name.name); set {
			setting.Value = aws.String(value)
		}
	}
	return setting
}
