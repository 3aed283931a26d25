package handlers

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// settingName is an account setting that ECS has (API reference,
// PutAccountSetting; Developer Guide, account settings).
type settingName struct {
	name types.SettingName
	// values are those that it can have, value the one that holds where none was set.
	values []string
	value  string
	// kind is aws_managed for what AWS sets itself, and nobody else.
	kind types.SettingType
	// ofRoot: it is set for the whole account alone.
	ofRoot bool
}

// settingDualStack is in ECS's documentation and not in the SDK's list.
const settingDualStack types.SettingName = "dualStackIPv6"

func settingNames() []settingName {
	onOff := []string{"enabled", "disabled"}
	user := types.SettingTypeUser
	return []settingName{
		{types.SettingNameServiceLongArnFormat, onOff, "enabled", user, false},
		{types.SettingNameTaskLongArnFormat, onOff, "enabled", user, false},
		{types.SettingNameContainerInstanceLongArnFormat, onOff, "enabled", user, false},
		{types.SettingNameAwsvpcTrunking, onOff, "disabled", user, false},
		{types.SettingNameContainerInsights, []string{"enhanced", "enabled", "disabled"}, "disabled", user, false},
		{settingDualStack, onOff, "enabled", user, false},
		{types.SettingNameFargateFipsMode, onOff, "disabled", user, false},
		{types.SettingNameTagResourceAuthorization, []string{"on", "off"}, "on", user, false},
		{types.SettingNameFargateTaskRetirementWaitPeriod, []string{"0", "7", "14"}, "7", user, true},
		{types.SettingNameGuardDutyActivate, []string{"on", "off"}, "off", types.SettingTypeAwsManaged, true},
		{types.SettingNameDefaultLogDriverMode, []string{"blocking", "non-blocking"}, "non-blocking", user, false},
		{types.SettingNameFargateEventWindows, onOff, "disabled", user, false},
	}
}

// settingNamed finds a setting; an unknown one is refused with the list of those
// there are.
func settingNamed(name types.SettingName) (settingName, error) {
	all := settingNames()
	i := slices.IndexFunc(all, func(s settingName) bool { return s.name == name })
	if i >= 0 {
		return all[i], nil
	}
	known := make([]string, len(all))
	for i, s := range all {
		known[i] = string(s.name)
	}
	return settingName{}, oneOf(string(name), known...)
}

// accept refuses a value that the setting cannot be given.
func (s settingName) accept(value string) error {
	switch {
	case s.kind == types.SettingTypeAwsManaged:
		// "aws_managed account settings are read-only" (API reference, Setting); the text is chosen.
		return invalidParameter("The account setting %s is managed by AWS and can not be changed.", s.name)
	case !slices.Contains(s.values, value):
		return invalidSetting()
	case value == "disabled" && s.longARN():
		// Since April 2021 nobody can opt out (Developer Guide, account settings); the text is chosen.
		return invalidParameter("The long ARN format can not be disabled.")
	}
	return nil
}

func (s settingName) longARN() bool { return strings.HasSuffix(string(s.name), "LongArnFormat") }
