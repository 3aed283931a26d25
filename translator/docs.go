package translator

import (
	"fmt"
	"io"
	"strings"
)

//go:generate go test . -run TestFieldTable -update

const fieldTableHead = `<!-- Generated from the classification in translator/ by go generate; do not edit. -->

# Every ECS field, and what becomes of it

A field is in one of four classes:

- **Translated**: it is in the Kubernetes object named beside it.
- **Represented**: it is stored and given back; it changes nothing in what runs.
- **Refused**: no task is started with it; the error names the field. Registering a task definition refuses only what ECS refuses.
- **Ignored**: it has no effect, and the rule says why a task behaves the same.

` + "`gantry translate FILE --explain`" + ` says the same about the fields of one task definition.

| class | fields |
| --- | --- |
`

// documentNames say what a field is a member of.
var documentNames = map[Document]string{
	TaskDefinition:       "task definition",
	DaemonTaskDefinition: "daemon task definition",
	ExpressService:       "express service",
	Daemon:               "daemon",
	Task:                 "call",
	Service:              "service",
	TaskSet:              "task set",
}

// WriteFieldTable writes the page about all fields, in Markdown.
func WriteFieldTable(w io.Writer) error {
	var out strings.Builder
	out.WriteString(fieldTableHead)
	for _, class := range []Class{Translated, Represented, Refused, Ignored} {
		fmt.Fprintf(&out, "| %s | %d |\n", class, countClass(class))
	}
	for _, topic := range Topics {
		fmt.Fprintf(&out, "\n## %s\n\n| of the | field | class | where it goes | rule |\n| --- | --- | --- | --- | --- |\n", topic.Title)
		for _, f := range topic.Fields {
			fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n",
				documentNames[f.Document], code(f.Path), f.Class, target(f.To), ruleText(f))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func countClass(class Class) int {
	n := 0
	for _, topic := range Topics {
		for _, f := range topic.Fields {
			if f.Class == class {
				n++
			}
		}
	}
	return n
}

// target shows the Kubernetes side as code where it names an object.
func target(to string) string {
	if object, pointer := splitTarget(to); strings.HasPrefix(pointer, "/") {
		return object + " " + code(pointer)
	}
	return to
}

func ruleText(f Field) string {
	text := f.Rule
	if f.Except != "" {
		text += ". But " + f.Except
	}
	return strings.ReplaceAll(text, "|", `\|`)
}

func code(text string) string {
	return "`" + text + "`"
}
