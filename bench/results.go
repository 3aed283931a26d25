package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"
)

// result is one line of the table. Value is absent where a row could not be measured.
type result struct {
	Row   string   `json:"row"`
	Value *float64 `json:"value"`
	Unit  string   `json:"unit"`
	Limit float64  `json:"limit"`
	Note  string   `json:"note,omitempty"`
}

func (r result) shown() string {
	if r.Value == nil {
		return "-"
	}
	return strconv.FormatFloat(*r.Value, 'f', 2, 64)
}

func (r result) verdict() string {
	switch {
	case r.Value == nil:
		return "not measured"
	case *r.Value > r.Limit:
		return "OVER"
	default:
		return "ok"
	}
}

func printTable(w io.Writer, results []result) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "row\tvalue\tat most\tunit\t\tmeasured")
	for _, r := range results {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n",
			r.Row, r.shown(), limit(r.Limit), r.Unit, r.verdict(), r.Note)
	}
	_ = table.Flush()
}

func writeResults(path string, results []result) error {
	data, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return fmt.Errorf("encode results: %w", err)
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

// shortfalls make the command fail for rows without a value and for rows over
// their limit. The load in their notes says how far to trust them.
func shortfalls(results []result) error {
	var errs []error
	for _, r := range results {
		switch {
		case r.Value == nil:
			errs = append(errs, fmt.Errorf("%s: %s", r.Row, r.Note))
		case *r.Value > r.Limit:
			errs = append(errs, fmt.Errorf("%s: %s is over %s", r.Row, r.shown(), limit(r.Limit)))
		}
	}
	return errors.Join(errs...)
}

func limit(l float64) string { return strconv.FormatFloat(l, 'f', -1, 64) }
