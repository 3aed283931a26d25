package compat

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Service makes a service and deletes it after the case.
func (t *T) Service(cluster, name, definition string, count int32) *types.Service {
	out, err := t.ECS.CreateService(t.ctx, &ecs.CreateServiceInput{
		Cluster: aws.String(cluster), ServiceName: aws.String(name), TaskDefinition: aws.String(definition), DesiredCount: aws.Int32(count),
	})
	t.OK(err, "CreateService")
	t.deleteAfter(cluster, name)
	return out.Service
}

func (t *T) deleteAfter(cluster, service string) {
	t.Cleanup(func(ctx context.Context) {
		_, _ = t.ECS.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: aws.String(cluster), Service: aws.String(service), Force: aws.Bool(true)})
	})
}

func (t *T) describeService(cluster, name string) types.Service {
	out, err := t.ECS.DescribeServices(t.ctx, &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: []string{name}})
	t.OK(err, "DescribeServices")
	if len(out.Services) != 1 {
		t.Fatal("DescribeServices of %s answered %d services and failures %s, want one service", name, len(out.Services), show(out.Failures))
	}
	return out.Services[0]
}

func primary(s *types.Service) types.Deployment {
	for _, d := range s.Deployments {
		if aws.ToString(d.Status) == "PRIMARY" {
			return d
		}
	}
	return types.Deployment{}
}

func (t *T) updateService(in *ecs.UpdateServiceInput) *types.Service {
	out, err := t.ECS.UpdateService(t.ctx, in)
	t.OK(err, "UpdateService")
	return out.Service
}

