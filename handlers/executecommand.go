package handlers

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// What ECS says when commands are to be run in tasks without a task role differs
// between the calls; the agent that runs them takes its rights from the role
// (API reference, RunTask.enableExecuteCommand). All three are noted from AWS.

func runWithoutTaskRole() error {
	return invalidParameter("The execute command failed because a valid task role is not being used. Specify a valid task role in your task definition or as a task override and try again.")
}

func createWithoutTaskRole() error {
	return invalidParameter("The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.")
}

func updateWithoutTaskRole() error {
	return invalidParameter("The service couldn't be updated because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.")
}

// hasTaskRole says whether tasks have a role: the definition's or the override's.
func hasTaskRole(def *types.TaskDefinition, overrides *types.TaskOverride) bool {
	return aws.ToString(def.TaskRoleArn) != "" || overrides != nil && aws.ToString(overrides.TaskRoleArn) != ""
}
