package compat

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func daemonCases() []Case {
	return []Case{
		{
			Name: "daemon/create", Operations: []string{"CreateDaemon", "DescribeDaemon", "ListDaemons", "DescribeDaemonRevisions"},
			Description: "a daemon is ACTIVE at once; the same call again is no other daemon; its revision has ECS's defaults",
			Source:      "API reference, CreateDaemon, DescribeDaemon and DescribeDaemonRevisions, examples",
			Run:         daemonCreate,
		},
		{
			Name: "daemon/refused", Operations: []string{"CreateDaemon", "DescribeDaemon", "UpdateDaemon", "DeleteDaemon", "DescribeDaemonDeployments", "DescribeDaemonRevisions"},
			Description: "what is not there, and values out of range, are refused",
			Source:      "API reference, CreateDaemon and DescribeDaemon, errors",
			Run:         daemonRefused,
		},
		{
			Name: "daemon/tasks", Operations: []string{"CreateDaemon", "ListTasks", "DescribeDaemonDeployments", "ListDaemonDeployments"},
			Description: "an instance gets a task, which the lists know by the daemon's name; then the deployment is SUCCESSFUL",
			Source:      "Developer Guide, daemon deployments; API reference, DescribeDaemonDeployments, example",
			Needs:       []Feature{Tasks}, Timeout: 3 * time.Minute, Run: daemonTasks,
		},
		{
			Name: "daemon/update", Operations: []string{"UpdateDaemon", "DescribeDaemonDeployments", "ListDaemonDeployments", "DescribeDaemon"},
			Description: "an update is a deployment of a new revision, whose tasks replace those of the old one",
			Source:      "Developer Guide, daemon deployments",
			Needs:       []Feature{Tasks}, Timeout: 4 * time.Minute, Run: daemonUpdate,
		},
		{
			Name: "daemon/delete", Operations: []string{"DeleteDaemon", "DescribeDaemon", "DeleteDaemonTaskDefinition"},
			Description: "a deleted daemon is DELETE_IN_PROGRESS, is not deleted twice, and is gone in the end",
			Source:      "API reference, DeleteDaemon; Terraform AWS provider, daemon.go",
			Timeout:     2 * time.Minute, Run: daemonDelete,
		},
	}
}

// provider is the ARN of a capacity provider beside a cluster.
func provider(cluster types.Cluster) string {
	account, _, _ := strings.Cut(aws.ToString(cluster.ClusterArn), ":cluster/")
	return account + ":capacity-provider/managed"
}

// aDaemon makes a cluster and a daemon in it; both go after the case.
func (t *T) aDaemon(change ...func(*ecs.CreateDaemonInput)) (types.Cluster, *ecs.CreateDaemonOutput, *ecs.CreateDaemonInput) {
	cluster := t.describeCluster(t.Cluster("c"))
	in := &ecs.CreateDaemonInput{
		DaemonName: aws.String("agent"), ClusterArn: cluster.ClusterArn, CapacityProviderArns: []string{provider(cluster)},
		DaemonTaskDefinitionArn: aws.String(t.RegisterDaemon(t.Name("agent"), t.daemonContainer())),
	}
	for _, fn := range change {
		fn(in)
	}
	out, err := t.ECS.CreateDaemon(t.ctx, in)
	t.OK(err, "CreateDaemon")
	t.Cleanup(func(ctx context.Context) {
		_, _ = t.ECS.DeleteDaemon(ctx, &ecs.DeleteDaemonInput{DaemonArn: out.DaemonArn})
		t.awaitDaemonGone(ctx, out.DaemonArn)
	})
	return cluster, out, in
}

func (t *T) awaitDaemonGone(ctx context.Context, arn *string) {
	_, err := eventually(ctx, cleanupTimeout, func() (bool, error) { return t.daemonGone(ctx, arn) })
	if err != nil {
		t.fail("the daemon is gone: %v", err)
	}
}

