package api

import (
	"context"
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
			if err := expectError[*types.InvalidParameterException](err, "Identifier is for cluster"); err != nil {
				t.Errorf("%s stops %s: %v", prefix, task, err)
			}
		}
	}
}
