package compat

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func taskSetCases() []Case {
	return []Case{
		{
			Name: "taskset/create", Operations: []string{"CreateService", "DescribeServices", "CreateTaskSet", "DescribeTaskSets"},
			Description: "an EXTERNAL service has no deployments and no task sets of its own; a task set without a scale is ACTIVE and wants no tasks",
			Source:      "AWS CLI examples, create-task-set, describe-services",
			Run:         taskSetCreate,
		},
		{
			Name: "taskset/life", Operations: []string{"CreateTaskSet", "DescribeTaskSets", "UpdateTaskSet", "UpdateServicePrimaryTaskSet", "DeleteTaskSet", "UpdateService", "DescribeServices"},
			Needs:       []Feature{Tasks},
			Description: "two task sets run their shares of the desired count; the service takes the members of the primary one; a deleted one drains and is gone",
			Source:      "Developer Guide, external deployment; AWS CLI examples of the operations",
			Timeout:     5 * time.Minute, Run: taskSetLife,
		},
		{
			Name: "taskset/client-token", Operations: []string{"CreateTaskSet"},
			Description: "the same request under one clientToken makes one task set",
			Source:      "API reference, CreateTaskSet.clientToken",
			Run:         taskSetToken,
		},
		{
			Name: "taskset/errors", Operations: []string{"CreateTaskSet", "DescribeTaskSets", "UpdateTaskSet", "UpdateServicePrimaryTaskSet", "DeleteTaskSet", "DeleteService"},
			Description: "what the calls about task sets refuse",
			Source:      "texts seen as answers of AWS in public issues and articles",
			Run:         taskSetErrors,
		},
		{
			Name: "taskset/tags", Operations: []string{"TagResource", "UntagResource", "ListTagsForResource", "DescribeTaskSets"},
			Description: "a task set is tagged by its ARN; its tags are answered when they are asked for",
			Source:      "API reference, TagResource, DescribeTaskSets.include",
			Run:         taskSetTags,
		},
		{
			Name: "taskset/service-members", Operations: []string{"CreateService", "UpdateService"},
			Description: "what belongs to a task set is refused for its service",
			Source:      "Developer Guide, external deployment; texts noted from AWS",
			Run:         taskSetServiceMembers,
		},
	}
}

// External makes a service whose task sets the case makes, and a family for them.
func (t *T) External(count int32) (cluster, family string, service *types.Service) {
	cluster, family = t.Cluster("c"), t.sleeping()
	out, err := t.ECS.CreateService(t.ctx, &ecs.CreateServiceInput{
		Cluster: &cluster, ServiceName: aws.String("web"), DesiredCount: &count,
		DeploymentController: &types.DeploymentController{Type: types.DeploymentControllerTypeExternal},
	})
	t.OK(err, "CreateService")
	t.deleteAfter(cluster, "web")
	return cluster, family, out.Service
}

// TaskSet makes one of the service web.
func (t *T) TaskSet(cluster, definition string, percent float64) *types.TaskSet {
	out, err := t.ECS.CreateTaskSet(t.ctx, &ecs.CreateTaskSetInput{
		Cluster: &cluster, Service: aws.String("web"), TaskDefinition: &definition, Scale: &types.Scale{Unit: types.ScaleUnitPercent, Value: percent},
	})
	t.OK(err, "CreateTaskSet")
	return out.TaskSet
}

func (t *T) describeTaskSet(cluster string, id *string) *types.TaskSet {
	out, err := t.ECS.DescribeTaskSets(t.ctx, &ecs.DescribeTaskSetsInput{
		Cluster: &cluster, Service: aws.String("web"), TaskSets: []string{*id}, Include: []types.TaskSetField{types.TaskSetFieldTags},
	})
	t.OK(err, "DescribeTaskSets")
	if len(out.TaskSets) != 1 {
		return nil
	}
	return &out.TaskSets[0]
}

