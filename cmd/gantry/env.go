package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	versions "k8s.io/apimachinery/pkg/util/version"

	"github.com/gantry-ecs/gantry/localcluster"
)

func newEnvCommand() *cobra.Command {
	var flags localFlags
	cmd := &cobra.Command{
		Use:   "env",
		Short: `Lines for a shell that point the AWS CLI, SDKs and kubectl here: eval "$(gantry env)"`,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.complete(); err != nil {
				return err
			}
			writeEnvironment(cmd.OutOrStdout(), filepath.Join(flags.stateDir, "kubeconfig"))
			if awsIgnoresEndpointVariable(awsVersion(cmd.Context())) {
				fmt.Fprint(cmd.OutOrStdout(), awsFunction)
			}
			return nil
		},
	}
	flags.addStateDir(cmd)
	return cmd
}

// awsFunction: a CLI that does not know the variable would go to AWS itself.
// An --endpoint-url that the user gives comes later and wins.
const awsFunction = `aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }
`

func writeEnvironment(w io.Writer, kubeconfig string) {
	for _, pair := range [][2]string{
		{"AWS_ENDPOINT_URL", apiURL()},
		{"AWS_ENDPOINT_URL_ECS", apiURL()},
		{"AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING", apiURL()},
		{"AWS_ACCESS_KEY_ID", "test"},
		{"AWS_SECRET_ACCESS_KEY", "test"},
		{"AWS_REGION", "us-east-1"},
		{"AWS_DEFAULT_REGION", "us-east-1"},
		{"AWS_EC2_METADATA_DISABLED", "true"},
		{"AWS_PAGER", ""},
	} {
		fmt.Fprintf(w, "export %s=%s\n", pair[0], shellQuote(pair[1]))
	}
	// Temporary credentials and a profile of the user's own account would be
	// mixed with the test credentials.
	fmt.Fprintln(w, "unset AWS_SESSION_TOKEN AWS_PROFILE")
	if os.Getenv("HTTP_PROXY")+os.Getenv("HTTPS_PROXY")+os.Getenv("http_proxy")+os.Getenv("https_proxy") != "" {
		fmt.Fprintf(w, "export NO_PROXY=%[1]s no_proxy=%[1]s\n", shellQuote(localcluster.NoProxy()))
	}
	if _, err := os.Stat(kubeconfig); err == nil {
		fmt.Fprintf(w, "export KUBECONFIG=%s\n", shellQuote(kubeconfig))
	}
}

// shellQuote makes one word of a POSIX shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// awsVersion is what the CLI in PATH says of itself, empty where there is none.
func awsVersion(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	output, err := exec.CommandContext(ctx, "aws", "--version").CombinedOutput()
	if err != nil {
		return ""
	}
	return string(output)
}

// awsIgnoresEndpointVariable: AWS_ENDPOINT_URL is read since 1.29.0 and 2.13.0
// (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").
func awsIgnoresEndpointVariable(text string) bool {
	_, rest, found := strings.Cut(text, "aws-cli/")
	if !found {
		return false
	}
	number, _, _ := strings.Cut(rest, " ")
	v, err := versions.ParseGeneric(number)
	if err != nil {
		return false
	}
	if v.Major() >= 2 {
		return v.LessThan(versions.MustParseGeneric("2.13.0"))
	}
	return v.LessThan(versions.MustParseGeneric("1.29.0"))
}
