package translator

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// managedDaemonFields are the members of CreateDaemon and UpdateDaemon.
var managedDaemonFields = []Field{
	{Document: Daemon, Path: "/daemonName", Class: Translated, To: "Daemon /spec/name", Rule: "the daemon's name"},
	{Document: Daemon, Path: "/daemonArn", Class: Represented, Rule: callRule},
	{Document: Daemon, Path: "/clusterArn", Class: Represented, Rule: callRule},
	{Document: Daemon, Path: "/clientToken", Class: Represented, Rule: "tells a call made again from another"},
	{
		Document: Daemon, Path: "/daemonTaskDefinitionArn", Class: Translated, To: "DaemonSet /spec/template",
		Rule: "as the task definition with the same members",
	},
	{
		Document: Daemon, Path: "/capacityProviderArns", Class: Represented,
		Rule: "stored, and given back: every node that takes pods is an instance of the first; FARGATE and FARGATE_SPOT have no instances",
	},
	{
		Document: Daemon, Path: "/critical", Class: Represented,
		Rule: "stored, and given back: Gantry drains no node because a daemon's task stops there",
	},
	{
		Document: Daemon, Path: "/deploymentConfiguration/drainPercent", Class: Represented,
		Rule: "so many of the instances at a time, one at least, have the old task stopped; the node stays",
	},
	{
		Document: Daemon, Path: "/deploymentConfiguration/bakeTimeInMinutes", Class: Represented,
		Rule: "so long after the last instance runs the revision the deployment is SUCCESSFUL",
	},
	{
		Document: Daemon, Path: "/deploymentConfiguration/alarms", Class: Refused, Rule: alarmsRule,
		Harmless: disabledDaemonAlarms, Except: "enable false: no alarm is looked at",
	},
	{
		Document: Daemon, Path: "/enableExecuteCommand", Class: Represented,
		Rule: "a container needs nothing in it for a command to be run; the field says whether ExecuteCommand may",
	},
	{Document: Daemon, Path: "/enableECSManagedTags", Class: Represented, Rule: tagsRule},
	{Document: Daemon, Path: "/propagateTags", Class: Represented, Rule: tagsRule},
	{Document: Daemon, Path: "/tags/*/key", Class: Represented, Rule: tagsRule},
	{Document: Daemon, Path: "/tags/*/value", Class: Represented, Rule: tagsRule},
}

// DaemonFindings classifies the members of a CreateDaemon call.
func DaemonFindings(in *ecs.CreateDaemonInput) []Finding { return classify(Daemon, in) }

// UpdateDaemonFindings classifies the members of an UpdateDaemon call.
func UpdateDaemonFindings(in *ecs.UpdateDaemonInput) []Finding { return classify(Daemon, in) }

func disabledDaemonAlarms(v reflect.Value) bool {
	alarms, ok := reflect.TypeAssert[types.DaemonAlarmConfiguration](v)
	return ok && !alarms.Enable
}