// taskSetStable waits until the task set runs so many tasks.
func (t *T) taskSetStable(cluster string, id *string, count int32) {
	t.Eventually(2*time.Minute, fmt.Sprintf("task set %s is STEADY_STATE with %d tasks", *id, count), func() (bool, error) {
		set := t.describeTaskSet(cluster, id)
		return set != nil && set.StabilityStatus == types.StabilityStatusSteadyState && set.RunningCount == count && set.ComputedDesiredCount == count, nil
	})
}

func taskSetCreate(t *T) {
	cluster, family, service := t.External(1)
	t.Equal("deploymentController", service.DeploymentController.Type, "EXTERNAL")
	t.EmptyList("deployments", service.Deployments)
	t.EmptyList("taskSets", service.TaskSets)
	t.Equal("taskDefinition", service.TaskDefinition, nil)
	t.Equal("availabilityZoneRebalancing", service.AvailabilityZoneRebalancing, "DISABLED")
	t.Equal("schedulingStrategy", service.SchedulingStrategy, "REPLICA")
	t.True(strings.HasSuffix(aws.ToString(service.RoleArn), "AWSServiceRoleForECS"), "roleArn %s is the service-linked role", aws.ToString(service.RoleArn))

	out, err := t.ECS.CreateTaskSet(t.ctx, &ecs.CreateTaskSetInput{
		Cluster: &cluster, Service: service.ServiceArn, TaskDefinition: &family, ExternalId: aws.String("blue"),
	})
	t.OK(err, "CreateTaskSet")
	set := out.TaskSet
	t.True(strings.HasPrefix(aws.ToString(set.Id), "ecs-svc/"), "id %s begins with ecs-svc/", aws.ToString(set.Id))
	t.True(strings.HasSuffix(aws.ToString(set.TaskSetArn), ":task-set/"+cluster+"/web/"+aws.ToString(set.Id)), "taskSetArn %s ends with the id", aws.ToString(set.TaskSetArn))
	t.Equal("serviceArn", set.ServiceArn, aws.ToString(service.ServiceArn))
	t.Equal("status", set.Status, "ACTIVE")
	t.Equal("externalId", set.ExternalId, "blue")
	t.Equal("computedDesiredCount", set.ComputedDesiredCount, 0)
	t.Equal("runningCount", set.RunningCount, 0)
	t.Equal("pendingCount", set.PendingCount, 0)
	t.Equal("launchType", set.LaunchType, "EC2")
	t.Equal("scale", set.Scale.Value == 0 && set.Scale.Unit == types.ScaleUnitPercent, true)
	t.Equal("stabilityStatus", set.StabilityStatus, "STABILIZING")
	t.EmptyList("loadBalancers", set.LoadBalancers)
	t.EmptyList("serviceRegistries", set.ServiceRegistries)
	t.True(strings.HasSuffix(aws.ToString(set.TaskDefinition), "/"+family+":1"), "taskDefinition %s is the newest revision", aws.ToString(set.TaskDefinition))

	described := t.describeTaskSet(cluster, set.TaskSetArn)
	if described == nil {
		t.Fatal("DescribeTaskSets does not find %s", aws.ToString(set.TaskSetArn))
	}
	t.Equal("id, described", described.Id, aws.ToString(set.Id))
	now := t.describeService(cluster, "web")
	t.EmptyList("deployments, described", now.Deployments)
	if len(now.TaskSets) != 1 {
		t.Fatal("the service has %d task sets, want 1", len(now.TaskSets))
	}
	t.Equal("id in the service", now.TaskSets[0].Id, aws.ToString(set.Id))
	t.Equal("taskDefinition without a primary", now.TaskDefinition, nil)
}

