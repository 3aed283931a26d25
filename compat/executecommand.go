package compat

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// executeCommandCases are about tasks in which commands may be run.
func executeCommandCases() []Case {
	return []Case{
		{
			Name: "task/exec-without-role", Operations: []string{"RunTask"},
			Description: "commands cannot be enabled for a task without a task role",
			Source:      "text noted in boto/boto3 issue 3173",
			Run:         taskExecWithoutRole,
		},
		{
			Name: "service/exec-without-role", Operations: []string{"CreateService", "UpdateService"},
			Description: "commands cannot be enabled for a service whose tasks have no task role",
			Source:      "text noted in aws/aws-toolkit-jetbrains issue 3649",
			Run:         serviceExecWithoutRole,
		},
	}
}

const roleARN = "arn:aws:iam::000000000000:role/task"

// registerWithRole registers a revision of the family whose tasks have a role.
func (t *T) registerWithRole(family string) {
	t.register(&ecs.RegisterTaskDefinitionInput{
		Family: aws.String(family), TaskRoleArn: aws.String(roleARN),
		ContainerDefinitions: []types.ContainerDefinition{t.container("sleeps")},
	})
}

func taskExecWithoutRole(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	request := func(overrides *types.TaskOverride) *ecs.RunTaskInput { // the SDK writes its token into it
		return &ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(family), EnableExecuteCommand: true, Overrides: overrides}
	}
	_, err := t.ECS.RunTask(t.ctx, request(nil))
	t.Error(err, "RunTask", "InvalidParameterException", "The execute command failed because a valid task role is not being used. "+
		"Specify a valid task role in your task definition or as a task override and try again.")
	overridden := t.RunTasks(request(&types.TaskOverride{TaskRoleArn: aws.String(roleARN)}))
	t.Equal("enableExecuteCommand with a role as override", overridden[0].EnableExecuteCommand, true)
	t.registerWithRole(family)
	t.Equal("enableExecuteCommand with a role", t.RunTasks(request(nil))[0].EnableExecuteCommand, true)
}

func serviceExecWithoutRole(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	_, err := t.ECS.CreateService(t.ctx, &ecs.CreateServiceInput{
		Cluster: aws.String(cluster), ServiceName: aws.String("new"), TaskDefinition: aws.String(family), DesiredCount: aws.Int32(0),
		EnableExecuteCommand: true,
	})
	t.Error(err, "CreateService", "InvalidParameterException", "The service couldn't be created because a valid taskRoleArn is not being used. "+
		"Specify a valid task role in your task definition and try again.")
	t.Service(cluster, "web", family, 0)
	const text = "The service couldn't be updated because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again."
	in := &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String("web"), EnableExecuteCommand: aws.Bool(true)}
	_, err = t.ECS.UpdateService(t.ctx, in)
	t.Error(err, "UpdateService", "InvalidParameterException", text)
	t.registerWithRole(family)
	in.TaskDefinition = aws.String(family + ":2")
	t.Equal("enableExecuteCommand", t.updateService(in).EnableExecuteCommand, true)
	_, err = t.ECS.UpdateService(t.ctx, &ecs.UpdateServiceInput{
		Cluster: aws.String(cluster), Service: aws.String("web"), TaskDefinition: aws.String(family + ":1"),
	})
	t.Error(err, "UpdateService back to the definition without a role", "InvalidParameterException", text)
}
