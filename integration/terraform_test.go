package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// terraformPlugins names a folder of providers, laid out as `terraform providers
// mirror` does, for a machine that does not reach Terraform's registry.
const terraformPlugins = "GANTRY_TEST_TERRAFORM_PLUGINS"

// TestTerraform applies a cluster, a service and its scaling behind README's
// provider block, finds nothing to change, rolls the service, and destroys it
// all. Debian has neither Terraform nor its provider, so it is left out where
// one is missing.
func TestTerraform(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("terraform is not in PATH")
	}
	g, dir := suite.gantry, t.TempDir()
	write(t, filepath.Join(dir, "provider.tf"), strings.Join(readme(t, g, "hcl"), ""))
	write(t, filepath.Join(dir, "main.tf"), clientFile(t, "main.tf"))
	initialise(t, dir)
	tf := &configuration{T: t, dir: dir, cluster: unique("it")}
	t.Cleanup(func() {
		if !tf.destroyed {
			tf.destroy()
		}
	})
	tf.apply("first")
	tf.nothingToDo("first")
	tf.apply("second")
	tf.nothingToDo("second")
	out, err := g.ecs().DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: &tf.cluster, Services: []string{"web"}})
	if err != nil || len(out.Services) != 1 {
		t.Fatalf("DescribeServices: %v, %v", out, err)
	}
	if svc := out.Services[0]; !strings.HasSuffix(aws.ToString(svc.TaskDefinition), "-web:2") || svc.RunningCount != 2 || len(svc.Deployments) != 1 {
		t.Errorf("the service has %s, %d running tasks and %d deployments; want revision 2, 2 and 1",
			aws.ToString(svc.TaskDefinition), svc.RunningCount, len(svc.Deployments))
	}
	tf.destroy()
}

func initialise(t *testing.T, dir string) {
	t.Helper()
	args, plugins := []string{"init", "-input=false", "-no-color"}, os.Getenv(terraformPlugins)
	if plugins != "" {
		args = append(args, "-plugin-dir="+plugins)
	}
	_, stderr, err := try(t, dir, "terraform", args...)
	switch {
	case err == nil:
	case plugins != "":
		t.Fatalf("terraform init: %v: %s", err, stderr)
	default:
		t.Skipf("the AWS provider cannot be had here (%s can name a folder with it): %s", terraformPlugins, stderr)
	}
}

// configuration is the folder with README's provider and the resources.
type configuration struct {
	*testing.T
	dir, cluster string
	destroyed    bool
}

func (c *configuration) run(command, stage string, more ...string) string {
	c.Helper()
	args := append([]string{command, "-input=false", "-no-color", "-var=cluster=" + c.cluster, "-var=stage=" + stage}, more...)
	return string(program(c.T, c.dir, "terraform", args...))
}

func (c *configuration) apply(stage string) {
	c.Helper()
	c.run("apply", stage, "-auto-approve")
}

// nothingToDo: what Gantry answers is what was asked for; anything else would be
// a change that Terraform finds at each plan.
func (c *configuration) nothingToDo(stage string) {
	c.Helper()
	if plan := c.run("plan", stage); !strings.Contains(plan, "No changes.") {
		c.Errorf("after apply the plan is:\n%s", plan)
	}
}

func (c *configuration) destroy() {
	c.Helper()
	c.destroyed = true
	c.run("destroy", "second", "-auto-approve")
}