func (t *T) daemonGone(ctx context.Context, arn *string) (bool, error) {
	_, err := t.ECS.DescribeDaemon(ctx, &ecs.DescribeDaemonInput{DaemonArn: arn})
	if isCode(err, "DaemonNotFoundException") || isCode(err, "ClusterNotFoundException") {
		return true, nil
	}
	return false, err
}

func (t *T) describeDaemon(arn *string) *types.DaemonDetail {
	out, err := t.ECS.DescribeDaemon(t.ctx, &ecs.DescribeDaemonInput{DaemonArn: arn})
	t.OK(err, "DescribeDaemon")
	return out.Daemon
}

func (t *T) describeDaemonDeployment(arn *string) types.DaemonDeployment {
	out, err := t.ECS.DescribeDaemonDeployments(t.ctx, &ecs.DescribeDaemonDeploymentsInput{DaemonDeploymentArns: []string{aws.ToString(arn)}})
	t.OK(err, "DescribeDaemonDeployments")
	if len(out.DaemonDeployments) != 1 || len(out.Failures) > 0 {
		t.Fatal("%d deployments and %d failures, want 1 and none", len(out.DaemonDeployments), len(out.Failures))
	}
	return out.DaemonDeployments[0]
}

// deployed waits until a daemon's deployment is SUCCESSFUL.
func (t *T) deployed(arn *string) types.DaemonDeployment {
	var d types.DaemonDeployment
	t.Eventually(waiterLimit, "the deployment is SUCCESSFUL", func() (bool, error) {
		d = t.describeDaemonDeployment(arn)
		return d.Status == types.DaemonDeploymentStatusSuccessful, nil
	})
	return d
}

func daemonCreate(t *T) {
	token := func(in *ecs.CreateDaemonInput) {
		in.ClientToken, in.Tags = aws.String(t.Name("token")), []types.Tag{{Key: aws.String("team"), Value: aws.String("ops")}}
	}
	cluster, created, in := t.aDaemon(token)
	t.True(strings.HasSuffix(aws.ToString(created.DaemonArn), ":daemon/"+aws.ToString(cluster.ClusterName)+"/agent"), "daemonArn %s ends with cluster and name", aws.ToString(created.DaemonArn))
	t.True(strings.Contains(aws.ToString(created.DeploymentArn), ":daemon-deployment/"+aws.ToString(cluster.ClusterName)+"/agent/"), "deploymentArn names cluster and daemon")
	t.Equal("status", created.Status, "ACTIVE")
	again, err := t.ECS.CreateDaemon(t.ctx, in)
	t.OK(err, "CreateDaemon with the same token")
	t.Equal("deploymentArn of the call made again", again.DeploymentArn, created.DeploymentArn)
	other := *in
	other.ClientToken = nil
	_, err = t.ECS.CreateDaemon(t.ctx, &other)
	t.Error(err, "CreateDaemon of the same name", "InvalidParameterException", anyText)

	detail := t.describeDaemon(created.DaemonArn)
	t.Equal("clusterArn", detail.ClusterArn, cluster.ClusterArn)
	t.Equal("deploymentArn", detail.DeploymentArn, created.DeploymentArn)
	t.Equal("currentRevisions", len(detail.CurrentRevisions), 1)
	t.Equal("its capacityProvider", detail.CurrentRevisions[0].CapacityProviders[0].Arn, provider(cluster))
	revisions, err := t.ECS.DescribeDaemonRevisions(t.ctx, &ecs.DescribeDaemonRevisionsInput{DaemonRevisionArns: []string{aws.ToString(detail.CurrentRevisions[0].Arn)}})
	t.OK(err, "DescribeDaemonRevisions")
	t.Equal("revisions", len(revisions.DaemonRevisions), 1)
	revision := revisions.DaemonRevisions[0]
	t.Equal("daemonTaskDefinitionArn", revision.DaemonTaskDefinitionArn, in.DaemonTaskDefinitionArn)
	t.Equal("critical", revision.Critical, true)
	t.Equal("propagateTags", revision.PropagateTags, "NONE")
	t.Equal("enableExecuteCommand", revision.EnableExecuteCommand, false)
	t.Equal("image", revision.ContainerImages[0].Image, t.Image("sleeps"))

	tags, err := t.ECS.ListTagsForResource(t.ctx, &ecs.ListTagsForResourceInput{ResourceArn: created.DaemonArn})
	t.OK(err, "ListTagsForResource")
	t.Equal("tags", len(tags.Tags), 1)
	for _, c := range []struct {
		provider string
		want     int
	}{{provider(cluster), 1}, {provider(cluster) + "2", 0}} {
		list, err := t.ECS.ListDaemons(t.ctx, &ecs.ListDaemonsInput{ClusterArn: cluster.ClusterArn, CapacityProviderArns: []string{c.provider}})
		t.OK(err, "ListDaemons")
		t.Equal("daemons of "+c.provider, len(list.DaemonSummariesList), c.want)
	}
}

