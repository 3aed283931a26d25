package translator

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

const (
	callRule       = "decides which objects the call reads and writes"
	tagsRule       = "stored, and given back where the answer of the call or a describe call has tags"
	strategyRule   = "Gantry does not translate capacity providers other than FARGATE and FARGATE_SPOT yet"
	deployerRule   = "ECS rolls deployments out itself; with EXTERNAL and CODE_DEPLOY each task set is a Deployment of its own"
	breakerRule    = "ends a deployment whose tasks fail one after the other, and takes it back where asked to"
	earlyRule      = "a rolling deployment completes when so many of its tasks are healthy, before or after the old ones have gone; the rest is scaling"
	monitoringRule = "how often CloudWatch gets the service's metrics; there is no CloudWatch here, and autoscalers read the cluster's metrics"
	alarmsRule     = "there is no CloudWatch here whose alarms could be looked at"
)

// callFields are the members of the calls, RunTask's and some of
// RegisterTaskDefinition's and CreateService's, that say what is meant and how
// it is recorded.
var callFields = []Field{
	{Document: TaskDefinition, Path: "/tags/*/key", Class: Represented, Rule: tagsRule},
	{Document: TaskDefinition, Path: "/tags/*/value", Class: Represented, Rule: tagsRule},
	{Document: Task, Path: "/taskDefinition", Class: Represented, Rule: callRule},
	{Document: Task, Path: "/cluster", Class: Represented, Rule: callRule},
	{Document: Task, Path: "/clientToken", Class: Represented, Rule: "names the objects, so that a call made again finds them"},
	{Document: Task, Path: "/count", Class: Represented, Rule: "the number of pods"},
	{Document: Task, Path: "/group", Class: Represented, Rule: storedRule},
	{Document: Task, Path: "/startedBy", Class: Represented, Rule: storedRule},
	{Document: Task, Path: "/referenceId", Class: Represented, Rule: "the caller's own mark: part of what a clientToken stands for; no answer has it"},
	{Document: Task, Path: "/tags/*/key", Class: Represented, Rule: tagsRule},
	{Document: Task, Path: "/tags/*/value", Class: Represented, Rule: tagsRule},
	{Document: Task, Path: "/propagateTags", Class: Represented, Rule: tagsRule},
	{Document: Task, Path: "/enableECSManagedTags", Class: Represented, Rule: tagsRule},
	{Document: Task, Path: "/platformVersion", Class: Represented, Rule: "a cluster has one platform, its own; stored, and given back"},
	{
		Document: Task, Path: "/enableExecuteCommand", Class: Represented,
		Rule: "a container needs nothing in it for a command to be run; the field says whether ExecuteCommand may",
	},
	{
		Document: Task, Path: "/capacityProviderStrategy", Class: Refused, Rule: strategyRule,
		Harmless: onlyFargate, Except: "FARGATE and FARGATE_SPOT: every task runs on a node of the cluster, and is of the provider that base and weight give it",
	},
}

