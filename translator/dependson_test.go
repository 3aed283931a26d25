package translator

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// TestWaitUntilHealthy runs the hook in a shell as a container's would.
func TestWaitUntilHealthy(t *testing.T) {
	for _, tt := range []struct {
		name, check string
		exit        int
		mark        string
	}{
		{"healthy at once", `x=$(echo 1); [ "$x" = 1 ]`, 0, ""},
		{"healthy at the second look", `[ -e seen ] || { : >seen; exit 1; }`, 0, ""},
		{"never healthy", `exit 1`, 1, NotHealthyMark + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			log := filepath.Join(dir, "termination-log")
			script := strings.ReplaceAll(waitUntilHealthy, "/dev/termination-log", log)
			cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", script, "gantry", tt.check, "2")
			cmd.Dir = dir
			err := cmd.Run()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if code := cmd.ProcessState.ExitCode(); code != tt.exit {
				t.Errorf("the hook exits with %d, want %d", code, tt.exit)
			}
			mark, err := os.ReadFile(log)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			if string(mark) != tt.mark {
				t.Errorf("the termination log has %q, want %q", mark, tt.mark)
			}
		})
	}
}

// TestOrder: each container stands after those that it waits for, and otherwise
// where the definition has it.
func TestOrder(t *testing.T) {
	name := func(s string) *string { return &s }
	container := func(own string, condition types.ContainerCondition, on ...string) types.ContainerDefinition {
		c := types.ContainerDefinition{Name: name(own), Image: name("i")}
		for _, o := range on {
			c.DependsOn = append(c.DependsOn, types.ContainerDependency{ContainerName: name(o), Condition: condition})
		}
		return c
	}
	for _, tt := range []struct {
		name              string
		containers        []types.ContainerDefinition
		inits, ordinaries string
	}{
		{"none depends", []types.ContainerDefinition{container("b", ""), container("a", "")}, "", "b a"},
		{"start", []types.ContainerDefinition{container("c", "START", "a", "b"), container("b", "START", "a"), container("a", "")}, "", "a b c"},
		{"success chain", []types.ContainerDefinition{container("c", "SUCCESS", "b"), container("b", "SUCCESS", "a"), container("a", "")}, "a b", "c"},
		{"beside a job", []types.ContainerDefinition{container("x", ""), container("app", "COMPLETE", "job"), container("job", "")}, "job", "x app"},
		{"what a job waits for", []types.ContainerDefinition{container("app", "SUCCESS", "job"), container("job", "START", "db"), container("db", "")}, "db job", "app"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec := RenderPodSpec(TaskInput{TaskDefinition: &types.TaskDefinition{ContainerDefinitions: tt.containers}}).Spec
			var inits, ordinary []string
			for _, c := range spec.InitContainers {
				inits = append(inits, c.Name)
			}
			for _, c := range spec.Containers {
				ordinary = append(ordinary, c.Name)
			}
			if got := strings.Join(inits, " "); got != tt.inits {
				t.Errorf("init containers are %q, want %q", got, tt.inits)
			}
			if got := strings.Join(ordinary, " "); got != tt.ordinaries {
				t.Errorf("containers are %q, want %q", got, tt.ordinaries)
			}
		})
	}
}