func daemonRefused(t *T) {
	cluster := t.describeCluster(t.Cluster("c"))
	definition := t.RegisterDaemon(t.Name("agent"), t.daemonContainer())
	create := func(change func(*ecs.CreateDaemonInput)) error {
		in := &ecs.CreateDaemonInput{
			DaemonName: aws.String("agent"), ClusterArn: cluster.ClusterArn, CapacityProviderArns: []string{provider(cluster)},
			DaemonTaskDefinitionArn: aws.String(definition),
		}
		change(in)
		_, err := t.ECS.CreateDaemon(t.ctx, in)
		return err
	}
	config := func(c types.DaemonDeploymentConfiguration) func(*ecs.CreateDaemonInput) {
		return func(in *ecs.CreateDaemonInput) { in.DeploymentConfiguration = &c }
	}
	t.Error(create(func(in *ecs.CreateDaemonInput) { in.DaemonName = aws.String("a b") }), "CreateDaemon of a bad name", "InvalidParameterException", anyText)
	t.Error(create(func(in *ecs.CreateDaemonInput) { in.DaemonTaskDefinitionArn = aws.String(definition + "0") }), "CreateDaemon of an unknown definition", "ClientException", anyText)
	t.Error(create(func(in *ecs.CreateDaemonInput) { in.CapacityProviderArns = []string{"managed"} }), "CreateDaemon of a provider's name", "InvalidParameterException", anyText)
	t.Error(create(config(types.DaemonDeploymentConfiguration{DrainPercent: aws.Float64(101)})), "CreateDaemon with a drainPercent of 101", "InvalidParameterException", anyText)
	t.Error(create(config(types.DaemonDeploymentConfiguration{BakeTimeInMinutes: 1441})), "CreateDaemon with a bake time of 1441", "InvalidParameterException", anyText)

	arn := strings.Replace(aws.ToString(cluster.ClusterArn), ":cluster/", ":daemon/", 1) + "/none"
	_, err := t.ECS.DescribeDaemon(t.ctx, &ecs.DescribeDaemonInput{DaemonArn: &arn})
	t.Error(err, "DescribeDaemon of an unknown one", "DaemonNotFoundException", anyText)
	_, err = t.ECS.DeleteDaemon(t.ctx, &ecs.DeleteDaemonInput{DaemonArn: &arn})
	t.Error(err, "DeleteDaemon of an unknown one", "DaemonNotFoundException", anyText)
	_, err = t.ECS.UpdateDaemon(t.ctx, &ecs.UpdateDaemonInput{DaemonArn: &arn, DaemonTaskDefinitionArn: &definition, CapacityProviderArns: []string{provider(cluster)}})
	t.Error(err, "UpdateDaemon of an unknown one", "DaemonNotFoundException", anyText)
	of := func(kind string) []string {
		return []string{strings.Replace(arn, ":daemon/", ":"+kind+"/", 1) + "/none"}
	}
	deployments, err := t.ECS.DescribeDaemonDeployments(t.ctx, &ecs.DescribeDaemonDeploymentsInput{DaemonDeploymentArns: of("daemon-deployment")})
	t.OK(err, "DescribeDaemonDeployments of an unknown one")
	t.Equal("failures", len(deployments.Failures), 1)
	revisions, err := t.ECS.DescribeDaemonRevisions(t.ctx, &ecs.DescribeDaemonRevisionsInput{DaemonRevisionArns: of("daemon-revision")})
	t.OK(err, "DescribeDaemonRevisions of an unknown one")
	t.Equal("failures", len(revisions.Failures), 1)
}

