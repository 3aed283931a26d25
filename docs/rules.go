package docs

import (
	"fmt"
	"io"
	"strings"

	"github.com/gantry-ecs/gantry/translator"
)

const rulesHead = generated + `# When a task stops, and why

A task's controller asks these rules of each of its pods, from the top; the first that matches
wins. What a user stops with StopTask, and what a service's scheduler no longer wants, has its
reason before any rule is asked.

A task that failed to start tells its error where ECS does: on Fargate in the stopped reason, on
EC2 and EXTERNAL in the container's reason, under the stopped reason "Task failed to start".

| rule | seen on the pod | stop code | stopped reason |
| --- | --- | --- | --- |
`

// WriteRules writes the page of the rules that stop tasks.
func WriteRules(w io.Writer) error {
	var out strings.Builder
	out.WriteString(rulesHead)
	for i := range translator.Rules {
		rule := &translator.Rules[i]
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", rule.Name, cell(rule.Seen), rule.Code, cell(rule.Reason))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// cell is a text that ends no cell of a table and opens no tag.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(text)
}
