package compat

import (
	"math"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// serviceStateCases follow services and their deployments.
func serviceStateCases() []Case {
	return []Case{
		{
			Name: "service/events", Operations: []string{"DescribeServices"}, Needs: []Feature{Tasks},
			Description: "events and rollout state tell of a deployment in ECS's words, newest first",
			Source:      "Developer Guide, service event messages; texts seen in public logs",
			Timeout:     4 * time.Minute, Run: serviceEvents,
		},
		{
			Name: "service/roll-keeps-the-minimum", Operations: []string{"UpdateService"}, Needs: []Feature{Tasks},
			Description: "a service that may not fall below its count keeps its tasks, even young ones, while new ones cannot start",
			Source:      "API reference, DeploymentConfiguration.minimumHealthyPercent: tasks that must remain RUNNING",
			Timeout:     4 * time.Minute, Run: serviceKeepsMinimum,
		},
		{
			Name: "service/restarts-what-ends", Operations: []string{"DescribeServices", "ListTasks"}, Needs: []Feature{Containers},
			Description: "a task that ends is replaced again and again, and each is described",
			Source:      "Developer Guide, services",
			Timeout:     4 * time.Minute, Run: serviceRestarts,
		},
		{
			Name: "service/replaces-the-unhealthy", Operations: []string{"DescribeTasks"}, Needs: []Feature{Containers},
			Description: "a task whose health check fails is replaced",
			Source:      "text seen in public logs",
			Timeout:     4 * time.Minute, Run: serviceUnhealthy,
		},
		{
			Name: "service/fargate", Operations: []string{"CreateService", "DescribeServices"},
			Description: "a Fargate service keeps LATEST and its network; its deployment shows the version that this means",
			Source:      "AWS CLI examples, create-service",
			Run:         serviceFargate,
		},
		{
			Name: "service/deployment-configuration", Operations: []string{"CreateService", "UpdateService"},
			Description: "the percentages are kept as given, and changed without a deployment",
			Source:      "API reference, UpdateService.deploymentConfiguration",
			Run:         servicePercentages,
		},
		{
			Name: "service/filters", Operations: []string{"ListServices"},
			Description: "services are listed by launch type and scheduling strategy",
			Source:      "API reference, ListServices",
			Run:         serviceFilters,
		},
		{
			Name: "service/identifiers", Operations: []string{"DescribeServices", "UpdateService", "DeleteService"},
			Description: "a service is named by name or by ARN",
			Source:      "API reference, DescribeServices",
			Run:         serviceIdentifiers,
		},
		{
			Name: "service/tags", Operations: []string{"CreateService", "DescribeServices"}, Needs: []Feature{Tasks},
			Description: "tags are described where asked for, and propagated to tasks",
			Source:      "API reference, CreateService.propagateTags, .enableECSManagedTags",
			Timeout:     3 * time.Minute, Run: serviceTags,
		},
	}
}

func serviceEvents(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	d := primary(t.Service(cluster, "web", family, 2))
	id := aws.ToString(d.Id)
	t.Equal("rolloutStateReason at first", d.RolloutStateReason, "ECS deployment "+id+" in progress.")
	t.servicesStable(cluster, "web")
	wanted := []string{
		"(service web) has reached a steady state.",
		"(service web) (deployment " + id + ") deployment completed.",
	}
	t.Eventually(2*time.Minute, "the events are "+strings.Join(wanted, " and "), func() (bool, error) {
		return hasEvents(t.describeService(cluster, "web"), wanted...), nil
	})
	s := t.describeService(cluster, "web")
	t.Equal("rolloutState", primary(&s).RolloutState, "COMPLETED")
	t.Equal("rolloutStateReason", primary(&s).RolloutStateReason, "ECS deployment "+id+" completed.")
	started := 0
	for i, e := range s.Events {
		message := aws.ToString(e.Message)
		if strings.HasPrefix(message, "(service web) has started ") {
			started += strings.Count(message, "(task ")
		}
		t.True(aws.ToString(e.Id) != "" && e.CreatedAt != nil, "an event has id and createdAt")
		if i > 0 && e.CreatedAt != nil && s.Events[i-1].CreatedAt != nil {
			t.True(!e.CreatedAt.After(*s.Events[i-1].CreatedAt), "events are newest first")
		}
	}
	t.Equal("tasks in the events of starting", started, 2)
}

func hasEvents(s types.Service, wanted ...string) bool {
	has := map[string]bool{}
	for _, e := range s.Events {
		has[aws.ToString(e.Message)] = true
	}
	for _, w := range wanted {
		if !has[w] {
			return false
		}
	}
	return true
}

// serviceKeepsMinimum deploys what no instance has the memory for. A gap while
// tasks are exchanged may be too short to be seen, and times are known to the
// second only; here whatever is stopped has no replacement, and stays missed.
func serviceKeepsMinimum(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	t.Service(cluster, "web", family, 2)
	t.servicesStable(cluster, "web")
	old := t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster)})
	t.Equal("number of tasks before the update", len(old), 2)

	tooLarge := t.container("sleeps")
	tooLarge.Memory = aws.Int32(math.MaxInt32) // MiB: 2 PiB, more than a simulated node claims
	t.Register(family, tooLarge)
	t.updateService(&ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String("web"), TaskDefinition: aws.String(family)})
	lost, err := eventually(t.ctx, watchMinimum, func() (bool, error) {
		return t.describeService(cluster, "web").RunningCount < 2, nil
	})
	t.OK(err, "DescribeServices")
	t.True(!lost, "2 tasks keep running for %s though none can replace them", watchMinimum)
	s := t.describeService(cluster, "web")
	t.Equal("runningCount of the deployment that cannot start", primary(&s).RunningCount, 0)
	for _, arn := range old {
		t.Equal("desiredStatus of an old task", t.describeTask(cluster, arn).DesiredStatus, "RUNNING")
	}
}

