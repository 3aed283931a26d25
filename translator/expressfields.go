package translator

import "github.com/aws/aws-sdk-go-v2/service/ecs"

const (
	expressDefinitionRule = "a member of the task definition that is registered for the service"
	expressScalingRule    = "as a caller of Application Auto Scaling gives it"
)

func expressDefinitionField(path string) Field {
	return Field{Document: ExpressService, Path: path, Class: Translated, To: "TaskDefinition /spec/definition", Rule: expressDefinitionRule}
}

// expressFields are the members of CreateExpressGatewayService and
// UpdateExpressGatewayService.
var expressFields = []Field{
	{Document: ExpressService, Path: "/serviceName", Class: Translated, To: "ECSService /spec/name", Rule: "the service's name; one is made up where none is given"},
	{Document: ExpressService, Path: "/serviceArn", Class: Represented, Rule: callRule},
	{Document: ExpressService, Path: "/cluster", Class: Represented, Rule: callRule},
	{Document: ExpressService, Path: "/infrastructureRoleArn", Class: Represented, Rule: "lets ECS make load balancers and policies; Gantry needs no role for it"},
	{Document: ExpressService, Path: "/taskDefinitionArn", Class: Represented, Rule: "the service's task definition; its container Main gets the traffic"},
	expressDefinitionField("/cpu"),
	expressDefinitionField("/memory"),
	expressDefinitionField("/cpuArchitecture"),
	expressDefinitionField("/executionRoleArn"),
	expressDefinitionField("/taskRoleArn"),
	expressDefinitionField("/primaryContainer/image"),
	expressDefinitionField("/primaryContainer/command"),
	expressDefinitionField("/primaryContainer/environment/*/name"),
	expressDefinitionField("/primaryContainer/environment/*/value"),
	expressDefinitionField("/primaryContainer/secrets/*/name"),
	expressDefinitionField("/primaryContainer/secrets/*/valueFrom"),
	expressDefinitionField("/primaryContainer/awsLogsConfiguration/logGroup"),
	expressDefinitionField("/primaryContainer/awsLogsConfiguration/logStreamPrefix"),
	expressDefinitionField("/primaryContainer/repositoryCredentials/credentialsParameter"),
	{
		Document: ExpressService, Path: "/primaryContainer/containerPort", Class: Translated, To: "Service /spec/ports/*/targetPort",
		Rule: "a Service leads to it, from within the cluster; the deployment is ROLLING, where ECS shifts traffic in steps",
	},
	{
		Document: ExpressService, Path: "/healthCheckPath", Class: Represented,
		Rule: "stored, and given back; a task counts as healthy when its port listens",
	},
	{Document: ExpressService, Path: "/networkConfiguration/subnets", Class: Represented, Rule: vpcRule},
	{Document: ExpressService, Path: "/networkConfiguration/securityGroups", Class: Represented, Rule: vpcRule},
	{Document: ExpressService, Path: "/scalingTarget/minTaskCount", Class: Translated, To: "ScalableTarget /spec/minCapacity", Rule: expressScalingRule},
	{Document: ExpressService, Path: "/scalingTarget/maxTaskCount", Class: Translated, To: "ScalableTarget /spec/maxCapacity", Rule: expressScalingRule},
	{Document: ExpressService, Path: "/scalingTarget/autoScalingTargetValue", Class: Translated, To: "ScalableTarget /spec/policies", Rule: expressScalingRule},
	{
		Document: ExpressService, Path: "/scalingTarget/autoScalingMetric", Class: Refused, Rule: "a cluster counts no requests",
		Harmless: anyOf("AVERAGE_CPU", "AVERAGE_MEMORY"), Except: "AVERAGE_CPU and AVERAGE_MEMORY: a target tracking policy of that metric",
	},
	{Document: ExpressService, Path: "/tags/*/key", Class: Represented, Rule: tagsRule},
	{Document: ExpressService, Path: "/tags/*/value", Class: Represented, Rule: tagsRule},
}

// ExpressFindings classifies the members of a CreateExpressGatewayService call.
func ExpressFindings(in *ecs.CreateExpressGatewayServiceInput) []Finding {
	return classify(ExpressService, in)
}

// UpdateExpressFindings classifies those of an UpdateExpressGatewayService call.
func UpdateExpressFindings(in *ecs.UpdateExpressGatewayServiceInput) []Finding {
	return classify(ExpressService, in)
}
