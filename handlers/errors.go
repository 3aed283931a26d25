package handlers

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Each of ECS's messages is written once, here, by a function named after what
// happened. Texts are those that ECS gives; where no source has one, the comment
// says so.

func invalidParameter(format string, args ...any) error {
	return &types.InvalidParameterException{Message: aws.String(fmt.Sprintf(format, args...))}
}

func clientError(format string, args ...any) error {
	return &types.ClientException{Message: aws.String(fmt.Sprintf(format, args...))}
}

// clusterInactive is for a deleted cluster that is still described (seen in public
// reports of CreateService and UpdateService).
func clusterInactive() error {
	return &types.ClusterNotFoundException{Message: aws.String("The referenced cluster was inactive.")}
}

func clusterNotFound() error {
	return &types.ClusterNotFoundException{Message: aws.String("Cluster not found.")}
}

func clusterNameInvalid(name string) error {
	return invalidParameter(`Cluster must match ^[a-zA-Z0-9\-_]{1,255}$, but was %s`, name)
}

func clusterInconsistent() error {
	return invalidParameter("Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
}

func clusterContainsServices() error {
	return &types.ClusterContainsServicesException{
		Message: aws.String("The Cluster cannot be deleted while Services are active."),
	}
}

func clusterContainsTasks() error {
	return &types.ClusterContainsTasksException{
		Message: aws.String("The Cluster cannot be deleted while Tasks are active."),
	}
}

// capacityProviderUnknown: github.com/terraform-aws-modules/terraform-aws-ecs/issues/53,
// with the name where a like text has it.
func capacityProviderUnknown(name string) error {
	return invalidParameter("The specified capacity provider '%s' was not found. Specify a valid capacity provider and try again.", name)
}

// providerNotInCluster: a recorded RunTask answer (dask/dask-cloudprovider issue 328).
func providerNotInCluster() error {
	return invalidParameter("The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try again.")
}

// providersNeedDeployment: seen in many places; the guide has it too (update
// service parameters, CDK considerations).
func providersNeedDeployment() error {
	return invalidParameter("When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.")
}

func providerInUse() error {
	return &types.ResourceInUseException{Message: aws.String("The specified capacity provider is in use and cannot be removed.")}
}

func serviceNotFound() error {
	return &types.ServiceNotFoundException{Message: aws.String("Service not found.")}
}

// serviceDeploymentNotFound and serviceDeploymentConflict: the texts are chosen.
func serviceDeploymentNotFound() error {
	return &types.ServiceDeploymentNotFoundException{Message: aws.String("Service deployment not found.")}
}

func serviceDeploymentConflict() error {
	return &types.ConflictException{Message: aws.String("The service deployment is not in progress.")}
}

// hookNotFound and hookConflict: the texts are chosen.
func hookNotFound(id string) error {
	return invalidParameter("The lifecycle hook %s was not found.", id)
}

func hookConflict() error {
	return &types.ConflictException{Message: aws.String("The lifecycle hook does not await an action.")}
}

func serviceNotActive() error {
	return &types.ServiceNotActiveException{Message: aws.String("Service was not ACTIVE.")}
}

func serviceNotIdempotent() error { return invalidParameter("Creation of service was not idempotent.") }

func serviceDraining() error {
	return invalidParameter("Unable to Start a service that is still Draining.")
}

func serviceScaled() error {
	return invalidParameter("The service cannot be stopped while it is scaled above 0.")
}

func serviceDeploying() error {
	return invalidParameter("The service cannot be stopped while deployments are active.")
}

func taskSetNotFound() error {
	return &types.TaskSetNotFoundException{Message: aws.String("The specified task set does not exist.")}
}

func taskSetInvalid() error { return invalidParameter("Task Set Identifier is invalid") }

func noTaskSets() error {
	return invalidParameter("Amazon ECS only supports task set management on services configured to use external deployment controllers.")
}

func tooManyTaskSets(n int) error {
	return invalidParameter("%d deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.", n)
}

func primaryUndeletable() error { return invalidParameter("Primary TaskSet cannot be deleted") }

// taskSetScaled follows the text for services; that there is such a refusal is
// documented (API reference, DeleteTaskSet.force).
func taskSetScaled() error {
	return invalidParameter("The TaskSet cannot be deleted while it is scaled above 0.")
}

// taskSetDraining and taskSetNotIdempotent: the texts are chosen; the latter is
// that for clusters.
func taskSetDraining() error {
	return invalidParameter("The specified task set is draining. Specify an active task set and try again.")
}

func taskSetNotIdempotent() error { return clusterInconsistent() }

// serviceNameInvalid: the text follows the one for clusters.
func serviceNameInvalid(name string) error {
	return invalidParameter(`Service name must match ^[a-zA-Z0-9\-_]{1,255}$, but was %s`, name)
}

func definitionUndescribable() error { return clientError("Unable to describe task definition.") }

func definitionNotFound() error { return clientError("TaskDefinition not found.") }

func definitionBlank() error { return invalidParameter("Task Definition can not be blank.") }

const (
	definitionMissing     = "The specified task definition does not exist. Specify a valid account, family, revision and try again."
	definitionStillActive = "The specified task definition is still in ACTIVE status. Please deregister the target and try again."
)

func definitionMissingForDeregister() error { return clientError(definitionMissing) }

// The texts for daemons' task definitions follow those for ordinary ones.

func daemonDefinitionUndescribable() error {
	return clientError("Unable to describe daemon task definition.")
}

func daemonDefinitionMissing() error {
	return clientError("The specified daemon task definition does not exist. Specify a valid account, family, revision and try again.")
}

// expressNotFound: seen by Terraform's AWS provider.
func expressNotFound() error {
	return &types.ResourceNotFoundException{Message: aws.String("Resource not found")}
}

// ECS's texts about daemons are not known, but for a part of that for a second
// deletion, which Terraform's AWS provider looks for.

func daemonNotFound() error {
	return &types.DaemonNotFoundException{Message: aws.String("Daemon not found.")}
}

func daemonNotActive() error {
	return &types.DaemonNotActiveException{Message: aws.String("Daemon was not ACTIVE.")}
}

func daemonNotIdempotent() error { return invalidParameter("Creation of daemon was not idempotent.") }

func daemonBeingDeleted() error {
	return invalidParameter("Unable to create a daemon that is still being deleted.")
}

func daemonDeletionOngoing() error {
	return invalidParameter("The daemon cannot be deleted while its deployment deletion is ongoing.")
}

func daemonNameInvalid(name string) error {
	return invalidParameter(`Daemon name must match ^[a-zA-Z0-9\-_]{1,255}$, but was %s`, name)
}

func daemonARNInvalid(given string) error { return invalidParameter("Invalid daemon ARN: %s", given) }

func revisionMissing() error { return clientError("Revision is missing.") }

func taskNotFound() error { return invalidParameter("The referenced task was not found.") }

func taskIDLength() error { return invalidParameter("taskId length should be one of [32,36]") }

func separators() error { return invalidParameter("Unexpected number of separators") }

func otherCluster(given, called string) error {
	return invalidParameter("Invalid identifier: Identifier is for cluster %s. Your cluster is %s", given, called)
}

// otherPlace is for an ARN of another region or account; the text follows
// otherCluster's, no source has it.
func otherPlace(what, given, called string) error {
	return invalidParameter("Invalid identifier: Identifier is for %s %s. Your %s is %s", what, given, what, called)
}

func cannotBeEmpty(things string) error { return invalidParameter("%s cannot be empty.", things) }

func atMost(things string, n int) error {
	return invalidParameter("%s can have at most %d items.", things, n)
}

// countRange: the text is chosen; no source has it.
func countRange() error { return invalidParameter("Tasks count should be in range [1,10].") }

func oneOf(thing string, values ...string) error {
	return invalidParameter("%s should be one of [%s]", thing, strings.Join(values, ","))
}

// invalidSetting: a value that a setting of a cluster or an account cannot have
// (github.com/terraform-aws-modules/terraform-aws-ecs/issues/264; aws/aws-cli issue 3785).
func invalidSetting() error { return invalidParameter("Invalid setting 'value'") }

func invalidToken() error { return invalidParameter("Invalid token.") }

// maxResultsRange: the text is chosen; no source has it.
func maxResultsRange(limit int) error {
	return invalidParameter("maxResults should be between 1 and %d", limit)
}

func bothLaunchTypeAndStrategy() error {
	return invalidParameter("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
}

func noInstances() error {
	return invalidParameter("No Container Instances were found in your cluster.")
}

func networkConfigurationMissing() error {
	return invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
}

func networkConfigurationInvalid() error {
	return invalidParameter("Network Configuration is not valid for the given networkMode of this task definition.")
}

func subnetsEmpty() error { return invalidParameter("subnets can not be empty.") }

func publicIPUnsupported() error {
	return invalidParameter("Assign public IP is not supported for this launch type.")
}

func launchTypeIncompatible(launchType types.LaunchType) error {
	return invalidParameter("Task definition does not support launch_type %s.", launchType)
}

func overrideUnknownContainer(name string) error {
	return invalidParameter("Override for container named %s is not a container in the TaskDefinition.", name)
}

// placementOnFargate: noted from AWS for constraints and strategies alike.
func placementOnFargate(what string) error {
	return invalidParameter("Placement %s are not supported with FARGATE launch type.", what)
}

func platformVersionWithEC2() error {
	return invalidParameter("The platform version must be null when specifying an EC2 launch type.")
}

func platformUnknown() error {
	return &types.PlatformUnknownException{Message: aws.String("The specified platform does not exist.")}
}

// unsupported refuses a member of a request that Gantry does not serve, by name.
func unsupported(pointer, reason string) error { return clientError("%s: %s", pointer, reason) }

func namespaceNotFound(namespace string) error {
	return &types.NamespaceNotFoundException{Message: aws.String("The namespace " + namespace + " was not found.")} // the text is chosen
}

func failure(arn, reason string) types.Failure {
	return types.Failure{Arn: aws.String(arn), Reason: aws.String(reason)}
}

// inactive: the text is known for clusters, and inferred for the other things.
func inactive(thing string) error {
	return invalidParameter("The specified %s is inactive. Specify an active %s and try again.", thing, thing)
}

// taskStopped: the text follows the one for what is inactive.
func taskStopped() error {
	return invalidParameter("The specified task is stopped. Specify a running task and try again.")
}

func invalidARN() error { return invalidParameter("Invalid arn syntax.") }

func shortARN() error { return invalidParameter("Long arn format must be used for tagging operations") }

// resourceNotFound: the type is in the model, the text is chosen.
func resourceNotFound(arn string) error {
	return &types.ResourceNotFoundException{Message: aws.String("The specified resource " + arn + " was not found.")}
}

// tooManyTags: the type is in the model, the text is chosen.
func tooManyTags() error {
	return &types.LimitExceededException{Message: aws.String("A resource can have at most 50 tags.")}
}

// Reasons of failures (Developer Guide, API failure reasons and task scale-in
// protection).
const (
	reasonMissing           = "MISSING"
	reasonTaskNotValid      = "TASK_NOT_VALID"
	reasonDeploymentBlocked = "DEPLOYMENT_BLOCKED"
)