func serviceCases() []Case {
	return []Case{
		{
			Name: "service/create", Operations: []string{"CreateService", "DescribeServices"},
			Description: "the answer has ECS's defaults and one PRIMARY deployment, and nothing that the service lacks",
			Source:      "AWS CLI examples, create-service; API reference, Service",
			Run:         serviceCreate,
		},
		{
			Name: "service/becomes-stable", Operations: []string{"CreateService", "DescribeServices", "ListTasks"}, Needs: []Feature{Tasks},
			Description: "the services-stable waiter ends, and the tasks name the deployment that started them",
			Source:      "API reference, Deployment, Task.startedBy, Task.group",
			Timeout:     3 * time.Minute, Run: serviceBecomesStable,
		},
		{
			Name: "service/scale", Operations: []string{"UpdateService"}, Needs: []Feature{Tasks},
			Description: "another desired count starts and stops tasks, and no deployment",
			Source:      "API reference, UpdateService",
			Timeout:     4 * time.Minute, Run: serviceScale,
		},
		{
			Name: "service/roll", Operations: []string{"UpdateService", "DescribeServices"}, Needs: []Feature{Tasks},
			Description: "another task definition starts a deployment, whose id stays that of the update's answer, and replaces all tasks",
			Source:      "API reference, UpdateService; Developer Guide, rolling update",
			Timeout:     5 * time.Minute, Run: serviceRoll,
		},
		{
			Name: "service/force-new-deployment", Operations: []string{"UpdateService"},
			Description: "an update starts a new deployment when it is told to, and not otherwise",
			Source:      "API reference, UpdateService.forceNewDeployment",
			Run:         serviceForce,
		},
		{
			Name: "service/replaces-a-stopped-task", Operations: []string{"StopTask"}, Needs: []Feature{Tasks},
			Description: "a task that was stopped is replaced",
			Source:      "Developer Guide, services",
			Timeout:     3 * time.Minute, Run: serviceReplaces,
		},
		{
			Name: "service/delete", Operations: []string{"DeleteService", "DescribeServices", "ListServices", "CreateService"}, Needs: []Feature{Tasks},
			Description: "a service is deleted when scaled to 0 or by force, then INACTIVE and not listed, and its name is free",
			Source:      "API reference, DeleteService",
			Timeout:     4 * time.Minute, Run: serviceDelete,
		},
		{
			Name: "service/list", Operations: []string{"ListServices"},
			Description: "every service is on exactly one page, 10 a page if nothing else is asked for",
			Source:      "API reference, ListServices.maxResults",
			Timeout:     2 * time.Minute, Run: serviceList,
		},
		{
			Name: "service/create-errors", Operations: []string{"CreateService"},
			Description: "what CreateService refuses",
			Source:      "texts noted from AWS",
			Run:         serviceCreateErrors,
		},
		{
			Name: "service/client-token", Operations: []string{"CreateService"},
			Description: "the same request under one clientToken makes one service",
			Source:      "API reference, CreateService.clientToken",
			Run:         serviceClientToken,
		},
		{
			Name: "service/update-errors", Operations: []string{"UpdateService"},
			Description: "what UpdateService refuses",
			Source:      "texts noted from AWS",
			Run:         serviceUpdateErrors,
		},
		{
			Name: "service/describe-errors", Operations: []string{"DescribeServices"},
			Description: "an unknown service is a failure in the answer, an unknown cluster or too many services an error",
			Source:      "Developer Guide, API failure reasons; text noted in panther-labs/panther issue 1526",
			Run:         serviceDescribeErrors,
		},
		{
			Name: "service/delete-errors", Operations: []string{"DeleteService"},
			Description: "an unknown service cannot be deleted",
			Source:      "API reference, DeleteService",
			Run: func(t *T) {
				_, err := t.ECS.DeleteService(t.ctx, &ecs.DeleteServiceInput{Cluster: aws.String(t.Cluster("c")), Service: aws.String("no")})
				t.Error(err, "DeleteService", "ServiceNotFoundException", "Service not found.")
			},
		},
		{
			Name: "service/list-errors", Operations: []string{"ListServices"},
			Description: "an unknown cluster is refused",
			Source:      "API reference, ListServices",
			Run: func(t *T) {
				_, err := t.ECS.ListServices(t.ctx, &ecs.ListServicesInput{Cluster: aws.String(t.Name("no"))})
				t.Error(err, "ListServices", "ClusterNotFoundException", "Cluster not found.")
			},
		},
		{
			Name: "service/cluster-not-empty", Operations: []string{"DeleteCluster"},
			Description: "a cluster with a service cannot be deleted",
			Source:      "text noted from AWS",
			Run: func(t *T) {
				cluster, family := t.Cluster("busy"), t.Name("f")
				t.Register(family, t.container("sleeps"))
				t.Service(cluster, "s", family, 0)
				_, err := t.ECS.DeleteCluster(t.ctx, &ecs.DeleteClusterInput{Cluster: aws.String(cluster)})
				t.Error(err, "DeleteCluster", "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
			},
		},
	}
}

func serviceCreate(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	td := t.Register(family, t.container("sleeps"))
	s := t.Service(cluster, "web", family, 1)

	t.True(strings.HasSuffix(aws.ToString(s.ServiceArn), ":service/"+cluster+"/web"), "serviceArn %s is the long one", aws.ToString(s.ServiceArn))
	t.Equal("serviceName", s.ServiceName, "web")
	t.Equal("taskDefinition", s.TaskDefinition, td.TaskDefinitionArn)
	t.Equal("status", s.Status, "ACTIVE")
	t.Equal("desiredCount", s.DesiredCount, 1)
	t.Equal("runningCount", s.RunningCount, 0)
	t.Equal("launchType", s.LaunchType, "EC2")
	t.Equal("schedulingStrategy", s.SchedulingStrategy, "REPLICA")
	t.Equal("propagateTags", s.PropagateTags, "NONE")
	t.Equal("enableECSManagedTags", s.EnableECSManagedTags, false)
	t.Equal("enableExecuteCommand", s.EnableExecuteCommand, false)
	t.True(s.NetworkConfiguration == nil, "networkConfiguration is absent: Terraform's provider fails on an empty one")
	t.Equal("platformVersion", s.PlatformVersion, nil)
	t.True(s.CreatedAt != nil && aws.ToString(s.CreatedBy) != "", "createdAt and createdBy are there")
	t.EmptyList("loadBalancers", s.LoadBalancers)
	t.EmptyList("serviceRegistries", s.ServiceRegistries)
	t.EmptyList("placementConstraints", s.PlacementConstraints)
	t.EmptyList("placementStrategy", s.PlacementStrategy)
	t.EmptyList("events", s.Events)
	if c := s.DeploymentConfiguration; c == nil {
		t.fail("deploymentConfiguration is absent")
	} else {
		t.Equal("maximumPercent", c.MaximumPercent, 200)
		t.Equal("minimumHealthyPercent", c.MinimumHealthyPercent, 100)
		t.breakerDefaults(c.DeploymentCircuitBreaker)
	}
	t.Equal("number of deployments", len(s.Deployments), 1)
	d := primary(s)
	t.True(strings.HasPrefix(aws.ToString(d.Id), "ecs-svc/"), "the deployment's id %s begins with ecs-svc/", aws.ToString(d.Id))
	t.Equal("deployment's taskDefinition", d.TaskDefinition, td.TaskDefinitionArn)
	t.Equal("deployment's desiredCount", d.DesiredCount, 0) // until it begins
	t.Equal("deployment's rolloutState", d.RolloutState, "IN_PROGRESS")

	described := t.describeService(cluster, aws.ToString(s.ServiceArn))
	t.Equal("deployment's id, described", primary(&described).Id, d.Id)
}

// breakerDefaults: the circuit breaker is off, and answered with all of its members.
func (t *T) breakerDefaults(breaker *types.DeploymentCircuitBreaker) {
	if breaker == nil || breaker.ThresholdConfiguration == nil {
		t.fail("the circuit breaker, or its threshold, is absent")
		return
	}
	t.Equal("circuit breaker's enable", breaker.Enable, false)
	t.Equal("circuit breaker's rollback", breaker.Rollback, false)
	t.Equal("circuit breaker's resetOnHealthyTask", breaker.ResetOnHealthyTask, true)
	t.Equal("threshold's type", breaker.ThresholdConfiguration.Type, types.ThresholdTypeBoundedPercent)
	t.Equal("threshold's value", breaker.ThresholdConfiguration.Value, 50)
}

func serviceBecomesStable(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	id := primary(t.Service(cluster, "web", family, 2)).Id
	t.servicesStable(cluster, "web")

	s := t.describeService(cluster, "web")
	t.Equal("runningCount", s.RunningCount, 2)
	t.Equal("pendingCount", s.PendingCount, 0)
	t.Equal("deployment's id", primary(&s).Id, id)
	tasks := t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String("web")})
	t.Equal("number of tasks", len(tasks), 2)
	for _, arn := range tasks {
		task := t.describeTask(cluster, arn)
		t.Equal("startedBy", task.StartedBy, id)
		t.Equal("group", task.Group, "service:web")
	}
	t.Eventually(time.Minute, "rolloutState is COMPLETED", func() (bool, error) {
		s := t.describeService(cluster, "web")
		return primary(&s).RolloutState == types.DeploymentRolloutStateCompleted, nil
	})
	t.Eventually(time.Minute, "an event says that the service has reached a steady state", func() (bool, error) {
		for _, e := range t.describeService(cluster, "web").Events {
			if aws.ToString(e.Message) == "(service web) has reached a steady state." {
				return true, nil
			}
		}
		return false, nil
	})
	t.Equal("activeServicesCount of the cluster", t.describeCluster(cluster).ActiveServicesCount, 1)
}

