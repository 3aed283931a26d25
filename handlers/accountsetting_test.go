package handlers

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/awsapi"
)

// TestEverySettingOfTheSDKIsKnown fails when a new version of the SDK has one
// more, and for a setting whose own value it does not accept.
func TestEverySettingOfTheSDKIsKnown(t *testing.T) {
	for _, name := range types.SettingName("").Values() {
		setting, err := settingNamed(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := setting.accept(setting.value); err != nil && setting.kind == types.SettingTypeUser {
			t.Errorf("%s does not accept its default: %v", name, err)
		}
	}
}

func TestSettingsAccept(t *testing.T) {
	for name, tc := range map[string]struct {
		setting types.SettingName
		value   string
		want    string
	}{
		"a value":            {types.SettingNameContainerInsights, "enhanced", ""},
		"a number of days":   {types.SettingNameFargateTaskRetirementWaitPeriod, "14", ""},
		"another number":     {types.SettingNameFargateTaskRetirementWaitPeriod, "3", "Invalid setting 'value'"},
		"no value":           {types.SettingNameAwsvpcTrunking, "", "Invalid setting 'value'"},
		"short ARNs":         {types.SettingNameServiceLongArnFormat, "disabled", "can not be disabled"},
		"long ARNs":          {types.SettingNameServiceLongArnFormat, "enabled", ""},
		"what AWS sets":      {types.SettingNameGuardDutyActivate, "on", "managed by AWS"},
		"one not in the SDK": {settingDualStack, "disabled", ""},
	} {
		t.Run(name, func(t *testing.T) {
			setting, err := settingNamed(tc.setting)
			if err != nil {
				t.Fatal(err)
			}
			err = setting.accept(tc.value)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("it answers %v, want %q", err, tc.want)
			}
		})
	}
}

func TestEffectiveSetting(t *testing.T) {
	const root, user, other = "arn:aws:iam::1:root", "arn:aws:iam::1:user/u", "arn:aws:iam::1:role/o"
	name, err := settingNamed(types.SettingNameContainerInsights)
	if err != nil {
		t.Fatal(err)
	}
	set := func(principal, value string) map[string]map[string]string {
		return map[string]map[string]string{principal: {"containerInsights": value}}
	}
	both := set(root, "enabled")
	both[user] = map[string]string{"containerInsights": "enhanced"}
	for what, tc := range map[string]struct {
		values    map[string]map[string]string
		principal string
		want      string
	}{
		"nothing set":              {nil, user, "disabled"},
		"the account's":            {set(root, "enabled"), user, "enabled"},
		"the user's own":           {both, user, "enhanced"},
		"another's is not":         {set(user, "enhanced"), other, "disabled"},
		"the root's is the root's": {both, root, "enabled"},
	} {
		t.Run(what, func(t *testing.T) {
			got := accountSettings{root: root, values: tc.values}.effective(tc.principal, name)
			if aws.ToString(got.Value) != tc.want || aws.ToString(got.PrincipalArn) != tc.principal {
				t.Errorf("it is %s for %s, want %s", aws.ToString(got.Value), aws.ToString(got.PrincipalArn), tc.want)
			}
		})
	}
}

func TestPrincipalOf(t *testing.T) {
	ctx := awsapi.WithCaller(t.Context(), awsapi.Caller{Account: "111111111111", Region: "us-east-1"})
	for given, want := range map[string]bool{
		"arn:aws:iam::111111111111:root":         true,
		"arn:aws:iam::111111111111:user/a/b":     true,
		"arn:aws:iam::111111111111:role/r":       true,
		"arn:aws:iam::222222222222:role/r":       false,
		"arn:aws:iam::111111111111:group/g":      false,
		"arn:aws:iam::111111111111:user":         false,
		"arn:aws:ecs:us-east-1:111111111111:x/y": false,
		"johndoe":                                false,
		"":                                       false,
	} {
		got, err := principalOf(ctx, &given)
		if (err == nil) != want || want && got != given {
			t.Errorf("of %q it answers %q, %v", given, got, err)
		}
	}
	if got, err := principalOf(ctx, nil); err != nil || got != "arn:aws:iam::111111111111:root" {
		t.Errorf("of none it answers %q, %v; want the caller", got, err)
	}
}
