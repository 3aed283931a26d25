package compat

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func accountSettingCases() []Case {
	return []Case{
		{
			Name: "accountsetting/effective", Operations: []string{"ListAccountSettings"},
			Description: "all settings that hold are answered by name, at most ten a page",
			Source:      "API reference, ListAccountSettings, PutAccountSetting; Developer Guide, account settings",
			Run:         accountSettingEffective,
		},
		{
			Name: "accountsetting/of-a-principal", Operations: []string{"PutAccountSetting", "ListAccountSettings", "DeleteAccountSetting"},
			Description: "what is set for a user is listed for it alone, and taken back",
			Source:      "AWS CLI examples, put-account-setting, list-account-settings, delete-account-setting",
			Run:         accountSettingOfPrincipal,
		},
		{
			Name: "accountsetting/default", Alone: true,
			Operations:  []string{"PutAccountSettingDefault", "ListAccountSettings", "DeleteAccountSetting", "CreateCluster"},
			Description: "an account's default holds for its principals, and containerInsights for its new clusters",
			Source:      "API reference, PutAccountSettingDefault; ClusterSetting",
			Run:         accountSettingDefault,
		},
		{
			Name: "accountsetting/errors", Operations: []string{"PutAccountSetting", "PutAccountSettingDefault", "ListAccountSettings", "DeleteAccountSetting"},
			Description: "what the calls refuse",
			Source:      "API reference, PutAccountSetting; Developer Guide, account settings",
			Run:         accountSettingErrors,
		},
	}
}

// user is the ARN of a user of the account that no other run knows.
func (t *T) user() string {
	cluster := aws.ToString(t.describeCluster(t.Cluster("of-the-user")).ClusterArn)
	return "arn:aws:iam::" + strings.Split(cluster, ":")[4] + ":user/" + t.Name("user")
}

func (t *T) listSettings(in *ecs.ListAccountSettingsInput) []types.Setting {
	var settings []types.Setting
	pages := ecs.NewListAccountSettingsPaginator(t.ECS, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.ctx)
		t.OK(err, "ListAccountSettings")
		limit := 10
		if in.MaxResults != 0 {
			limit = int(in.MaxResults)
		}
		t.True(len(page.Settings) <= limit, "a page has at most %d settings", limit)
		settings = append(settings, page.Settings...)
	}
	return settings
}

func settingValue(settings []types.Setting, name types.SettingName) string {
	for _, s := range settings {
		if s.Name == name {
			return aws.ToString(s.Value)
		}
	}
	return ""
}

func accountSettingEffective(t *T) {
	user := t.user()
	for _, size := range []int32{0, 3} {
		settings := t.listSettings(&ecs.ListAccountSettingsInput{EffectiveSettings: true, PrincipalArn: aws.String(user), MaxResults: size})
		for _, name := range types.SettingName("").Values() {
			t.True(settingValue(settings, name) != "", "%s has a value that holds", name)
		}
		names := map[types.SettingName]int{}
		for _, s := range settings {
			names[s.Name]++
			t.Equal("principalArn of "+string(s.Name), s.PrincipalArn, user)
			t.Equal("times that "+string(s.Name)+" is listed", names[s.Name], 1)
		}
		for _, name := range []types.SettingName{
			types.SettingNameServiceLongArnFormat, types.SettingNameTaskLongArnFormat, types.SettingNameContainerInstanceLongArnFormat,
		} {
			t.Equal(string(name), settingValue(settings, name), "enabled")
		}
	}
	none, err := t.ECS.ListAccountSettings(t.ctx, &ecs.ListAccountSettingsInput{PrincipalArn: aws.String(user)})
	t.OK(err, "ListAccountSettings")
	t.EmptyList("settings of a user for whom none was set", none.Settings)
}

func accountSettingOfPrincipal(t *T) {
	user, name := t.user(), types.SettingNameAwsvpcTrunking
	put, err := t.ECS.PutAccountSetting(t.ctx, &ecs.PutAccountSettingInput{Name: name, Value: aws.String("enabled"), PrincipalArn: aws.String(user)})
	t.OK(err, "PutAccountSetting")
	t.Cleanup(func(ctx context.Context) {
		_, _ = t.ECS.DeleteAccountSetting(ctx, &ecs.DeleteAccountSettingInput{Name: name, PrincipalArn: aws.String(user)})
	})
	want := types.Setting{Name: name, Value: aws.String("enabled"), PrincipalArn: aws.String(user), Type: types.SettingTypeUser}
	t.Equal("setting", put.Setting, want)
	t.Equal("settings of the user", t.listSettings(&ecs.ListAccountSettingsInput{PrincipalArn: aws.String(user)}), []types.Setting{want})
	of := func(value string) []types.Setting {
		return t.listSettings(&ecs.ListAccountSettingsInput{Name: name, Value: aws.String(value), PrincipalArn: aws.String(user)})
	}
	t.Equal("settings with the value", of("enabled"), []types.Setting{want})
	t.Equal("number of settings with another value", len(of("disabled")), 0)
	other := t.listSettings(&ecs.ListAccountSettingsInput{EffectiveSettings: true, Name: name, PrincipalArn: aws.String(user + "-2")})
	t.Equal("what holds for another user", settingValue(other, name), "disabled")
	deleted, err := t.ECS.DeleteAccountSetting(t.ctx, &ecs.DeleteAccountSettingInput{Name: name, PrincipalArn: aws.String(user)})
	t.OK(err, "DeleteAccountSetting")
	t.Equal("value after it was taken back", deleted.Setting.Value, "disabled")
	t.Equal("principalArn", deleted.Setting.PrincipalArn, user)
	t.Equal("number of settings after that", len(t.listSettings(&ecs.ListAccountSettingsInput{PrincipalArn: aws.String(user)})), 0)
	_, err = t.ECS.DeleteAccountSetting(t.ctx, &ecs.DeleteAccountSettingInput{Name: name, PrincipalArn: aws.String(user)})
	t.OK(err, "DeleteAccountSetting of what is not set")
}

