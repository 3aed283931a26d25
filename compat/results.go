package compat

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
)

// Outcome is how one case ended: skipped with a reason, or with failures, or well.
type Outcome struct {
	Name       string   `json:"name"`
	Operations []string `json:"operations"`
	Skipped    string   `json:"skipped,omitempty"`
	Failures   []string `json:"failures,omitempty"`
	Seconds    float64  `json:"seconds"`
}

// Passed says that the case ran and found nothing.
func (o Outcome) Passed() bool { return o.Skipped == "" && len(o.Failures) == 0 }

// Score is how many of an operation's cases passed.
type Score struct {
	Passed int `json:"passed"`
	Total  int `json:"total"`
}

// Results are the scores by operation.
type Results map[string]Score

// Summarize counts. A skipped case counts in no score.
func Summarize(outcomes []Outcome) Results {
	results := Results{}
	for _, o := range outcomes {
		if o.Skipped != "" {
			continue
		}
		for _, op := range o.Operations {
			s := results[op]
			s.Total++
			if o.Passed() {
				s.Passed++
			}
			results[op] = s
		}
	}
	return results
}

// Operations are the names in the results, sorted.
func (r Results) Operations() []string { return slices.Sorted(maps.Keys(r)) }

// ReadResults reads a results file.
func ReadResults(path string) (Results, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	var r Results
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("read results %s: %w", path, err)
	}
	return r, nil
}

// Write writes a results file, one operation a line.
func (r Results) Write(path string) error {
	data := []byte("{\n")
	for i, op := range r.Operations() {
		line := fmt.Sprintf("  %q: {\"passed\": %d, \"total\": %d}", op, r[op].Passed, r[op].Total)
		if i < len(r)-1 {
			line += ","
		}
		data = append(data, line+"\n"...)
	}
	data = append(data, "}\n"...)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

// Fallen are the operations of which fewer cases pass than in the recorded
// results, one line each. Both must be of whole runs.
func Fallen(recorded, now Results) []string {
	var out []string
	for _, op := range recorded.Operations() {
		if got := now[op]; got.Passed < recorded[op].Passed {
			out = append(out, fmt.Sprintf("%s: %d of %d cases pass, %d did", op, got.Passed, got.Total, recorded[op].Passed))
		}
	}
	return out
}
