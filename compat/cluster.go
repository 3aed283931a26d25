package compat

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Cluster makes a cluster for the case and returns its name.
func (t *T) Cluster(what string) string {
	name := t.Name(what)
	_, err := t.ECS.CreateCluster(t.ctx, &ecs.CreateClusterInput{ClusterName: aws.String(name)})
	t.OK(err, "CreateCluster")
	t.Cleanup(func(ctx context.Context) { t.deleteCluster(ctx, name) })
	return name
}

// deleteCluster is for cleaning up: the cluster may be gone already, or its last
// tasks may still be stopping.
func (t *T) deleteCluster(ctx context.Context, name string) {
	_, _ = eventually(ctx, cleanupTimeout, func() (bool, error) {
		_, err := t.ECS.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: aws.String(name)})
		return !isCode(err, "ClusterContainsServicesException") && !isCode(err, "ClusterContainsTasksException"), nil
	})
}

func (t *T) describeCluster(name string, include ...types.ClusterField) types.Cluster {
	out, err := t.ECS.DescribeClusters(t.ctx, &ecs.DescribeClustersInput{Clusters: []string{name}, Include: include})
	t.OK(err, "DescribeClusters")
	if len(out.Clusters) != 1 {
		t.Fatal("DescribeClusters of %s has %d clusters and failures %v, want one cluster", name, len(out.Clusters), out.Failures)
	}
	return out.Clusters[0]
}