func daemonTasks(t *T) {
	cluster, created, in := t.aDaemon()
	d := t.deployed(created.DeploymentArn)
	t.Equal("statusReason", d.StatusReason, "Deployment completed successfully.")
	t.Equal("drainPercent", *d.DeploymentConfiguration.DrainPercent, 25.0)
	t.Equal("alarms.status", d.Alarms.Status, "DISABLED")
	t.Equal("circuitBreaker.status", d.CircuitBreaker.Status, "MONITORING_COMPLETE")
	t.Equal("circuitBreaker.threshold", d.CircuitBreaker.Threshold, 10)
	t.EmptyList("sourceDaemonRevisions", d.SourceDaemonRevisions)
	t.True(d.StartedAt != nil && d.FinishedAt != nil && d.StoppedAt == nil, "startedAt and finishedAt are there, stoppedAt is not")
	running := aws.ToInt32(d.TargetDaemonRevision.TotalRunningInstanceCount)
	t.True(running > 0, "the daemon runs on an instance")

	list, err := t.ECS.ListTasks(t.ctx, &ecs.ListTasksInput{Cluster: cluster.ClusterArn, DaemonName: aws.String("agent")})
	t.OK(err, "ListTasks")
	t.Equal("tasks", len(list.TaskArns), int(running))
	none, err := t.ECS.ListTasks(t.ctx, &ecs.ListTasksInput{Cluster: cluster.ClusterArn, DaemonName: aws.String("other")})
	t.OK(err, "ListTasks of another daemon")
	t.EmptyList("taskArns", none.TaskArns)
	tasks, err := t.ECS.DescribeTasks(t.ctx, &ecs.DescribeTasksInput{Cluster: cluster.ClusterArn, Tasks: list.TaskArns})
	t.OK(err, "DescribeTasks")
	task := tasks.Tasks[0]
	t.Equal("lastStatus", task.LastStatus, "RUNNING")
	t.Equal("group", task.Group, "daemon:agent")
	t.Equal("launchType", task.LaunchType, "MANAGED_INSTANCES")
	t.Equal("capacityProviderName", task.CapacityProviderName, "managed")
	t.Equal("taskDefinitionArn", task.TaskDefinitionArn, in.DaemonTaskDefinitionArn)

	deployments, err := t.ECS.ListDaemonDeployments(t.ctx, &ecs.ListDaemonDeploymentsInput{DaemonArn: created.DaemonArn})
	t.OK(err, "ListDaemonDeployments")
	t.Equal("deployments", len(deployments.DaemonDeployments), 1)
	t.Equal("daemonDeploymentArn", deployments.DaemonDeployments[0].DaemonDeploymentArn, created.DeploymentArn)
}

