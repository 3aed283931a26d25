package compat

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func serviceDeploymentCases() []Case {
	return []Case{
		{
			Name: "servicedeployment/life", Operations: []string{"DescribeServiceDeployments", "ListServiceDeployments", "DescribeServiceRevisions"},
			Needs:       []Feature{Tasks},
			Description: "each deployment of a service is described and listed, newest first, with its revision and its state",
			Source:      "AWS CLI examples, describe-service-deployments, list-service-deployments, describe-service-revisions",
			Timeout:     4 * time.Minute, Run: serviceDeploymentLife,
		},
		{
			Name: "servicedeployment/stop", Operations: []string{"StopServiceDeployment"}, Needs: []Feature{Tasks},
			Description: "a deployment that is stopped is taken back to the revision before; one that is complete cannot be",
			Source:      "API reference, StopServiceDeployment; Developer Guide, stopping service deployments",
			Timeout:     4 * time.Minute, Run: serviceDeploymentStop,
		},
		{
			Name: "servicedeployment/blue-green", Operations: []string{"ContinueServiceDeployment", "UpdateService"}, Needs: []Feature{Tasks},
			Description: "two revisions stand side by side until a paused hook is continued; then the old one goes",
			Source:      "API reference, ContinueServiceDeployment, ServiceDeployment.lifecycleStage",
			Timeout:     5 * time.Minute, Run: serviceDeploymentBlueGreen,
		},
		{
			Name: "servicedeployment/blue-green-back", Operations: []string{"ContinueServiceDeployment"}, Needs: []Feature{Tasks},
			Description: "a hook that is answered with ROLLBACK leaves the old tasks as they were, and the new ones go",
			Source:      "API reference, ContinueServiceDeployment",
			Timeout:     5 * time.Minute, Run: serviceDeploymentBlueGreenBack,
		},
		{
			Name:        "servicedeployment/unknown",
			Operations:  []string{"DescribeServiceDeployments", "DescribeServiceRevisions", "StopServiceDeployment", "ListServiceDeployments"},
			Description: "what is not there is a failure MISSING, or its own error",
			Source:      "API reference, DescribeServiceDeployments, StopServiceDeployment",
			Run:         serviceDeploymentUnknown,
		},
	}
}

func (t *T) serviceDeployments(cluster, service string) []types.ServiceDeploymentBrief {
	out, err := t.ECS.ListServiceDeployments(t.Context(), &ecs.ListServiceDeploymentsInput{Cluster: &cluster, Service: &service})
	t.OK(err, "ListServiceDeployments")
	return out.ServiceDeployments
}

func (t *T) serviceDeployment(arn *string) types.ServiceDeployment {
	out, err := t.ECS.DescribeServiceDeployments(t.Context(), &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{aws.ToString(arn)}})
	t.OK(err, "DescribeServiceDeployments")
	if len(out.ServiceDeployments) != 1 {
		t.Fatal("%d are answered, want: DescribeServiceDeployments answers one", len(out.ServiceDeployments))
	}
	return out.ServiceDeployments[0]
}

// currentDeployment waits for the service deployment of a service's newest
// deployment: the answer to the call that makes it does not have it yet.
func (t *T) currentDeployment(cluster string) (arn *string) {
	t.Eventually(time.Minute, "the service tells its service deployment", func() (bool, error) {
		s := t.describeService(cluster, "web")
		arn = s.CurrentServiceDeployment
		return arn != nil, nil
	})
	return arn
}