func clusterCases() []Case {
	return []Case{
		{
			Name: "cluster/create", Operations: []string{"CreateCluster", "DescribeClusters"},
			Description: "a new cluster is ACTIVE and empty, and is found by name and by ARN",
			Source:      "AWS CLI examples, create-cluster; API reference, Cluster",
			Run:         clusterCreate,
		},
		{
			Name: "cluster/create-again", Operations: []string{"CreateCluster"},
			Description: "creating a cluster that is there answers it",
			Source:      "API reference, CreateCluster",
			Run: func(t *T) {
				name := t.Cluster("again")
				out, err := t.ECS.CreateCluster(t.ctx, &ecs.CreateClusterInput{ClusterName: aws.String(name)})
				t.OK(err, "CreateCluster again")
				t.Equal("clusterName", out.Cluster.ClusterName, name)
				t.Equal("status", out.Cluster.Status, "ACTIVE")
			},
		},
		{
			Name: "cluster/bad-name", Operations: []string{"CreateCluster"},
			Description: "a name has 1 to 255 letters, numbers, hyphens and underscores",
			Source:      "API reference, CreateCluster.clusterName",
			Run: func(t *T) {
				for _, name := range []string{"a b", "a.b", strings.Repeat("c", 256)} {
					_, err := t.ECS.CreateCluster(t.ctx, &ecs.CreateClusterInput{ClusterName: aws.String(name)})
					t.Error(err, "CreateCluster", "InvalidParameterException", anyText)
				}
			},
		},
		{
			Name: "cluster/tags", Operations: []string{"CreateCluster", "DescribeClusters"},
			Description: "tags are answered where they are asked for",
			Source:      "API reference, DescribeClusters.include",
			Run:         clusterTags,
		},
		{
			Name: "cluster/missing", Operations: []string{"DescribeClusters"},
			Description: "an unknown cluster is a failure in the answer, with the ARN that it would have",
			Source:      "Developer Guide, API failure reasons",
			Run:         clusterMissing,
		},
		{
			Name: "cluster/create-otherwise", Operations: []string{"CreateCluster"},
			Description: "creating a cluster that is there with other arguments is refused",
			Source:      "text noted from AWS; which arguments are compared is not documented",
			Run: func(t *T) {
				_, err := t.ECS.CreateCluster(t.ctx, &ecs.CreateClusterInput{
					ClusterName: aws.String(t.Cluster("c")),
					Settings:    []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: aws.String("enabled")}},
				})
				t.Error(err, "CreateCluster", "InvalidParameterException",
					"Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
			},
		},
		{
			Name: "cluster/include", Operations: []string{"DescribeClusters"},
			Description: "statistics are answered where they are asked for, and an unknown part is refused",
			Source:      "API reference, DescribeClusters.include; text noted in hashicorp/terraform-provider-aws issue 23342",
			Run:         clusterInclude,
		},
		{
			Name: "cluster/describe-errors", Operations: []string{"DescribeClusters"},
			Description: "a blank name and more than 100 names are refused",
			Source:      "API reference, DescribeClusters.clusters; text noted in blox/blox issue 170",
			Run: func(t *T) {
				_, err := t.ECS.DescribeClusters(t.ctx, &ecs.DescribeClustersInput{Clusters: []string{""}})
				t.Error(err, "DescribeClusters of a blank name", "InvalidParameterException", "Clusters can not be blank.")
				_, err = t.ECS.DescribeClusters(t.ctx, &ecs.DescribeClustersInput{Clusters: slices.Repeat([]string{"c"}, 101)})
				t.Error(err, "DescribeClusters of 101", "InvalidParameterException", anyText)
			},
		},
		{
			Name: "cluster/list", Operations: []string{"ListClusters"},
			Description: "every cluster is on exactly one page",
			Source:      "API reference, ListClusters",
			Run:         clusterList,
		},
		{
			Name: "cluster/update", Operations: []string{"UpdateCluster", "DescribeClusters"},
			Description: "what is given is changed, and the rest stays",
			Source:      "API reference, UpdateCluster, ExecuteCommandConfiguration",
			Run:         clusterUpdate,
		},
		{
			Name: "cluster/update-settings", Operations: []string{"UpdateClusterSettings", "DescribeClusters"},
			Description: "a setting is changed",
			Source:      "AWS CLI examples, update-cluster-settings",
			Run:         clusterUpdateSettings,
		},
		{
			Name: "cluster/capacity-providers", Operations: []string{"PutClusterCapacityProviders", "DescribeClusters", "CreateCluster", "RunTask"},
			Description: "providers and default strategy are replaced; tasks follow the strategy; what is in use stays",
			Source:      "API reference, PutClusterCapacityProviders, ResourceInUseException; text noted from AWS",
			Run:         clusterCapacityProviders,
		},
		{
			Name: "cluster/delete", Operations: []string{"DeleteCluster", "DescribeClusters", "ListClusters"},
			Description: "a deleted cluster is described as INACTIVE and not listed",
			Source:      "API reference, Cluster.status",
			Run:         clusterDelete,
		},
		{
			Name: "cluster/delete-unknown", Operations: []string{"DeleteCluster"},
			Description: "a cluster that never was cannot be deleted",
			Source:      "API reference, DeleteCluster",
			Run: func(t *T) {
				_, err := t.ECS.DeleteCluster(t.ctx, &ecs.DeleteClusterInput{Cluster: aws.String(t.Name("unknown"))})
				t.Error(err, "DeleteCluster", "ClusterNotFoundException", "Cluster not found.")
			},
		},
		{
			Name: "cluster/create-after-delete", Operations: []string{"CreateCluster", "DeleteCluster"},
			Description: "a deleted cluster's name can be used again",
			Source:      "API reference, DescribeTasks on a cluster of the same name",
			Run: func(t *T) {
				name := t.Cluster("reborn")
				_, err := t.ECS.DeleteCluster(t.ctx, &ecs.DeleteClusterInput{Cluster: aws.String(name)})
				t.OK(err, "DeleteCluster")
				out, err := t.ECS.CreateCluster(t.ctx, &ecs.CreateClusterInput{ClusterName: aws.String(name)})
				t.OK(err, "CreateCluster of the same name")
				t.Equal("status", out.Cluster.Status, "ACTIVE")
			},
		},
	}
}