func daemonUpdate(t *T) {
	cluster, created, in := t.aDaemon()
	first := t.deployed(created.DeploymentArn)
	definition := t.RegisterDaemon(t.Name("agent"), t.daemonContainer("90"))
	updated, err := t.ECS.UpdateDaemon(t.ctx, &ecs.UpdateDaemonInput{
		DaemonArn: created.DaemonArn, DaemonTaskDefinitionArn: &definition, CapacityProviderArns: in.CapacityProviderArns,
		DeploymentConfiguration: &types.DaemonDeploymentConfiguration{DrainPercent: aws.Float64(100)},
	})
	t.OK(err, "UpdateDaemon")
	t.True(aws.ToString(updated.DeploymentArn) != aws.ToString(created.DeploymentArn), "the update is a deployment of its own")
	second := t.deployed(updated.DeploymentArn)
	t.Equal("sourceDaemonRevisions", len(second.SourceDaemonRevisions), 1)
	t.Equal("the source revision", second.SourceDaemonRevisions[0].Arn, first.TargetDaemonRevision.Arn)
	detail := t.describeDaemon(created.DaemonArn)
	t.Equal("currentRevisions", len(detail.CurrentRevisions), 1)
	t.Equal("the current revision", detail.CurrentRevisions[0].Arn, second.TargetDaemonRevision.Arn)
	t.True(detail.CurrentRevisions[0].TotalRunningCount > 0, "the new revision runs on an instance")
	list, err := t.ECS.ListTasks(t.ctx, &ecs.ListTasksInput{Cluster: cluster.ClusterArn, DaemonName: aws.String("agent")})
	t.OK(err, "ListTasks")
	tasks, err := t.ECS.DescribeTasks(t.ctx, &ecs.DescribeTasksInput{Cluster: cluster.ClusterArn, Tasks: list.TaskArns})
	t.OK(err, "DescribeTasks")
	for _, task := range tasks.Tasks {
		t.Equal("taskDefinitionArn", task.TaskDefinitionArn, definition)
	}
	deployments, err := t.ECS.ListDaemonDeployments(t.ctx, &ecs.ListDaemonDeploymentsInput{
		DaemonArn: created.DaemonArn, Status: []types.DaemonDeploymentStatus{types.DaemonDeploymentStatusSuccessful},
	})
	t.OK(err, "ListDaemonDeployments")
	t.Equal("deployments", len(deployments.DaemonDeployments), 2)
	t.Equal("the newest", deployments.DaemonDeployments[0].DaemonDeploymentArn, updated.DeploymentArn)
}

func daemonDelete(t *T) {
	cluster, created, in := t.aDaemon()
	_, err := t.ECS.DeleteCluster(t.ctx, &ecs.DeleteClusterInput{Cluster: cluster.ClusterArn})
	t.Error(err, "DeleteCluster of a cluster with a daemon", "ClusterContainsTasksException", anyText)
	_, err = t.ECS.DeleteDaemonTaskDefinition(t.ctx, &ecs.DeleteDaemonTaskDefinitionInput{DaemonTaskDefinition: in.DaemonTaskDefinitionArn})
	t.OK(err, "DeleteDaemonTaskDefinition")
	t.Equal("status of the definition that runs", t.describeDaemonDefinition(*in.DaemonTaskDefinitionArn).Status, "DELETE_IN_PROGRESS")
	deleted, err := t.ECS.DeleteDaemon(t.ctx, &ecs.DeleteDaemonInput{DaemonArn: created.DaemonArn})
	t.OK(err, "DeleteDaemon")
	t.Equal("status", deleted.Status, "DELETE_IN_PROGRESS")
	t.True(aws.ToString(deleted.DeploymentArn) != aws.ToString(created.DeploymentArn), "the deletion is a deployment of its own")
	_, err = t.ECS.DeleteDaemon(t.ctx, &ecs.DeleteDaemonInput{DaemonArn: created.DaemonArn})
	t.True(err != nil, "DeleteDaemon again fails")
	t.Eventually(time.Minute, "the daemon is gone", func() (bool, error) { return t.daemonGone(t.ctx, created.DaemonArn) })
	t.Equal("status of the definition that nothing runs", t.describeDaemonDefinition(*in.DaemonTaskDefinitionArn).Status, "DELETED")
}