func serviceScale(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	id := primary(t.Service(cluster, "web", family, 1)).Id
	for _, count := range []int32{3, 1, 0} {
		s := t.updateService(&ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String("web"), DesiredCount: aws.Int32(count)})
		t.Equal("desiredCount in the answer", s.DesiredCount, count)
		t.Equal("deployment's id in the answer", primary(s).Id, id)
		t.servicesStable(cluster, "web")
		t.Equal("runningCount", t.describeService(cluster, "web").RunningCount, count)
	}
	stopped := t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String("web"), DesiredStatus: types.DesiredStatusStopped})
	t.True(len(stopped) > 0, "the tasks that were scaled in are listed as stopped")
	for _, arn := range stopped {
		task := t.describeTask(cluster, arn)
		t.Equal("stopCode", task.StopCode, "ServiceSchedulerInitiated")
		t.Equal("stoppedReason", task.StoppedReason, "Scaling activity initiated by (deployment "+aws.ToString(id)+")")
	}
}

func serviceRoll(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	t.Service(cluster, "web", family, 2)
	t.servicesStable(cluster, "web")
	before := t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster)})
	second := t.Register(family, t.container("web"))

	s := t.updateService(&ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String("web"), TaskDefinition: aws.String(family)})
	id := primary(s).Id
	t.Equal("taskDefinition in the answer", s.TaskDefinition, second.TaskDefinitionArn)
	t.Equal("number of deployments in the answer", len(s.Deployments), 2)
	t.servicesStable(cluster, "web")

	described := t.describeService(cluster, "web")
	t.Equal("deployment's id after the rollout", primary(&described).Id, id)
	t.Equal("deployment's taskDefinition", primary(&described).TaskDefinition, second.TaskDefinitionArn)
	after := t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster)})
	t.Equal("number of tasks", len(after), 2)
	for _, arn := range after {
		t.Equal("a task's definition", t.describeTask(cluster, arn).TaskDefinitionArn, second.TaskDefinitionArn)
	}
	for _, arn := range before {
		t.Equal("an old task's desiredStatus", t.describeTask(cluster, arn).DesiredStatus, "STOPPED")
	}
}