// serviceFields are the members of CreateService that RunTask has not.
var serviceFields = []Field{
	{Document: Service, Path: "/serviceName", Class: Translated, To: "ECSService /spec/name", Rule: "the service's name"},
	{Document: Service, Path: "/desiredCount", Class: Translated, To: "ECSService /spec/desiredCount", Rule: "the number of tasks to keep running"},
	{
		Document: Service, Path: "/deploymentConfiguration/minimumHealthyPercent", Class: Translated,
		To: "ECSService /spec/minimumHealthyPercent", Rule: "bounds the tasks during a deployment",
	},
	{
		Document: Service, Path: "/deploymentConfiguration/maximumPercent", Class: Translated,
		To: "ECSService /spec/maximumPercent", Rule: "bounds the tasks during a deployment",
	},
	{Document: Service, Path: "/deploymentConfiguration/deploymentCircuitBreaker/enable", Class: Represented, Rule: breakerRule},
	{Document: Service, Path: "/deploymentConfiguration/deploymentCircuitBreaker/rollback", Class: Represented, Rule: breakerRule},
	{Document: Service, Path: "/deploymentConfiguration/deploymentCircuitBreaker/resetOnHealthyTask", Class: Represented, Rule: breakerRule},
	{Document: Service, Path: "/deploymentConfiguration/deploymentCircuitBreaker/thresholdConfiguration/type", Class: Represented, Rule: breakerRule},
	{Document: Service, Path: "/deploymentConfiguration/deploymentCircuitBreaker/thresholdConfiguration/value", Class: Represented, Rule: breakerRule},
	{Document: Service, Path: "/deploymentConfiguration/alarms/alarmNames", Class: Represented, Rule: storedRule},
	{Document: Service, Path: "/deploymentConfiguration/alarms/rollback", Class: Represented, Rule: storedRule},
	{
		Document: Service, Path: "/deploymentConfiguration/alarms/enable", Class: Refused, Rule: alarmsRule,
		Harmless: isFalse, Except: "false: no alarm is looked at",
	},
	{Document: Service, Path: "/deploymentConfiguration/earlySuccessCriteria/enable", Class: Represented, Rule: earlyRule},
	{Document: Service, Path: "/deploymentConfiguration/earlySuccessCriteria/healthyPercent", Class: Represented, Rule: earlyRule},
	{Document: Service, Path: "/deploymentConfiguration/earlySuccessCriteria/sourceServiceRevisionCleanup", Class: Represented, Rule: earlyRule},
	{Document: Service, Path: "/deploymentController/type", Class: Represented, Rule: deployerRule},
	{
		Document: Service, Path: "/availabilityZoneRebalancing", Class: Represented,
		Rule: "ENABLED: while the service is steady, a task of the zone that has the most is replaced where that is two more than the zone that has the fewest, " +
			"and a node there has room; DISABLED: no running task is moved",
	},
	{
		Document: Service, Path: "/healthCheckGracePeriodSeconds", Class: Translated,
		To: "ECSService /spec/healthCheckGracePeriodSeconds", Rule: "for so long after its start a task is not stopped for its health",
	},
	{Document: Service, Path: "/vpcLatticeConfigurations", Class: Refused, Rule: "there is no VPC Lattice here to register tasks with: name a target group, or use Service Connect"},
	{Document: Service, Path: "/gatewayConnectors", Class: Refused, Rule: "Gantry makes no gateways: name a target group, or use Service Connect"},
	{Document: Service, Path: "/monitoring/metricConfigurations/*/metricNames", Class: Represented, Rule: monitoringRule},
	{Document: Service, Path: "/monitoring/metricConfigurations/*/resolutionSeconds", Class: Represented, Rule: monitoringRule},
}

// RegistrationFindings classifies the members of a RegisterTaskDefinition call
// that the task definition has not.
func RegistrationFindings(in *ecs.RegisterTaskDefinitionInput) []Finding {
	return classify(TaskDefinition, &ecs.RegisterTaskDefinitionInput{Tags: in.Tags})
}

// TaskFindings classifies the members of a RunTask call that RenderPodSpec does
// not see.
func TaskFindings(in *ecs.RunTaskInput) []Finding {
	rest := *in
	rest.Overrides, rest.LaunchType, rest.NetworkConfiguration = nil, "", nil
	rest.PlacementConstraints, rest.PlacementStrategy, rest.VolumeConfigurations = nil, nil, nil
	rest.EnableExecuteCommand = false
	return classify(Task, &rest)
}

// ServiceFindings classifies the members of a CreateService call that
// RenderPodSpec does not see.
func ServiceFindings(in *ecs.CreateServiceInput) []Finding {
	rest := *in
	rest.LaunchType, rest.NetworkConfiguration = "", nil
	rest.PlacementConstraints, rest.PlacementStrategy, rest.VolumeConfigurations = nil, nil, nil
	rest.EnableExecuteCommand = false
	return classify(Service, &rest)
}

// classify is for members that are translated as they are, by whoever reads the
// call.
func classify(document Document, root any) []Finding {
	var findings []Finding
	for _, l := range table.leaves(document, root) {
		f := classifyLeaf(document, l)
		if row, known := table.lookup(document, l.path); known && row.Class == Translated {
			f.Class, f.Rule = Translated, row.Rule
			f.Object, f.Kubernetes = splitTarget(row.To)
		}
		findings = append(findings, f)
	}
	return findings
}

func onlyFargate(v reflect.Value) bool {
	items, _ := reflect.TypeAssert[[]types.CapacityProviderStrategyItem](v)
	for _, item := range items {
		if name := value(item.CapacityProvider); name != "FARGATE" && name != "FARGATE_SPOT" {
			return false
		}
	}
	return true
}