// watchMinimum is long enough for a rollout to have gone wrong.
const watchMinimum = 10 * time.Second

func serviceRestarts(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	c := t.container("exits", "7")
	c.Environment = []types.KeyValuePair{{Name: aws.String("AFTER"), Value: aws.String("1s")}}
	t.Register(family, c)
	t.Service(cluster, "web", family, 1)
	var stopped []string
	t.Eventually(2*time.Minute, "two tasks have ended", func() (bool, error) {
		stopped = t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String("web"), DesiredStatus: types.DesiredStatusStopped})
		return len(stopped) >= 2, nil
	})
	for _, arn := range stopped {
		task := t.describeTask(cluster, arn)
		t.Equal("stopCode", task.StopCode, "EssentialContainerExited")
		t.Equal("exitCode", task.Containers[0].ExitCode, 7)
		t.Equal("group", task.Group, "service:web")
	}
	t.Equal("status of the service", t.describeService(cluster, "web").Status, "ACTIVE")
}

func serviceUnhealthy(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.checked("-no-such-flag"))
	t.Service(cluster, "web", family, 1)
	var stopped []string
	t.Eventually(2*time.Minute, "a task is stopped", func() (bool, error) {
		stopped = t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String("web"), DesiredStatus: types.DesiredStatusStopped})
		return len(stopped) > 0, nil
	})
	if len(stopped) == 0 {
		return
	}
	task := t.describeTask(cluster, stopped[len(stopped)-1])
	t.Equal("stopCode", task.StopCode, "ServiceSchedulerInitiated")
	t.Equal("stoppedReason", task.StoppedReason, "Task failed container health checks")
	t.Equal("healthStatus", task.HealthStatus, "UNHEALTHY")
}

func serviceFargate(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.registerFargate(family)
	out, err := t.ECS.CreateService(t.ctx, &ecs.CreateServiceInput{
		Cluster: aws.String(cluster), ServiceName: aws.String("web"), TaskDefinition: aws.String(family), DesiredCount: aws.Int32(0),
		LaunchType: types.LaunchTypeFargate, NetworkConfiguration: network(),
	})
	t.OK(err, "CreateService")
	t.deleteAfter(cluster, "web")
	s := t.describeService(cluster, "web")
	t.Equal("platformVersion in the answer", out.Service.PlatformVersion, "LATEST")
	t.Equal("platformVersion", s.PlatformVersion, "LATEST")
	t.Equal("platformFamily", s.PlatformFamily, "Linux")
	t.Equal("deployment's platformVersion", primary(&s).PlatformVersion, "1.4.0")
	t.Equal("launchType", s.LaunchType, "FARGATE")
	t.True(strings.HasSuffix(aws.ToString(s.RoleArn), "/AWSServiceRoleForECS"), "roleArn %s is the service-linked role", aws.ToString(s.RoleArn))
	if n := s.NetworkConfiguration; n == nil || n.AwsvpcConfiguration == nil {
		t.fail("networkConfiguration is absent")
	} else {
		t.Equal("assignPublicIp", n.AwsvpcConfiguration.AssignPublicIp, "DISABLED")
		t.Equal("subnets", n.AwsvpcConfiguration.Subnets, network().AwsvpcConfiguration.Subnets)
	}
}