func taskSetLife(t *T) {
	cluster, family, _ := t.External(2)
	blue := t.TaskSet(cluster, family, 100)
	t.Equal("computedDesiredCount", blue.ComputedDesiredCount, 2)
	t.taskSetStable(cluster, blue.Id, 2)
	service := aws.String("web")
	made, err := t.ECS.UpdateServicePrimaryTaskSet(t.ctx, &ecs.UpdateServicePrimaryTaskSetInput{Cluster: &cluster, Service: service, PrimaryTaskSet: blue.Id})
	t.OK(err, "UpdateServicePrimaryTaskSet")
	t.Equal("status", made.TaskSet.Status, "PRIMARY")
	second := t.Register(family, t.container("sleeps")).TaskDefinitionArn
	green := t.TaskSet(cluster, family, 25)
	t.Equal("computedDesiredCount, rounded up", green.ComputedDesiredCount, 1)
	t.taskSetStable(cluster, green.Id, 1)
	for _, set := range []*types.TaskSet{blue, green} {
		tasks := t.listTasks(&ecs.ListTasksInput{Cluster: &cluster, StartedBy: set.Id})
		t.Equal("tasks started by "+*set.Id, len(tasks), int(set.ComputedDesiredCount))
		for _, arn := range tasks {
			t.Equal("group of a task", t.describeTask(cluster, arn).Group, "service:web")
		}
	}
	now := t.describeService(cluster, "web")
	t.Equal("runningCount of the service", now.RunningCount, 3)
	t.True(!strings.HasSuffix(aws.ToString(now.TaskDefinition), aws.ToString(second)), "the service has the primary's definition")

	updated := t.updateService(&ecs.UpdateServiceInput{Cluster: &cluster, Service: service, DesiredCount: aws.Int32(3)})
	t.Equal("desiredCount", updated.DesiredCount, 3)
	t.taskSetStable(cluster, blue.Id, 3)
	scaled, err := t.ECS.UpdateTaskSet(t.ctx, &ecs.UpdateTaskSetInput{Cluster: &cluster, Service: service, TaskSet: green.TaskSetArn, Scale: &types.Scale{Unit: types.ScaleUnitPercent, Value: 100}})
	t.OK(err, "UpdateTaskSet")
	t.Equal("stabilityStatus after UpdateTaskSet", scaled.TaskSet.StabilityStatus, "STABILIZING")
	t.taskSetStable(cluster, green.Id, 3)

	_, err = t.ECS.UpdateServicePrimaryTaskSet(t.ctx, &ecs.UpdateServicePrimaryTaskSetInput{Cluster: &cluster, Service: service, PrimaryTaskSet: green.TaskSetArn})
	t.OK(err, "UpdateServicePrimaryTaskSet")
	now = t.describeService(cluster, "web")
	t.Equal("taskDefinition of the service", now.TaskDefinition, aws.ToString(second))
	t.Equal("status of the primary before", t.describeTaskSet(cluster, blue.Id).Status, "ACTIVE")
	_, err = t.ECS.UpdateTaskSet(t.ctx, &ecs.UpdateTaskSetInput{Cluster: &cluster, Service: service, TaskSet: blue.Id, Scale: &types.Scale{Unit: types.ScaleUnitPercent}})
	t.OK(err, "UpdateTaskSet to 0")
	t.taskSetStable(cluster, blue.Id, 0)
	deleted, err := t.ECS.DeleteTaskSet(t.ctx, &ecs.DeleteTaskSetInput{Cluster: &cluster, Service: service, TaskSet: blue.Id})
	t.OK(err, "DeleteTaskSet")
	t.Equal("status of the deleted one", deleted.TaskSet.Status, "DRAINING")
	t.Eventually(time.Minute, "the deleted task set is gone", func() (bool, error) { return t.describeTaskSet(cluster, blue.Id) == nil, nil })
	now = t.describeService(cluster, "web")
	t.Equal("task sets that are left", len(now.TaskSets), 1)
	t.Equal("runningCount that is left", now.RunningCount, 3)
	t.True(slices.ContainsFunc(now.Events, func(e types.ServiceEvent) bool {
		return aws.ToString(e.Message) == "(service web, taskSet "+*green.Id+") updated state to STEADY_STATE."
	}), "an event says that the task set has reached a steady state")
}

