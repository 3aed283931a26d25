package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/gantry-ecs/gantry/localcluster"
)

// localFlags are those of every command about the local cluster.
type localFlags struct {
	stateDir string
	output   string
}

func (f *localFlags) addStateDir(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.stateDir, "state-dir", "", "folder that holds the cluster (default $GANTRY_STATE_DIR, or ~/.gantry)")
}

func (f *localFlags) addOutput(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.output, "output", "o", "text", "text or json")
}

// complete fills the defaults and refuses what is not known.
func (f *localFlags) complete() error {
	if f.output != "" && f.output != "text" && f.output != "json" {
		return fmt.Errorf("output %q is neither text nor json", f.output)
	}
	dir, err := localcluster.StateDir(f.stateDir)
	f.stateDir = dir
	return err
}

// place is what must be added to a command for it to find the same cluster.
func (f *localFlags) place() string {
	if dir, err := localcluster.StateDir(""); err == nil && dir == f.stateDir {
		return ""
	}
	return " --state-dir " + f.stateDir
}

func (f *localFlags) json() bool { return f.output == "json" }

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
