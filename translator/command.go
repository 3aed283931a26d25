package translator

import "strings"

var commandFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/entryPoint", Class: Translated, To: "Pod /spec/containers/*/command",
		Rule: "as given, every $ doubled: Kubernetes expands $(NAME), ECS does not",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/command", Class: Translated, To: "Pod /spec/containers/*/args",
		Rule: "as given, every $ doubled: Kubernetes expands $(NAME), ECS does not",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/workingDirectory", Class: Translated, To: "Pod /spec/containers/*/workingDir",
		Rule: "as given",
	},
	{
		Document: Task, Path: "/overrides/containerOverrides/*/command", Class: Translated, To: "Pod /spec/containers/*/args",
		Rule: "replaces the definition's command; every $ doubled",
	},
}

func (r *renderer) command(c *container) {
	if len(c.def.EntryPoint) > 0 {
		c.out.Command = literals(c.def.EntryPoint)
		r.translated(c.member("entryPoint"), c.pointer("command"))
	}
	if len(c.def.Command) > 0 {
		c.out.Args = literals(c.def.Command)
		r.translated(c.member("command"), c.pointer("args"))
	}
	if dir := value(c.def.WorkingDirectory); dir != "" {
		c.out.WorkingDir = dir
		r.translated(c.member("workingDirectory"), c.pointer("workingDir"))
	}
}

// literal protects a text from Kubernetes' expansion of $(NAME) and $$, which
// ECS does not have.
func literal(text string) string {
	return strings.ReplaceAll(text, "$", "$$")
}

func literals(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = literal(text)
	}
	return out
}