func clusterCreate(t *T) {
	name := t.Name("new")
	out, err := t.ECS.CreateCluster(t.ctx, &ecs.CreateClusterInput{ClusterName: aws.String(name)})
	t.OK(err, "CreateCluster")
	t.Cleanup(func(ctx context.Context) { t.deleteCluster(ctx, name) })
	c := out.Cluster
	t.Equal("clusterName", c.ClusterName, name)
	t.True(strings.HasPrefix(aws.ToString(c.ClusterArn), "arn:aws:ecs:") && strings.HasSuffix(aws.ToString(c.ClusterArn), ":cluster/"+name),
		"clusterArn %s ends in cluster/%s", aws.ToString(c.ClusterArn), name)
	t.Equal("status", c.Status, "ACTIVE")
	t.Equal("runningTasksCount", c.RunningTasksCount, 0)
	t.Equal("pendingTasksCount", c.PendingTasksCount, 0)
	t.Equal("activeServicesCount", c.ActiveServicesCount, 0)
	t.EmptyList("tags", c.Tags)
	t.EmptyList("statistics", c.Statistics)
	t.EmptyList("capacityProviders", c.CapacityProviders)
	t.EmptyList("defaultCapacityProviderStrategy", c.DefaultCapacityProviderStrategy)
	if len(c.Settings) != 1 || c.Settings[0].Name != types.ClusterSettingNameContainerInsights || aws.ToString(c.Settings[0].Value) != "disabled" {
		t.fail("settings are %s, want containerInsights disabled", show(c.Settings))
	}
	t.Equal("status by name", t.describeCluster(name).Status, "ACTIVE")
	t.Equal("clusterName by ARN", t.describeCluster(aws.ToString(c.ClusterArn)).ClusterName, name)
}

func clusterTags(t *T) {
	name := t.Name("tagged")
	_, err := t.ECS.CreateCluster(t.ctx, &ecs.CreateClusterInput{
		ClusterName: aws.String(name), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}},
	})
	t.OK(err, "CreateCluster")
	t.Cleanup(func(ctx context.Context) { t.deleteCluster(ctx, name) })
	t.Equal("number of tags when not asked for", len(t.describeCluster(name).Tags), 0)
	tags := t.describeCluster(name, types.ClusterFieldTags).Tags
	if len(tags) != 1 || aws.ToString(tags[0].Key) != "team" || aws.ToString(tags[0].Value) != "web" {
		t.fail("tags are %s, want team=web", show(tags))
	}
}

func clusterInclude(t *T) {
	name := t.Cluster("c")
	t.EmptyList("statistics when not asked for", t.describeCluster(name).Statistics)
	got := map[string]string{}
	for _, s := range t.describeCluster(name, types.ClusterFieldStatistics).Statistics {
		got[aws.ToString(s.Name)] = aws.ToString(s.Value)
	}
	for _, statistic := range []string{
		"runningEC2TasksCount", "runningFargateTasksCount", "pendingEC2TasksCount", "pendingFargateTasksCount",
		"activeEC2ServiceCount", "activeFargateServiceCount", "drainingEC2ServiceCount", "drainingFargateServiceCount",
	} {
		t.Equal(statistic, got[statistic], "0")
	}
	_, err := t.ECS.DescribeClusters(t.ctx, &ecs.DescribeClustersInput{Clusters: []string{name}, Include: []types.ClusterField{"EVERYTHING"}})
	t.ErrorHas(err, "DescribeClusters with an unknown part", "InvalidParameterException", "include should be one of [")
}