func servicePercentages(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	out, err := t.ECS.CreateService(t.ctx, &ecs.CreateServiceInput{
		Cluster: aws.String(cluster), ServiceName: aws.String("web"), TaskDefinition: aws.String(family), DesiredCount: aws.Int32(0),
		DeploymentConfiguration:     &types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(50), MaximumPercent: aws.Int32(150)},
		AvailabilityZoneRebalancing: types.AvailabilityZoneRebalancingDisabled, // it goes with more than 100 alone
	})
	t.OK(err, "CreateService")
	t.deleteAfter(cluster, "web")
	t.Equal("minimumHealthyPercent", out.Service.DeploymentConfiguration.MinimumHealthyPercent, 50)
	t.Equal("maximumPercent", out.Service.DeploymentConfiguration.MaximumPercent, 150)
	s := t.updateService(&ecs.UpdateServiceInput{
		Cluster: aws.String(cluster), Service: aws.String("web"),
		DeploymentConfiguration: &types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(0), MaximumPercent: aws.Int32(100)},
	})
	t.Equal("minimumHealthyPercent, updated", s.DeploymentConfiguration.MinimumHealthyPercent, 0)
	t.Equal("maximumPercent, updated", s.DeploymentConfiguration.MaximumPercent, 100)
	t.Equal("deployment's id", primary(s).Id, primary(out.Service).Id)
}

func serviceFilters(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	t.Service(cluster, "web", family, 0)
	for _, c := range []struct {
		in   ecs.ListServicesInput
		want int
	}{
		{ecs.ListServicesInput{LaunchType: types.LaunchTypeEc2}, 1},
		{ecs.ListServicesInput{LaunchType: types.LaunchTypeFargate}, 0},
		{ecs.ListServicesInput{SchedulingStrategy: types.SchedulingStrategyReplica}, 1},
		{ecs.ListServicesInput{SchedulingStrategy: types.SchedulingStrategyDaemon}, 0},
	} {
		c.in.Cluster = aws.String(cluster)
		out, err := t.ECS.ListServices(t.ctx, &c.in)
		t.OK(err, "ListServices")
		t.Equal("services of "+string(c.in.LaunchType)+string(c.in.SchedulingStrategy), len(out.ServiceArns), c.want)
	}
}

func serviceIdentifiers(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	arn := aws.ToString(t.Service(cluster, "web", family, 0).ServiceArn)
	t.Service(cluster, "other", family, 0)
	clusterARN := aws.ToString(t.describeCluster(cluster).ClusterArn)

	out, err := t.ECS.DescribeServices(t.ctx, &ecs.DescribeServicesInput{Cluster: aws.String(clusterARN), Services: []string{"other", arn, "web"}})
	t.OK(err, "DescribeServices")
	names := make([]string, len(out.Services))
	for i, s := range out.Services {
		names[i] = aws.ToString(s.ServiceName)
	}
	t.From("answers seen on AWS follow the request's order and have a service once")
	t.Equal("services", names, []string{"other", "web"})
	t.From("API reference, UpdateService.service, DeleteService.service")
	s := t.updateService(&ecs.UpdateServiceInput{Cluster: aws.String(clusterARN), Service: aws.String(arn), DesiredCount: aws.Int32(0)})
	t.Equal("serviceArn", s.ServiceArn, arn)
	deleted, err := t.ECS.DeleteService(t.ctx, &ecs.DeleteServiceInput{Cluster: aws.String(clusterARN), Service: aws.String(arn)})
	t.OK(err, "DeleteService")
	t.Equal("status", deleted.Service.Status, "DRAINING")
}

func serviceTags(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	_, err := t.ECS.CreateService(t.ctx, &ecs.CreateServiceInput{
		Cluster: aws.String(cluster), ServiceName: aws.String("web"), TaskDefinition: aws.String(family), DesiredCount: aws.Int32(1),
		PropagateTags: types.PropagateTagsService, EnableECSManagedTags: true, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}},
	})
	t.OK(err, "CreateService")
	t.deleteAfter(cluster, "web")
	t.Equal("number of tags when not asked for", len(t.describeService(cluster, "web").Tags), 0)
	out, err := t.ECS.DescribeServices(t.ctx, &ecs.DescribeServicesInput{
		Cluster: aws.String(cluster), Services: []string{"web"}, Include: []types.ServiceField{types.ServiceFieldTags},
	})
	t.OK(err, "DescribeServices with tags")
	if len(out.Services) != 1 || len(out.Services[0].Tags) != 1 {
		t.fail("the service has one tag, got %s", show(out.Services))
	}
	t.servicesStable(cluster, "web")
	tasks, err := t.ECS.DescribeTasks(t.ctx, &ecs.DescribeTasksInput{
		Cluster: aws.String(cluster), Include: []types.TaskField{types.TaskFieldTags},
		Tasks: t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster)}),
	})
	t.OK(err, "DescribeTasks with tags")
	got := map[string]string{}
	for _, task := range tasks.Tasks {
		for _, tag := range task.Tags {
			got[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	t.Equal("tags of the task", got, map[string]string{"team": "web", "aws:ecs:clusterName": cluster, "aws:ecs:serviceName": "web"})
}