func serviceForce(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	first := aws.ToString(primary(t.Service(cluster, "web", family, 0)).Id)
	update := func(force bool) string {
		s := t.updateService(&ecs.UpdateServiceInput{
			Cluster: aws.String(cluster), Service: aws.String("web"), TaskDefinition: aws.String(family), ForceNewDeployment: force,
		})
		return aws.ToString(primary(s).Id)
	}
	t.Equal("deployment's id after an update that changes nothing", update(false), first)
	second := update(true)
	t.True(second != "" && second != first, "a forced deployment has another id: %s and %s", first, second)
}

func serviceReplaces(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	t.Service(cluster, "web", family, 1)
	t.servicesStable(cluster, "web")
	old := t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster)})
	if len(old) != 1 {
		t.Fatal("tasks are %v, want one", old)
	}
	_, err := t.ECS.StopTask(t.ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: aws.String(old[0])})
	t.OK(err, "StopTask")
	t.Eventually(time.Minute, "another task runs", func() (bool, error) {
		now := t.listTasks(&ecs.ListTasksInput{Cluster: aws.String(cluster)})
		if len(now) != 1 || now[0] == old[0] {
			return false, nil
		}
		return aws.ToString(t.describeTask(cluster, now[0]).LastStatus) == "RUNNING", nil
	})
	t.tasksStopped(cluster, old)
	t.Equal("stopCode of the old one", t.describeTask(cluster, old[0]).StopCode, "UserInitiated")
	t.Equal("stoppedReason of the old one", t.describeTask(cluster, old[0]).StoppedReason, "Task stopped by user")
}

func serviceDelete(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	t.Service(cluster, "web", family, 1)
	t.servicesStable(cluster, "web")
	remove := func(force bool) (*ecs.DeleteServiceOutput, error) {
		return t.ECS.DeleteService(t.ctx, &ecs.DeleteServiceInput{Cluster: aws.String(cluster), Service: aws.String("web"), Force: aws.Bool(force)})
	}
	_, err := remove(false)
	t.Error(err, "DeleteService at desired count 1", "InvalidParameterException", "The service cannot be stopped while it is scaled above 0.")

	// Terraform deletes right after scaling down, while tasks still stop.
	t.updateService(&ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String("web"), DesiredCount: aws.Int32(0)})
	out, err := remove(false)
	t.OK(err, "DeleteService at desired count 0")
	t.Equal("status in the answer", out.Service.Status, "DRAINING")
	t.Equal("desiredCount in the answer", out.Service.DesiredCount, 0)
	t.servicesInactive(cluster, "web")
	t.Equal("status described", t.describeService(cluster, "web").Status, "INACTIVE")
	t.Equal("times that it is listed", t.listServices(cluster, 100)["web"], 0)
	_, err = t.ECS.UpdateService(t.ctx, &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String("web"), DesiredCount: aws.Int32(1)})
	t.Error(err, "UpdateService of an INACTIVE service", "ServiceNotActiveException", "Service was not ACTIVE.")

	t.Service(cluster, "web", family, 1)
	t.servicesStable(cluster, "web")
	t.Equal("status of the new one", t.describeService(cluster, "web").Status, "ACTIVE")
	_, err = remove(true)
	t.OK(err, "DeleteService by force")
	t.servicesInactive(cluster, "web")
}

// listServices counts the names on all pages.
func (t *T) listServices(cluster string, pageSize int32) map[string]int {
	found := map[string]int{}
	pages := ecs.NewListServicesPaginator(t.ECS, &ecs.ListServicesInput{Cluster: aws.String(cluster), MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.ctx)
		t.OK(err, "ListServices")
		t.True(len(page.ServiceArns) <= int(pageSize), "a page has at most %d services", pageSize)
		for _, arn := range page.ServiceArns {
			found[lastPart(arn)]++
		}
	}
	return found
}

func serviceList(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	const n = 11
	for i := range n {
		t.Service(cluster, fmt.Sprintf("s%d", i), family, 0)
	}
	out, err := t.ECS.ListServices(t.ctx, &ecs.ListServicesInput{Cluster: aws.String(cluster)})
	t.OK(err, "ListServices")
	t.Equal("services on a page", len(out.ServiceArns), 10)
	t.True(out.NextToken != nil, "nextToken is there")
	found := t.listServices(cluster, 4)
	t.Equal("number of services", len(found), n)
	for name, times := range found {
		t.Equal("times that "+name+" is listed", times, 1)
	}
}