func clusterUpdate(t *T) {
	name := t.Cluster("c")
	t.tag(aws.ToString(t.describeCluster(name).ClusterArn), "team", "web")
	configuration := &types.ClusterConfiguration{ExecuteCommandConfiguration: &types.ExecuteCommandConfiguration{
		Logging: types.ExecuteCommandLoggingOverride, LogConfiguration: &types.ExecuteCommandLogConfiguration{CloudWatchLogGroupName: aws.String("logs")},
	}}
	out, err := t.ECS.UpdateCluster(t.ctx, &ecs.UpdateClusterInput{Cluster: aws.String(name), Configuration: configuration})
	t.OK(err, "UpdateCluster")
	t.Equal("configuration", out.Cluster.Configuration, *configuration)
	described := t.describeCluster(name, types.ClusterFieldConfigurations, types.ClusterFieldSettings, types.ClusterFieldTags)
	t.Equal("described configuration", described.Configuration, *configuration)
	t.Equal("setting that stayed", aws.ToString(described.Settings[0].Value), "disabled")
	t.Equal("tags that stayed", tagMap(described.Tags), map[string]string{"team": "web"})
	t.True(t.describeCluster(name).Configuration == nil, "no configuration where it is not asked for")

	_, err = t.ECS.UpdateCluster(t.ctx, &ecs.UpdateClusterInput{
		Cluster: aws.String(name), Settings: []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: aws.String("enabled")}},
	})
	t.OK(err, "UpdateCluster of a setting")
	described = t.describeCluster(name, types.ClusterFieldConfigurations, types.ClusterFieldSettings)
	t.Equal("configuration that stayed", described.Configuration, *configuration)
	t.Equal("setting", aws.ToString(described.Settings[0].Value), "enabled")

	plain := &types.ClusterConfiguration{ExecuteCommandConfiguration: &types.ExecuteCommandConfiguration{KmsKeyId: aws.String("key")}}
	out, err = t.ECS.UpdateCluster(t.ctx, &ecs.UpdateClusterInput{Cluster: aws.String(name), Configuration: plain})
	t.OK(err, "UpdateCluster with another configuration")
	t.Equal("logging that was not given", out.Cluster.Configuration.ExecuteCommandConfiguration.Logging, "DEFAULT")
	t.True(out.Cluster.Configuration.ExecuteCommandConfiguration.LogConfiguration == nil, "no logConfiguration is left of the one before")

	_, err = t.ECS.UpdateCluster(t.ctx, &ecs.UpdateClusterInput{Cluster: aws.String(name), Configuration: &types.ClusterConfiguration{
		ExecuteCommandConfiguration: &types.ExecuteCommandConfiguration{Logging: types.ExecuteCommandLoggingOverride},
	}})
	t.ErrorHas(err, "UpdateCluster that overrides with nothing", "InvalidParameterException",
		"A CloudWatch log group name or S3 bucket name must be specified when overriding the default log configuration")
	_, err = t.ECS.UpdateCluster(t.ctx, &ecs.UpdateClusterInput{Cluster: aws.String(t.Name("none"))})
	t.Error(err, "UpdateCluster of no cluster", "ClusterNotFoundException", "Cluster not found.")
}

func clusterUpdateSettings(t *T) {
	name := t.Cluster("c")
	update := func(value string) (*ecs.UpdateClusterSettingsOutput, error) {
		return t.ECS.UpdateClusterSettings(t.ctx, &ecs.UpdateClusterSettingsInput{
			Cluster: aws.String(name), Settings: []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: aws.String(value)}},
		})
	}
	out, err := update("enhanced")
	t.OK(err, "UpdateClusterSettings")
	t.Equal("setting", aws.ToString(out.Cluster.Settings[0].Value), "enhanced")
	t.Equal("described setting", aws.ToString(t.describeCluster(name, types.ClusterFieldSettings).Settings[0].Value), "enhanced")
	_, err = update("loud")
	t.Error(err, "UpdateClusterSettings with an unknown value", "InvalidParameterException", anyText)
	_, err = t.ECS.UpdateClusterSettings(t.ctx, &ecs.UpdateClusterSettingsInput{Cluster: aws.String(name), Settings: []types.ClusterSetting{}})
	t.Error(err, "UpdateClusterSettings of none", "InvalidParameterException", anyText)
}

