package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestAWSIgnoresEndpointVariable(t *testing.T) {
	for version, want := range map[string]bool{
		"aws-cli/2.9.19 Python/3.11.2 Linux/6.1.0 source/x86_64.debian.12": true,
		"aws-cli/2.12.7 Python/3.11.2":                                     true,
		"aws-cli/2.13.0 Python/3.11.4":                                     false,
		"aws-cli/2.31.1 Python/3.13.7":                                     false,
		"aws-cli/1.28.9 Python/3.11.7":                                     true,
		"aws-cli/1.29.0 Python/3.11.7":                                     false,
		"aws-cli/1.45.11 Python/3.11.7":                                    false,
		"":                                                                 false,
		"something else":                                                   false,
	} {
		if got := awsIgnoresEndpointVariable(version); got != want {
			t.Errorf("%q: %t, want %t", version, got, want)
		}
	}
}

// What env prints is for a shell, so a shell reads it here.
func TestEnvironmentIsReadByAShell(t *testing.T) {
	kubeconfig := filepath.Join(t.TempDir(), "it's here")
	if err := os.WriteFile(kubeconfig, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	writeEnvironment(&script, kubeconfig)
	script.WriteString(awsFunction)
	script.WriteString(`echo "$AWS_ENDPOINT_URL|$AWS_REGION|$AWS_PAGER|${AWS_PROFILE-none}|$KUBECONFIG"; command() { echo "$@"; }; aws ecs list-clusters`)
	command := exec.CommandContext(t.Context(), "sh", "-c", script.String())
	command.Env = []string{"AWS_PROFILE=mine", "AWS_PAGER=less", "PATH=" + os.Getenv("PATH")}
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	want := "http://127.0.0.1:4566|us-east-1||none|" + kubeconfig + "\naws --endpoint-url http://127.0.0.1:4566 ecs list-clusters\n"
	if string(output) != want {
		t.Errorf("got\n%swant\n%s", output, want)
	}
}