func accountSettingDefault(t *T) {
	user, name := t.user(), types.SettingNameContainerInsights
	put, err := t.ECS.PutAccountSettingDefault(t.ctx, &ecs.PutAccountSettingDefaultInput{Name: name, Value: aws.String("enhanced")})
	t.OK(err, "PutAccountSettingDefault")
	root := aws.ToString(put.Setting.PrincipalArn)
	t.Cleanup(func(ctx context.Context) {
		_, _ = t.ECS.DeleteAccountSetting(ctx, &ecs.DeleteAccountSettingInput{Name: name, PrincipalArn: aws.String(root)})
	})
	t.True(strings.HasPrefix(root, "arn:aws:iam::") && strings.HasSuffix(root, ":root"), "principalArn %s is the root's", root)
	effective := t.listSettings(&ecs.ListAccountSettingsInput{EffectiveSettings: true, Name: name, PrincipalArn: aws.String(user)})
	t.Equal("what holds for a user", settingValue(effective, name), "enhanced")
	cluster := t.Cluster("insights")
	insights := func() string {
		settings := t.describeCluster(cluster, types.ClusterFieldSettings).Settings
		i := slices.IndexFunc(settings, func(s types.ClusterSetting) bool { return s.Name == types.ClusterSettingNameContainerInsights })
		if i < 0 {
			t.Fatal("settings of the cluster are %s, want containerInsights", show(settings))
		}
		return aws.ToString(settings[i].Value)
	}
	t.Equal("containerInsights of a new cluster", insights(), "enhanced")
	_, err = t.ECS.DeleteAccountSetting(t.ctx, &ecs.DeleteAccountSettingInput{Name: name, PrincipalArn: aws.String(root)})
	t.OK(err, "DeleteAccountSetting of the default")
	t.Equal("containerInsights of the cluster afterwards", insights(), "enhanced")
	_, err = t.ECS.CreateCluster(t.ctx, &ecs.CreateClusterInput{ClusterName: aws.String(cluster)})
	t.OK(err, "CreateCluster again, with another default")
	t.Equal("containerInsights of another new cluster",
		aws.ToString(t.describeCluster(t.Cluster("later"), types.ClusterFieldSettings).Settings[0].Value), "disabled")
}

func accountSettingErrors(t *T) {
	put := func(name types.SettingName, value string) error {
		_, err := t.ECS.PutAccountSetting(t.ctx, &ecs.PutAccountSettingInput{Name: name, Value: aws.String(value)})
		return err
	}
	t.ErrorHas(put("unknown", "on"), "PutAccountSetting of an unknown name", "InvalidParameterException",
		"unknown should be one of [serviceLongArnFormat,taskLongArnFormat,")
	t.Error(put(types.SettingNameContainerInsights, "on"), "PutAccountSetting with an unknown value", "InvalidParameterException", anyText)
	t.Error(put(types.SettingNameTaskLongArnFormat, "disabled"), "PutAccountSetting back to short ARNs", "InvalidParameterException", anyText)
	t.Error(put(types.SettingNameGuardDutyActivate, "on"), "PutAccountSetting of what AWS manages", "InvalidParameterException", anyText)
	_, err := t.ECS.PutAccountSetting(t.ctx, &ecs.PutAccountSettingInput{
		Name: types.SettingNameAwsvpcTrunking, Value: aws.String("enabled"), PrincipalArn: aws.String("arn:aws:iam::999999999999:user/other"),
	})
	t.Error(err, "PutAccountSetting for another account's user", "InvalidParameterException", anyText)
	_, err = t.ECS.PutAccountSettingDefault(t.ctx, &ecs.PutAccountSettingDefaultInput{Name: "unknown", Value: aws.String("on")})
	t.ErrorHas(err, "PutAccountSettingDefault of an unknown name", "InvalidParameterException", "unknown should be one of [")
	_, err = t.ECS.DeleteAccountSetting(t.ctx, &ecs.DeleteAccountSettingInput{Name: "unknown"})
	t.ErrorHas(err, "DeleteAccountSetting of an unknown name", "InvalidParameterException", "unknown should be one of [")
	_, err = t.ECS.ListAccountSettings(t.ctx, &ecs.ListAccountSettingsInput{Value: aws.String("enabled")})
	t.Error(err, "ListAccountSettings by a value alone", "InvalidParameterException", anyText)
	_, err = t.ECS.ListAccountSettings(t.ctx, &ecs.ListAccountSettingsInput{MaxResults: 11})
	t.Error(err, "ListAccountSettings of 11 a page", "InvalidParameterException", anyText)
	_, err = t.ECS.ListAccountSettings(t.ctx, &ecs.ListAccountSettingsInput{NextToken: aws.String("none of ours")})
	t.Error(err, "ListAccountSettings with a bad token", "InvalidParameterException", anyText)
}