func serviceDeploymentLife(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	first := t.Register(family, t.container("sleeps"))
	created := t.Service(cluster, "web", family, 1)
	t.True(created.CurrentServiceDeployment == nil, "the first answer has no currentServiceDeployment yet")
	initial := t.currentDeployment(cluster)
	t.servicesStable(cluster, "web")
	t.Eventually(2*time.Minute, "the service deployment is SUCCESSFUL", func() (bool, error) {
		return t.serviceDeployment(initial).Status == types.ServiceDeploymentStatusSuccessful, nil
	})
	d := t.serviceDeployment(initial)
	t.Equal("serviceArn", d.ServiceArn, aws.ToString(created.ServiceArn))
	t.Equal("sourceServiceRevisions", len(d.SourceServiceRevisions), 0)
	t.Equal("requestedTaskCount", d.TargetServiceRevision.RequestedTaskCount, 1)
	t.Equal("runningTaskCount", d.TargetServiceRevision.RunningTaskCount, 1)
	t.Equal("circuit breaker", string(d.DeploymentCircuitBreaker.Status), "DISABLED")
	t.True(d.StartedAt != nil && d.FinishedAt != nil, "it has startedAt and finishedAt")

	out, err := t.ECS.DescribeServiceRevisions(t.Context(), &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{aws.ToString(d.TargetServiceRevision.Arn)}})
	t.OK(err, "DescribeServiceRevisions")
	if len(out.ServiceRevisions) != 1 {
		t.Fatal("%d are answered, want: DescribeServiceRevisions answers one", len(out.ServiceRevisions))
	}
	revision := out.ServiceRevisions[0]
	t.Equal("revision's taskDefinition", revision.TaskDefinition, aws.ToString(first.TaskDefinitionArn))
	t.Equal("images of the revision", len(revision.ContainerImages), 1)

	_, err = t.ECS.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &cluster, Service: aws.String("web"), ForceNewDeployment: true})
	t.OK(err, "UpdateService")
	newest := t.currentDeployment(cluster)
	list := t.serviceDeployments(cluster, "web")
	if len(list) != 2 {
		t.Fatal("%d are answered, want: two service deployments are listed", len(list))
	}
	t.Equal("first of the list", list[0].ServiceDeploymentArn, aws.ToString(newest))
	t.Equal("second of the list", list[1].ServiceDeploymentArn, aws.ToString(initial))
}

func serviceDeploymentStop(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	first := t.Register(family, t.container("sleeps"))
	t.Service(cluster, "web", family, 1)
	initial := t.currentDeployment(cluster)
	t.servicesStable(cluster, "web")
	t.Eventually(2*time.Minute, "the first deployment completes", func() (bool, error) {
		return t.serviceDeployment(initial).Status == types.ServiceDeploymentStatusSuccessful, nil
	})
	_, err := t.ECS.StopServiceDeployment(t.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: initial})
	t.ErrorHas(err, "StopServiceDeployment", "ConflictException", "")

	big := t.container("sleeps")
	big.Memory = aws.Int32(1 << 30) // no instance has it
	t.Register(family, big)
	_, err = t.ECS.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &cluster, Service: aws.String("web"), TaskDefinition: &family})
	t.OK(err, "UpdateService")
	target := t.currentDeployment(cluster)
	for _, which := range []string{"of one that is PENDING or IN_PROGRESS", "of one that is being rolled back"} {
		_, err = t.ECS.StopServiceDeployment(t.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: target})
		t.OK(err, "StopServiceDeployment "+which)
	}
	t.Eventually(3*time.Minute, "the deployment is rolled back", func() (bool, error) {
		return t.serviceDeployment(target).Status == types.ServiceDeploymentStatusRollbackSuccessful, nil
	})
	d := t.serviceDeployment(target)
	t.True(d.Rollback != nil && d.Rollback.StartedAt != nil, "it tells of its rollback")
	s := t.describeService(cluster, "web")
	t.Equal("the service's task definition", s.TaskDefinition, aws.ToString(first.TaskDefinitionArn))
	t.Equal("service deployments in the list", len(t.serviceDeployments(cluster, "web")), 2)
}

// beside makes a BLUE_GREEN service of two tasks, and updates it until the new
// revision's tasks stand beside the old ones, at a hook that waits.
func (t *T) beside() (cluster string, deployment *string, hook string, old []string) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	_, err := t.ECS.CreateService(t.Context(), &ecs.CreateServiceInput{
		Cluster: &cluster, ServiceName: aws.String("web"), TaskDefinition: &family, DesiredCount: aws.Int32(2),
		DeploymentConfiguration: &types.DeploymentConfiguration{
			Strategy: types.DeploymentStrategyBlueGreen, BakeTimeInMinutes: aws.Int32(0),
			LifecycleHooks: []types.DeploymentLifecycleHook{{
				TargetType:      types.DeploymentLifecycleHookTargetTypePause,
				LifecycleStages: []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStagePostScaleUp},
			}},
		},
	})
	t.OK(err, "CreateService")
	t.deleteAfter(cluster, "web")
	first := t.currentDeployment(cluster)
	t.proceed(first, t.awaiting(first), types.DeploymentLifecycleHookActionContinue)
	t.Eventually(2*time.Minute, "the first deployment is SUCCESSFUL", func() (bool, error) {
		return t.serviceDeployment(first).Status == types.ServiceDeploymentStatusSuccessful, nil
	})
	old = t.listTasks(&ecs.ListTasksInput{Cluster: &cluster})
	t.updateService(&ecs.UpdateServiceInput{Cluster: &cluster, Service: aws.String("web"), ForceNewDeployment: true})
	deployment = t.currentDeployment(cluster)
	hook = t.awaiting(deployment)
	s := t.describeService(cluster, "web")
	t.Equal("running tasks of both", s.RunningCount, 4)
	t.Equal("deployments", len(s.Deployments), 2)
	return cluster, deployment, hook, old
}

