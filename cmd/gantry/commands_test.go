package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

//go:generate go test . -run TestCommandsPage -update-commands

var updateCommands = flag.Bool("update-commands", false, "write docs/commands.md")

func TestCommandsPage(t *testing.T) {
	const name = "../../docs/commands.md"
	for _, variable := range []string{"KUBECONFIG", listenVariable} {
		t.Setenv(variable, "")
	}
	var page bytes.Buffer
	if err := writeCommandsPage(&page, newRootCommand()); err != nil {
		t.Fatal(err)
	}
	if *updateCommands {
		if err := os.WriteFile(name, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	held, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(held), page.String()); diff != "" {
		t.Errorf("docs/commands.md is not what the commands say (-page +commands); go generate ./cmd/gantry writes it:\n%s", diff)
	}
}

const commandsHead = `<!-- Generated from the commands by go generate ./cmd/gantry; do not edit. -->

# Commands and flags

Defaults that depend on the environment are those of an empty one.
`

// writeCommandsPage writes the page of all commands, in Markdown.
func writeCommandsPage(w io.Writer, root *cobra.Command) error {
	var out strings.Builder
	out.WriteString(commandsHead)
	for _, child := range root.Commands() {
		writeCommand(&out, child)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func writeCommand(out *strings.Builder, cmd *cobra.Command) {
	if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "completion" {
		return
	}
	fmt.Fprintf(out, "\n## %s\n\n", cmd.CommandPath())
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	fmt.Fprintf(out, "%s\n", strings.TrimSpace(text))
	if cmd.Runnable() {
		fmt.Fprintf(out, "\n```\n%s\n", cmd.UseLine())
		if flags := cmd.NonInheritedFlags().FlagUsages(); flags != "" {
			fmt.Fprintf(out, "\n%s", flags)
		}
		out.WriteString("```\n")
	}
	for _, child := range cmd.Commands() {
		writeCommand(out, child)
	}
}