func clusterCapacityProviders(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	put := func(providers []string, strategy ...types.CapacityProviderStrategyItem) (*types.Cluster, error) {
		out, err := t.ECS.PutClusterCapacityProviders(t.ctx, &ecs.PutClusterCapacityProvidersInput{
			Cluster: aws.String(cluster), CapacityProviders: providers, DefaultCapacityProviderStrategy: append([]types.CapacityProviderStrategyItem{}, strategy...),
		})
		if err != nil {
			return nil, err
		}
		return out.Cluster, nil
	}
	item := func(name string) types.CapacityProviderStrategyItem {
		return types.CapacityProviderStrategyItem{CapacityProvider: aws.String(name), Weight: 1}
	}
	out, err := put([]string{"FARGATE", "FARGATE_SPOT"}, item("FARGATE_SPOT"))
	t.OK(err, "PutClusterCapacityProviders")
	for what, c := range map[string]*types.Cluster{"answered": out, "described": new(t.describeCluster(cluster))} {
		providers := slices.Clone(c.CapacityProviders)
		slices.Sort(providers)
		t.Equal(what+" capacityProviders", providers, []string{"FARGATE", "FARGATE_SPOT"})
		t.Equal(what+" defaultCapacityProviderStrategy", c.DefaultCapacityProviderStrategy, []types.CapacityProviderStrategyItem{item("FARGATE_SPOT")})
	}
	t.registerFargate(family)
	task := t.RunTasks(&ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(family), NetworkConfiguration: network()})[0]
	t.Equal("capacityProviderName", task.CapacityProviderName, "FARGATE_SPOT")
	_, err = put([]string{"FARGATE"}, item("FARGATE"))
	t.Error(err, "PutClusterCapacityProviders without one that a task is of", "ResourceInUseException", anyText)
	_, err = put([]string{"FARGATE_SPOT"}, item("FARGATE"))
	t.ErrorHas(err, "PutClusterCapacityProviders with a strategy of others", "InvalidParameterException",
		"The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster")
	_, err = put([]string{"mine"})
	t.Error(err, "PutClusterCapacityProviders of an unknown one", "InvalidParameterException", anyText)
	out, err = put([]string{"FARGATE_SPOT"})
	t.OK(err, "PutClusterCapacityProviders without a strategy")
	t.Equal("capacityProviders", out.CapacityProviders, []string{"FARGATE_SPOT"})
	t.EmptyList("defaultCapacityProviderStrategy", out.DefaultCapacityProviderStrategy)
}

func clusterMissing(t *T) {
	name := t.Name("missing")
	out, err := t.ECS.DescribeClusters(t.ctx, &ecs.DescribeClustersInput{Clusters: []string{name}})
	t.OK(err, "DescribeClusters")
	t.Equal("number of clusters", len(out.Clusters), 0)
	t.missing(out.Failures, ":cluster/"+name)
}

// missing checks the failures of a describe call of one thing that is not there.
func (t *T) missing(failures []types.Failure, arnEnd string) {
	if len(failures) != 1 {
		t.Fatal("failures are %s, want one", show(failures))
	}
	t.Equal("failures[0].reason", failures[0].Reason, "MISSING")
	t.True(strings.HasPrefix(aws.ToString(failures[0].Arn), "arn:aws:ecs:") && strings.HasSuffix(aws.ToString(failures[0].Arn), arnEnd),
		"failures[0].arn %s ends in %s", aws.ToString(failures[0].Arn), arnEnd)
}

func clusterList(t *T) {
	names := []string{t.Cluster("one"), t.Cluster("two"), t.Cluster("three")}
	found := t.listClusters(2)
	for _, name := range names {
		t.Equal("times that "+name+" is listed", found[name], 1)
	}
	_, err := t.ECS.ListClusters(t.ctx, &ecs.ListClustersInput{NextToken: aws.String("no-such-token")})
	t.Error(err, "ListClusters with a bad token", "InvalidParameterException", anyText)
}

// listClusters counts the names on all pages.
func (t *T) listClusters(pageSize int32) map[string]int {
	found := map[string]int{}
	pages := ecs.NewListClustersPaginator(t.ECS, &ecs.ListClustersInput{MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.ctx)
		t.OK(err, "ListClusters")
		t.True(len(page.ClusterArns) <= int(pageSize), "a page has at most %d clusters", pageSize)
		for _, arn := range page.ClusterArns {
			found[lastPart(arn)]++
		}
	}
	return found
}

func lastPart(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

func clusterDelete(t *T) {
	name := t.Cluster("gone")
	out, err := t.ECS.DeleteCluster(t.ctx, &ecs.DeleteClusterInput{Cluster: aws.String(name)})
	t.OK(err, "DeleteCluster")
	t.Equal("status in the answer", out.Cluster.Status, "INACTIVE")
	t.Equal("status described", t.describeCluster(name).Status, "INACTIVE")
	t.Equal("times that it is listed", t.listClusters(100)[name], 0)
}
