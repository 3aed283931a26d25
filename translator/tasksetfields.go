package translator

import "github.com/aws/aws-sdk-go-v2/service/ecs"

// taskSetFields are the members of CreateTaskSet that CreateService has not.
var taskSetFields = []Field{
	{Document: TaskSet, Path: "/service", Class: Represented, Rule: callRule},
	{Document: TaskSet, Path: "/externalId", Class: Represented, Rule: "stored, and given back; there is no Cloud Map to give it to as an attribute of instances"},
	{
		Document: TaskSet, Path: "/scale/value", Class: Translated, To: "Deployment /spec/replicas",
		Rule: "so much of the service's desired count, rounded up: the Deployment follows both",
	},
	{Document: TaskSet, Path: "/scale/unit", Class: Represented, Rule: "PERCENT is the only one"},
}

// TaskSetFindings classifies the members of a CreateTaskSet call that
// RenderPodSpec does not see.
func TaskSetFindings(in *ecs.CreateTaskSetInput) []Finding {
	rest := *in
	rest.LaunchType, rest.NetworkConfiguration = "", nil
	return classify(TaskSet, &rest)
}