func serviceCreateErrors(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	t.Service(cluster, "there", family, 0)
	const invalid = "InvalidParameterException"
	for _, c := range []struct {
		name   string
		change func(in *ecs.CreateServiceInput)
		code   string
		text   string
	}{
		{"unknown cluster", func(in *ecs.CreateServiceInput) { in.Cluster = aws.String(t.Name("no")) }, "ClusterNotFoundException", "Cluster not found."},
		{"unknown definition", func(in *ecs.CreateServiceInput) { in.TaskDefinition = aws.String(t.Name("no")) }, "ClientException", "TaskDefinition not found."},
		{
			"a name that is there", func(in *ecs.CreateServiceInput) { in.ServiceName, in.DesiredCount = aws.String("there"), aws.Int32(1) },
			invalid, "Creation of service was not idempotent.",
		},
		{"a bad name", func(in *ecs.CreateServiceInput) { in.ServiceName = aws.String("a b") }, invalid, anyText},
		{"no count", func(in *ecs.CreateServiceInput) { in.DesiredCount = nil }, invalid, "DesiredCount is missing"},
		{
			"an unknown strategy", func(in *ecs.CreateServiceInput) { in.SchedulingStrategy = "SOMETIMES" },
			invalid, "Scheduling strategy should be one of [REPLICA,DAEMON]",
		},
	} {
		in := &ecs.CreateServiceInput{
			Cluster: aws.String(cluster), ServiceName: aws.String("new"), TaskDefinition: aws.String(family), DesiredCount: aws.Int32(0),
		}
		c.change(in)
		_, err := t.ECS.CreateService(t.ctx, in)
		t.Error(err, "CreateService: "+c.name, c.code, c.text)
	}
}

func serviceClientToken(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	in := &ecs.CreateServiceInput{
		Cluster: aws.String(cluster), ServiceName: aws.String("web"), TaskDefinition: aws.String(family),
		DesiredCount: aws.Int32(0), ClientToken: aws.String("compat-token"),
	}
	var ids [2]string
	for i := range ids {
		out, err := t.ECS.CreateService(t.ctx, in)
		t.OK(err, "CreateService")
		ids[i] = aws.ToString(primary(out.Service).Id)
	}
	t.deleteAfter(cluster, "web")
	t.Equal("deployment's id of the second answer", ids[1], ids[0])
	t.Equal("number of services", len(t.listServices(cluster, 10)), 1)
}

func serviceUpdateErrors(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	t.Register(family, t.container("sleeps"))
	t.deregister(family + ":1")
	t.Service(cluster, "web", family, 0)
	for _, c := range []struct {
		name   string
		change func(in *ecs.UpdateServiceInput)
		code   string
		text   string
	}{
		{"unknown cluster", func(in *ecs.UpdateServiceInput) { in.Cluster = aws.String(t.Name("no")) }, "ClusterNotFoundException", "Cluster not found."},
		{"unknown service", func(in *ecs.UpdateServiceInput) { in.Service = aws.String("no") }, "ServiceNotFoundException", "Service not found."},
		{"inactive definition", func(in *ecs.UpdateServiceInput) { in.TaskDefinition = aws.String(family + ":1") }, "ClientException", "TaskDefinition is inactive"},
		{"unknown definition", func(in *ecs.UpdateServiceInput) { in.TaskDefinition = aws.String(t.Name("no")) }, "ClientException", "TaskDefinition not found."},
	} {
		in := &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String("web")}
		c.change(in)
		_, err := t.ECS.UpdateService(t.ctx, in)
		t.Error(err, "UpdateService: "+c.name, c.code, c.text)
	}
}

func serviceDescribeErrors(t *T) {
	cluster := t.Cluster("c")
	out, err := t.ECS.DescribeServices(t.ctx, &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: []string{"no"}})
	t.OK(err, "DescribeServices of an unknown service")
	t.Equal("number of services", len(out.Services), 0)
	t.missing(out.Failures, ":service/"+cluster+"/no")
	_, err = t.ECS.DescribeServices(t.ctx, &ecs.DescribeServicesInput{Cluster: aws.String(t.Name("no")), Services: []string{"no"}})
	t.Error(err, "DescribeServices in an unknown cluster", "ClusterNotFoundException", "Cluster not found.")
	_, err = t.ECS.DescribeServices(t.ctx, &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: strings.Split("a,b,c,d,e,f,g,h,i,j,k", ",")})
	t.Error(err, "DescribeServices of 11", "InvalidParameterException", "service names can have at most 10 items.")
}
