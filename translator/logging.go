package translator

import "github.com/aws/aws-sdk-go-v2/service/ecs/types"

const logPlaceRule = "stored; the node keeps the container's output as long as the pod is there"

var loggingFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/logDriver", Class: Translated, To: "the container's log on its node",
		Rule: "awslogs and json-file: the node keeps what the container writes, as long as the pod is there", Except: "other drivers are refused",
	},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/options/awslogs-group", Class: Represented, Rule: logPlaceRule},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/options/awslogs-region", Class: Represented, Rule: logPlaceRule},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/options/awslogs-stream-prefix", Class: Represented, Rule: logPlaceRule},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/options/awslogs-create-group", Class: Represented, Rule: logPlaceRule},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/options/awslogs-endpoint", Class: Represented, Rule: logPlaceRule},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/options/awslogs-datetime-format", Class: Ignored,
		Rule: "the container runs the same; every line of its output is an event of its own",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/options/awslogs-multiline-pattern", Class: Ignored,
		Rule: "the container runs the same; every line of its output is an event of its own",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/options/mode", Class: Ignored,
		Rule: "output goes to a file of the node, which neither blocks the container nor loses lines",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/options/max-buffer-size", Class: Ignored,
		Rule: "output goes to a file of the node; there is no buffer that could be full",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/options/max-size", Class: Ignored,
		Rule: "the kubelet has its own limit at which it begins a new file of a container's output",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/options/max-file", Class: Ignored,
		Rule: "the kubelet has its own number of files that it keeps of a container's output",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/options/*", Class: Refused,
		Rule: "Gantry does not translate this option of a log driver",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/logConfiguration/secretOptions", Class: Refused,
		Rule: "the node has no log driver that would read them",
	},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/firelensConfiguration", Class: Refused, Rule: "the output of a container goes to a file of its node, and no container of the same pod gets it from there"},
}

// logging notes the driver; the options are records of a place that the node
// does not know.
func (r *renderer) logging(c *container) {
	l := c.def.LogConfiguration
	if l == nil {
		return
	}
	at := c.member("logConfiguration")
	switch l.LogDriver {
	case types.LogDriverAwslogs, types.LogDriverJsonFile:
		r.translated(at.child("logDriver"), "")
	default:
		r.refuse(at, "a node writes output to its own files alone: "+string(l.LogDriver)+" is what a log agent of the cluster may speak")
	}
}
