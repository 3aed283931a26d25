package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gantry-ecs/gantry/compat"
)

func newCompatCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compat",
		Short: "The conformance suite: what an endpoint does as ECS does it",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newCompatRunCommand(), newCompatListCommand())
	return cmd
}

// compatFlags are those of compat run.
type compatFlags struct {
	options compat.Options
	run     string
	output  string
	without []string
	results string
	update  bool
}

func newCompatRunCommand() *cobra.Command {
	var flags compatFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the suite against an endpoint",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return flags.execute(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.options.Endpoint, "endpoint", "http://127.0.0.1:4566", "URL of the endpoint; empty for AWS itself")
	f.StringVar(&flags.options.Region, "region", "us-east-1", "region to sign for")
	f.StringVar(&flags.options.AccessKey, "access-key", "test", "access key to sign with")
	f.StringVar(&flags.options.SecretKey, "secret-key", "test", "secret key to sign with")
	f.StringVar(&flags.options.ImagePrefix, "image-prefix", "gantry.local", "what the test images' names begin with")
	f.IntVar(&flags.options.Parallel, "parallel", 4, "cases that run at the same time")
	f.StringVar(&flags.run, "run", "", "run only the cases whose names match this regular expression")
	f.StringArrayVar(&flags.without, "without", nil, fmt.Sprintf("feature that the endpoint lacks, one of %v; repeatable", compat.Features()))
	f.StringVarP(&flags.output, "output", "o", "table", "table or json")
	f.StringVar(&flags.results, "results", "", "file of recorded results to compare with: the command fails if an operation falls below them, and not on other failures")
	f.BoolVar(&flags.update, "update", false, "write the results into the file of --results instead of comparing")
	return cmd
}

func (f *compatFlags) execute(cmd *cobra.Command) error {
	if err := f.complete(cmd); err != nil {
		return err
	}
	outcomes, err := compat.Run(cmd.Context(), compat.Cases(), f.options)
	if err != nil {
		return fmt.Errorf("run the suite: %w", err)
	}
	results := compat.Summarize(outcomes)
	if f.output == "json" {
		encoder := json.NewEncoder(cmd.OutOrStdout())
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(map[string]any{"operations": results, "cases": outcomes}); err != nil {
			return fmt.Errorf("write the results: %w", err)
		}
	} else if err := printCompatTable(cmd.OutOrStdout(), results, outcomes); err != nil {
		return err
	}
	return f.judge(cmd, results, outcomes)
}

func (f *compatFlags) complete(cmd *cobra.Command) error {
	if f.output != "table" && f.output != "json" {
		return fmt.Errorf("output is %q; it can be table or json", f.output)
	}
	if f.update && f.results == "" {
		return errors.New("--update needs --results, the file to write")
	}
	if f.results != "" && (f.run != "" || len(f.without) > 0) {
		return errors.New("--results is of whole runs: it cannot go with --run or --without")
	}
	if f.run != "" {
		pattern, err := regexp.Compile(f.run)
		if err != nil {
			return fmt.Errorf("--run: %w", err)
		}
		f.options.Select = pattern
	}
	for _, name := range f.without {
		feature := compat.Feature(name)
		if !slices.Contains(compat.Features(), feature) {
			return fmt.Errorf("--without %s: the features are %v", name, compat.Features())
		}
		f.options.Without = append(f.options.Without, feature)
	}
	f.options.Done = func(o compat.Outcome) { printOutcome(cmd.ErrOrStderr(), o) }
	return nil
}

func printOutcome(w io.Writer, o compat.Outcome) {
	switch {
	case o.Skipped != "":
		fmt.Fprintf(w, "skip  %s: %s\n", o.Name, o.Skipped)
	case o.Passed():
		fmt.Fprintf(w, "ok    %s (%.1f s)\n", o.Name, o.Seconds)
	default:
		fmt.Fprintf(w, "FAIL  %s (%.1f s)\n", o.Name, o.Seconds)
		for _, failure := range o.Failures {
			fmt.Fprintf(w, "      %s\n", failure)
		}
	}
}

func printCompatTable(w io.Writer, results compat.Results, outcomes []compat.Outcome) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "OPERATION\tPASSED\tTOTAL")
	for _, op := range results.Operations() {
		fmt.Fprintf(table, "%s\t%d\t%d\n", op, results[op].Passed, results[op].Total)
	}
	passed, skipped := 0, 0
	for _, o := range outcomes {
		if o.Passed() {
			passed++
		}
		if o.Skipped != "" {
			skipped++
		}
	}
	fmt.Fprintf(table, "\n%d of %d cases passed, %d skipped\n", passed, len(outcomes)-skipped, skipped)
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

// judge decides whether the command fails: by the recorded results where there
// are any, else by any failure.
func (f *compatFlags) judge(cmd *cobra.Command, results compat.Results, outcomes []compat.Outcome) error {
	if f.update {
		return results.Write(f.results)
	}
	if f.results != "" {
		recorded, err := compat.ReadResults(f.results)
		if err != nil {
			return err
		}
		fallen := compat.Fallen(recorded, results)
		for _, line := range fallen {
			fmt.Fprintln(cmd.ErrOrStderr(), "fell: "+line)
		}
		if len(fallen) > 0 {
			return fmt.Errorf("%d operations fell below %s", len(fallen), f.results)
		}
		return nil
	}
	failed := 0
	for _, o := range outcomes {
		if len(o.Failures) > 0 {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d cases failed", failed)
	}
	return nil
}

func newCompatListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "The cases: name, what each shows, and the operations it checks",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(table, "NAME\tDESCRIPTION\tOPERATIONS\tNEEDS\tSOURCE")
			for _, c := range compat.Cases() {
				fmt.Fprintf(table, "%s\t%s\t%v\t%v\t%s\n", c.Name, c.Description, c.Operations, c.Needs, c.Source)
			}
			if err := table.Flush(); err != nil {
				return fmt.Errorf("write the table: %w", err)
			}
			return nil
		},
	}
}