func taskSetToken(t *T) {
	cluster, family, _ := t.External(1)
	in := &ecs.CreateTaskSetInput{Cluster: &cluster, Service: aws.String("web"), TaskDefinition: &family, ClientToken: aws.String(t.Name("token"))}
	first, err := t.ECS.CreateTaskSet(t.ctx, in)
	t.OK(err, "CreateTaskSet")
	again, err := t.ECS.CreateTaskSet(t.ctx, in)
	t.OK(err, "CreateTaskSet again")
	t.Equal("id, the second time", again.TaskSet.Id, aws.ToString(first.TaskSet.Id))
	s := t.describeService(cluster, "web")
	t.Equal("number of task sets", len(s.TaskSets), 1)
	in.ExternalId = aws.String("another")
	_, err = t.ECS.CreateTaskSet(t.ctx, in)
	t.Error(err, "CreateTaskSet with the token and other members", "InvalidParameterException", anyText)
}

func taskSetErrors(t *T) {
	cluster, family, service := t.External(1)
	web, missing := aws.String("web"), aws.String("ecs-svc/1000000000000000001")
	describe := func(ids ...string) (*ecs.DescribeTaskSetsOutput, error) {
		return t.ECS.DescribeTaskSets(t.ctx, &ecs.DescribeTaskSetsInput{Cluster: &cluster, Service: web, TaskSets: ids})
	}
	_, err := describe()
	t.Error(err, "DescribeTaskSets of none", "InvalidParameterException", "TaskSets cannot be empty.")
	_, err = describe(aws.ToString(service.ServiceArn))
	t.ErrorHas(err, "DescribeTaskSets of a service", "InvalidParameterException", "Task Set Identifier is invalid")
	out, err := describe(*missing)
	t.OK(err, "DescribeTaskSets of an unknown one")
	t.missing(out.Failures, ":task-set/"+cluster+"/web/"+*missing)
	_, err = t.ECS.UpdateTaskSet(t.ctx, &ecs.UpdateTaskSetInput{Cluster: &cluster, Service: web, TaskSet: missing, Scale: &types.Scale{}})
	t.Error(err, "UpdateTaskSet of an unknown one", "TaskSetNotFoundException", anyText)
	_, err = t.ECS.DeleteTaskSet(t.ctx, &ecs.DeleteTaskSetInput{Cluster: &cluster, Service: web, TaskSet: missing})
	t.Error(err, "DeleteTaskSet of an unknown one", "TaskSetNotFoundException", anyText)
	_, err = t.ECS.UpdateServicePrimaryTaskSet(t.ctx, &ecs.UpdateServicePrimaryTaskSetInput{Cluster: &cluster, Service: web, PrimaryTaskSet: missing})
	t.Error(err, "UpdateServicePrimaryTaskSet to an unknown one", "TaskSetNotFoundException", anyText)

	t.Service(cluster, "rolling", family, 0)
	_, err = t.ECS.CreateTaskSet(t.ctx, &ecs.CreateTaskSetInput{Cluster: &cluster, Service: aws.String("rolling"), TaskDefinition: &family})
	t.Error(err, "CreateTaskSet of a service that ECS deploys", "InvalidParameterException",
		"Amazon ECS only supports task set management on services configured to use external deployment controllers.")
	_, err = t.ECS.CreateTaskSet(t.ctx, &ecs.CreateTaskSetInput{Cluster: &cluster, Service: aws.String("none"), TaskDefinition: &family})
	t.Error(err, "CreateTaskSet of an unknown service", "ServiceNotFoundException", "Service not found.")

	var last *types.TaskSet
	for range 5 {
		last = t.TaskSet(cluster, family, 0)
	}
	_, err = t.ECS.CreateTaskSet(t.ctx, &ecs.CreateTaskSetInput{Cluster: &cluster, Service: web, TaskDefinition: &family})
	t.Error(err, "the sixth CreateTaskSet", "InvalidParameterException", "5 deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.")
	_, err = t.ECS.UpdateServicePrimaryTaskSet(t.ctx, &ecs.UpdateServicePrimaryTaskSetInput{Cluster: &cluster, Service: web, PrimaryTaskSet: last.Id})
	t.OK(err, "UpdateServicePrimaryTaskSet")
	_, err = t.ECS.DeleteTaskSet(t.ctx, &ecs.DeleteTaskSetInput{Cluster: &cluster, Service: web, TaskSet: last.Id})
	t.Error(err, "DeleteTaskSet of the primary one", "InvalidParameterException", "Primary TaskSet cannot be deleted")
	_, err = t.ECS.DeleteTaskSet(t.ctx, &ecs.DeleteTaskSetInput{Cluster: &cluster, Service: web, TaskSet: last.Id, Force: aws.Bool(true)})
	t.OK(err, "DeleteTaskSet of the primary one by force")
	scaled := t.TaskSet(cluster, family, 10)
	_, err = t.ECS.DeleteTaskSet(t.ctx, &ecs.DeleteTaskSetInput{Cluster: &cluster, Service: web, TaskSet: scaled.Id})
	t.Error(err, "DeleteTaskSet of one that is scaled up", "InvalidParameterException", anyText)

	t.updateService(&ecs.UpdateServiceInput{Cluster: &cluster, Service: web, DesiredCount: aws.Int32(0)})
	_, err = t.ECS.DeleteService(t.ctx, &ecs.DeleteServiceInput{Cluster: &cluster, Service: web})
	t.Error(err, "DeleteService with task sets", "InvalidParameterException", anyText)
	_, err = t.ECS.DeleteService(t.ctx, &ecs.DeleteServiceInput{Cluster: &cluster, Service: web, Force: aws.Bool(true)})
	t.OK(err, "DeleteService by force")
	_, err = t.ECS.CreateTaskSet(t.ctx, &ecs.CreateTaskSetInput{Cluster: &cluster, Service: web, TaskDefinition: &family})
	t.Error(err, "CreateTaskSet of a deleted service", "ServiceNotActiveException", "Service was not ACTIVE.")
}

