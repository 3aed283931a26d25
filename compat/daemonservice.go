package compat

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func daemonServiceCases() []Case {
	return []Case{
		{
			Name: "service/daemon", Operations: []string{"CreateService", "UpdateService", "ListServices", "DeleteService"}, Needs: []Feature{Tasks, Instances},
			Description: "a DAEMON service has one task on each instance, counts them itself, and is deleted without force",
			Source:      "Developer Guide, services; API reference, DeleteService.force",
			Timeout:     4 * time.Minute, Run: daemonService,
		},
		{
			Name: "service/daemon-refusals", Operations: []string{"CreateService"}, Needs: []Feature{Instances},
			Description: "a DAEMON service has no desired count, no Fargate, no placement strategy and no more than 100 percent",
			Source:      "texts recorded against ECS",
			Run:         daemonRefusals,
		},
	}
}

func daemonService(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	out, err := t.ECS.CreateService(t.Context(), &ecs.CreateServiceInput{
		Cluster: &cluster, ServiceName: aws.String("agent"), TaskDefinition: &family, SchedulingStrategy: types.SchedulingStrategyDaemon,
	})
	t.OK(err, "CreateService")
	t.deleteAfter(cluster, "agent")
	t.Equal("schedulingStrategy", out.Service.SchedulingStrategy, "DAEMON")
	t.Equal("minimumHealthyPercent", out.Service.DeploymentConfiguration.MinimumHealthyPercent, 0)
	t.Equal("maximumPercent", out.Service.DeploymentConfiguration.MaximumPercent, 100)
	t.Eventually(2*time.Minute, "the service runs on each instance", func() (bool, error) {
		s := t.describeService(cluster, "agent")
		return s.DesiredCount > 0 && s.RunningCount == s.DesiredCount && primary(&s).RolloutState == types.DeploymentRolloutStateCompleted, nil
	})
	instances := map[string]bool{}
	tasks := t.listTasks(&ecs.ListTasksInput{Cluster: &cluster})
	for _, task := range tasks {
		instances[aws.ToString(t.describeTask(cluster, task).ContainerInstanceArn)] = true
	}
	t.Equal("instances of the tasks", len(instances), len(tasks))
	for strategy, want := range map[types.SchedulingStrategy]int{types.SchedulingStrategyDaemon: 1, types.SchedulingStrategyReplica: 0} {
		list, err := t.ECS.ListServices(t.Context(), &ecs.ListServicesInput{Cluster: &cluster, SchedulingStrategy: strategy})
		t.OK(err, "ListServices")
		t.Equal("listed services of "+string(strategy), len(list.ServiceArns), want)
	}
	_, err = t.ECS.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &cluster, Service: aws.String("agent"), DesiredCount: aws.Int32(0)})
	t.ErrorHas(err, "UpdateService with a count", "InvalidParameterException", "does not support a desired count")
	updated := t.updateService(&ecs.UpdateServiceInput{Cluster: &cluster, Service: aws.String("agent"), ForceNewDeployment: true})
	id := aws.ToString(primary(updated).Id)
	t.Eventually(3*time.Minute, "the new deployment completes", func() (bool, error) {
		s := t.describeService(cluster, "agent")
		return aws.ToString(primary(&s).Id) == id && primary(&s).RolloutState == types.DeploymentRolloutStateCompleted, nil
	})
	_, err = t.ECS.DeleteService(t.Context(), &ecs.DeleteServiceInput{Cluster: &cluster, Service: aws.String("agent")})
	t.OK(err, "DeleteService without force")
}

func daemonRefusals(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	for name, change := range map[string]struct {
		apply func(*ecs.CreateServiceInput)
		text  string
	}{
		"a count": {
			func(in *ecs.CreateServiceInput) { in.DesiredCount = aws.Int32(0) },
			"The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again",
		},
		"Fargate": {
			func(in *ecs.CreateServiceInput) { in.LaunchType = types.LaunchTypeFargate },
			"The daemon scheduling strategy does not support the FARGATE launch type. Change the launch type and try again",
		},
		"more than 100 percent": {
			func(in *ecs.CreateServiceInput) {
				in.DeploymentConfiguration = &types.DeploymentConfiguration{MaximumPercent: aws.Int32(150)}
			},
			"The daemon scheduling strategy does not support values above 100 for maximumPercent",
		},
	} {
		in := &ecs.CreateServiceInput{
			Cluster: &cluster, ServiceName: aws.String("agent"), TaskDefinition: &family, SchedulingStrategy: types.SchedulingStrategyDaemon,
		}
		change.apply(in)
		_, err := t.ECS.CreateService(t.Context(), in)
		t.ErrorHas(err, "CreateService with "+name, "InvalidParameterException", change.text)
	}
}
