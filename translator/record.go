package translator

const (
	storedRule   = "stored, and given back by the describe calls"
	computedRule = "ECS's own record of the revision; stored, and given back"
)

// recordFields are kept and given back; nothing that runs depends on them, on
// ECS either.
var recordFields = []Field{
	{Document: TaskDefinition, Path: "/taskDefinitionArn", Class: Represented, Rule: computedRule},
	{Document: TaskDefinition, Path: "/family", Class: Represented, Rule: "names the revision and is a label of the task's pod"},
	{Document: TaskDefinition, Path: "/revision", Class: Represented, Rule: computedRule},
	{Document: TaskDefinition, Path: "/status", Class: Represented, Rule: computedRule},
	{Document: TaskDefinition, Path: "/registeredAt", Class: Represented, Rule: computedRule},
	{Document: TaskDefinition, Path: "/registeredBy", Class: Represented, Rule: computedRule},
	{Document: TaskDefinition, Path: "/deregisteredAt", Class: Represented, Rule: computedRule},
	{Document: TaskDefinition, Path: "/deleteRequestedAt", Class: Represented, Rule: computedRule},
	{Document: TaskDefinition, Path: "/compatibilities", Class: Represented, Rule: computedRule},
	{Document: TaskDefinition, Path: "/requiresCompatibilities", Class: Represented, Rule: "checked when the revision is registered"},
}
