package api

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/localcluster"
)

// TestAccountsAndRegionsAreApart: the same names in two accounts and two regions
// are different things, and nobody sees another's.
func TestAccountsAndRegionsAreApart(t *testing.T) {
	t.Parallel()
	g := startGantry(t, startCluster(t, localcluster.Options{}))
	ctx := context.Background()
	callers := map[string]*ecs.Client{
		"arn:aws:ecs:us-east-1:000000000000:": g.home(),
		"arn:aws:ecs:us-east-1:111111111111:": g.client("111111111111", "us-east-1"),
		"arn:aws:ecs:eu-west-1:111111111111:": g.client("111111111111", "eu-west-1"),
	}
	tasks := map[string]string{}
	for prefix, api := range callers {
		prepare(ctx, t, api, "app")
		out, err := api.RunTask(ctx, &ecs.RunTaskInput{TaskDefinition: aws.String("app")})
		if err != nil {
			t.Fatal(err)
		}
		tasks[prefix] = aws.ToString(out.Tasks[0].TaskArn)
		if want := prefix + "task-definition/app:1"; aws.ToString(out.Tasks[0].TaskDefinitionArn) != want {
			t.Errorf("it runs %s, want %s", aws.ToString(out.Tasks[0].TaskDefinitionArn), want)
		}
	}
	for prefix, api := range callers {
		clusters, err := api.ListClusters(ctx, &ecs.ListClustersInput{})
		if err != nil {
			t.Fatal(err)
		}
		if len(clusters.ClusterArns) != 1 || clusters.ClusterArns[0] != prefix+"cluster/default" {
			t.Errorf("%s sees the clusters %v", prefix, clusters.ClusterArns)
		}
		list, err := api.ListTasks(ctx, &ecs.ListTasksInput{})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.TaskArns) != 1 || list.TaskArns[0] != tasks[prefix] {
			t.Errorf("%s sees the tasks %v, want %s", prefix, list.TaskArns, tasks[prefix])
		}
		for other, task := range tasks {
			if other == prefix {
				continue
			}
			_, err := api.StopTask(ctx, &ecs.StopTaskInput{Task: aws.String(task)})
			if err := expectError[*types.InvalidParameterException](err, "Identifier is for "); err != nil {
				t.Errorf("%s stops %s: %v", prefix, task, err)
			}
			for what, err := range callsOnAnothers(ctx, api, other, task) {
				if err != nil {
					t.Errorf("%s, of %s, by %s: %v", what, other, prefix, err)
				}
			}
		}
	}
	for prefix, api := range callers {
		tags, err := api.ListTagsForResource(ctx, &ecs.ListTagsForResourceInput{ResourceArn: aws.String(tasks[prefix])})
		if err != nil || len(tags.Tags) != 0 {
			t.Errorf("the task of %s has tags %v, error %v", prefix, tags, err)
		}
	}
	settingsAreApart(ctx, t, callers)
}

// callsOnAnothers name what another account or region has by its ARN; each says
// how its answer differs from ECS's error.
func callsOnAnothers(ctx context.Context, api *ecs.Client, prefix, task string) map[string]error {
	cluster, definition := aws.String(prefix+"cluster/default"), aws.String(prefix+"task-definition/app:1")
	wrong := map[string]error{}
	_, err := api.RunTask(ctx, &ecs.RunTaskInput{TaskDefinition: definition})
	wrong["run its task definition"] = expectError[*types.ClientException](err, "TaskDefinition not found.")
	_, err = api.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: definition})
	wrong["describe its task definition"] = expectError[*types.ClientException](err, "Unable to describe task definition.")
	_, err = api.ListTasks(ctx, &ecs.ListTasksInput{Cluster: cluster})
	wrong["list the tasks of its cluster"] = expectError[*types.ClusterNotFoundException](err, "Cluster not found.")
	_, err = api.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: cluster})
	wrong["delete its cluster"] = expectError[*types.ClusterNotFoundException](err, "Cluster not found.")
	_, err = api.UpdateTaskProtection(ctx, &ecs.UpdateTaskProtectionInput{Cluster: aws.String("default"), Tasks: []string{task}, ProtectionEnabled: true})
	wrong["protect its task"] = expectError[*types.InvalidParameterException](err, "Identifier is for ")
	_, err = api.StartTask(ctx, &ecs.StartTaskInput{
		TaskDefinition: aws.String("app"), ContainerInstances: []string{prefix + "container-instance/default/" + strings.Repeat("0", 32)},
	})
	wrong["start a task on its container instance"] = expectError[*types.InvalidParameterException](err, "Identifier is for ")
	for what, resource := range map[string]string{"cluster": *cluster, "task definition": *definition, "task": task} {
		_, err = api.TagResource(ctx, &ecs.TagResourceInput{
			ResourceArn: aws.String(resource), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
		})
		wrong["tag its "+what] = expectError[*types.ResourceNotFoundException](err, "was not found")
	}
	return wrong
}

// settingsAreApart: what one sets as its default holds for nobody else.
func settingsAreApart(ctx context.Context, t *testing.T, callers map[string]*ecs.Client) {
	t.Helper()
	const setter = "arn:aws:ecs:us-east-1:111111111111:"
	if _, err := callers[setter].PutAccountSettingDefault(ctx, &ecs.PutAccountSettingDefaultInput{
		Name: types.SettingNameContainerInsights, Value: aws.String("enabled"),
	}); err != nil {
		t.Fatal(err)
	}
	for prefix, api := range callers {
		out, err := api.ListAccountSettings(ctx, &ecs.ListAccountSettingsInput{Name: types.SettingNameContainerInsights, EffectiveSettings: true})
		if err != nil {
			t.Fatal(err)
		}
		want := "disabled"
		if prefix == setter {
			want = "enabled"
		}
		if len(out.Settings) != 1 || aws.ToString(out.Settings[0].Value) != want {
			t.Errorf("%s has the settings %v, want %s", prefix, out.Settings, want)
		}
	}
}