func taskSetTags(t *T) {
	cluster, family, _ := t.External(1)
	arn := aws.ToString(t.TaskSet(cluster, family, 0).TaskSetArn)
	t.tagging(arn, func() []types.Tag { return t.describeTaskSet(cluster, &arn).Tags })
	out, err := t.ECS.DescribeTaskSets(t.ctx, &ecs.DescribeTaskSetsInput{Cluster: &cluster, Service: aws.String("web"), TaskSets: []string{arn}})
	t.OK(err, "DescribeTaskSets without tags")
	t.Equal("tags that were not asked for", len(out.TaskSets[0].Tags), 0)
}

func taskSetServiceMembers(t *T) {
	cluster, family, _ := t.External(1)
	external := &types.DeploymentController{Type: types.DeploymentControllerTypeExternal}
	_, err := t.ECS.CreateService(t.ctx, &ecs.CreateServiceInput{Cluster: &cluster, ServiceName: aws.String("no"), TaskDefinition: &family, DesiredCount: aws.Int32(1), DeploymentController: external})
	t.ErrorHas(err, "CreateService with a task definition", "InvalidParameterException", "TaskDefinition must be blank")
	_, err = t.ECS.CreateService(t.ctx, &ecs.CreateServiceInput{
		Cluster: &cluster, ServiceName: aws.String("no"), DesiredCount: aws.Int32(1), DeploymentController: external,
		LoadBalancers: []types.LoadBalancer{{
			TargetGroupArn: aws.String("arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/a/0123456789abcdef"),
			ContainerName:  aws.String("app"), ContainerPort: aws.Int32(80),
		}},
	})
	t.ErrorHas(err, "CreateService with a target group", "InvalidParameterException", "LoadBalancers must be empty or null")
	_, err = t.ECS.UpdateService(t.ctx, &ecs.UpdateServiceInput{Cluster: &cluster, Service: aws.String("web"), TaskDefinition: &family})
	t.Error(err, "UpdateService with a task definition", "InvalidParameterException", anyText)
	_, err = t.ECS.UpdateService(t.ctx, &ecs.UpdateServiceInput{Cluster: &cluster, Service: aws.String("web"), ForceNewDeployment: true})
	t.Error(err, "UpdateService with a forced deployment", "InvalidParameterException", anyText)
	updated := t.updateService(&ecs.UpdateServiceInput{Cluster: &cluster, Service: aws.String("web"), HealthCheckGracePeriodSeconds: aws.Int32(30)})
	t.Equal("healthCheckGracePeriodSeconds", updated.HealthCheckGracePeriodSeconds, 30)
}
