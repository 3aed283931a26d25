package translator

// linuxFields are what Docker and Linux can do beyond the fields above.
var linuxFields = []Field{
	{Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/capabilities", Class: Refused, Rule: notYet},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/devices", Class: Refused, Rule: notYet},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/initProcessEnabled", Class: Refused, Rule: notYet,
		Harmless: isFalse, Except: "false: the container's own process is its first",
	},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/maxSwap", Class: Refused, Rule: notYet},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/sharedMemorySize", Class: Refused, Rule: notYet},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/swappiness", Class: Refused, Rule: notYet},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/tmpfs", Class: Refused, Rule: notYet},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/ulimits", Class: Refused,
		Rule: "Kubernetes has no limits of this kind for a container: it has those of the node's container runtime",
	},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/systemControls", Class: Refused, Rule: notYet},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/interactive", Class: Refused, Rule: notYet,
		Harmless: isFalse, Except: "false: the container's standard input is closed",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/pseudoTerminal", Class: Refused, Rule: notYet,
		Harmless: isFalse, Except: "false: the container has no terminal",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/dockerLabels/*", Class: Represented,
		Rule: "labels of a Docker container, which no process in it sees; stored, and given back",
	},
	{Document: TaskDefinition, Path: "/ipcMode", Class: Refused, Rule: notYet},
	{Document: TaskDefinition, Path: "/pidMode", Class: Refused, Rule: notYet},
	{
		Document: TaskDefinition, Path: "/enableFaultInjection", Class: Refused, Rule: notYet,
		Harmless: isFalse, Except: "false: no faults are injected",
	},
}

// notYet is the reason for a field that a later version may translate.
const notYet = "Gantry does not translate this field yet"