// awaiting waits for a hook that awaits an action, and returns its id.
func (t *T) awaiting(deployment *string) string {
	var hook types.DeploymentLifecycleHookDetail
	t.Eventually(2*time.Minute, "a hook awaits an action", func() (bool, error) {
		d := t.serviceDeployment(deployment)
		for _, h := range d.LifecycleHookDetails {
			hook = h
		}
		return hook.Status == types.DeploymentLifecycleHookStatusAwaitingAction, nil
	})
	t.Equal("lifecycleStage", t.serviceDeployment(deployment).LifecycleStage, "POST_SCALE_UP")
	t.Equal("the hook's timeoutAction", hook.TimeoutAction, "ROLLBACK")
	return aws.ToString(hook.HookId)
}

func (t *T) proceed(deployment *string, hook string, action types.DeploymentLifecycleHookAction) {
	_, err := t.ECS.ContinueServiceDeployment(t.Context(), &ecs.ContinueServiceDeploymentInput{ServiceDeploymentArn: deployment, HookId: &hook, Action: action})
	t.OK(err, "ContinueServiceDeployment")
}

func serviceDeploymentBlueGreen(t *T) {
	cluster, deployment, hook, old := t.beside()
	t.proceed(deployment, hook, "")
	t.Eventually(3*time.Minute, "the deployment is SUCCESSFUL", func() (bool, error) {
		return t.serviceDeployment(deployment).Status == types.ServiceDeploymentStatusSuccessful, nil
	})
	_, err := t.ECS.ContinueServiceDeployment(t.Context(), &ecs.ContinueServiceDeploymentInput{ServiceDeploymentArn: deployment, HookId: &hook})
	t.ErrorHas(err, "ContinueServiceDeployment of a hook that is over", "ConflictException", "")
	for _, task := range t.listTasks(&ecs.ListTasksInput{Cluster: &cluster}) {
		t.True(!slices.Contains(old, task), "task %s is of the new revision", task)
	}
}

func serviceDeploymentBlueGreenBack(t *T) {
	cluster, deployment, hook, old := t.beside()
	t.proceed(deployment, hook, types.DeploymentLifecycleHookActionRollback)
	t.Eventually(3*time.Minute, "the deployment is rolled back", func() (bool, error) {
		return t.serviceDeployment(deployment).Status == types.ServiceDeploymentStatusRollbackSuccessful, nil
	})
	t.servicesStable(cluster, "web")
	left := t.listTasks(&ecs.ListTasksInput{Cluster: &cluster})
	slices.Sort(left)
	slices.Sort(old)
	t.Equal("the tasks that are left", left, old)
}

func serviceDeploymentUnknown(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	t.Service(cluster, "web", family, 0)
	deployment := aws.ToString(t.currentDeployment(cluster))
	unknown := deployment[:strings.LastIndex(deployment, "/")] + "/AAAAAAAAAAAAAAAAAAAAA"
	deployments, err := t.ECS.DescribeServiceDeployments(t.Context(), &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{unknown}})
	t.OK(err, "DescribeServiceDeployments")
	t.missing(deployments.Failures, unknown)
	revision := strings.Replace(unknown, ":service-deployment/", ":service-revision/", 1)
	revisions, err := t.ECS.DescribeServiceRevisions(t.Context(), &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{revision}})
	t.OK(err, "DescribeServiceRevisions")
	t.missing(revisions.Failures, revision)
	_, err = t.ECS.StopServiceDeployment(t.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: &unknown})
	t.ErrorHas(err, "StopServiceDeployment", "ServiceDeploymentNotFoundException", "")
	_, err = t.ECS.ListServiceDeployments(t.Context(), &ecs.ListServiceDeploymentsInput{Cluster: &cluster, Service: aws.String("none")})
	t.ErrorHas(err, "ListServiceDeployments", "ServiceNotFoundException", "Service not found.")
}
