package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// cli runs the AWS CLI against one endpoint. The endpoint is always given as a
// flag: an old CLI does not know AWS_ENDPOINT_URL and would go to AWS itself.
type cli struct {
	endpoint    string
	environment []string
	simulated   bool
}

func newCLI(local localCluster) *cli {
	return &cli{endpoint: local.endpoint(), environment: testEnvironment(os.Environ()), simulated: local.Simulated}
}

// testEnvironment is the environment without anything of the user's about AWS,
// with test credentials.
func testEnvironment(environ []string) []string {
	kept := make([]string, 0, len(environ))
	for _, entry := range environ {
		if !strings.HasPrefix(entry, "AWS_") {
			kept = append(kept, entry)
		}
	}
	return append(kept,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=",
		"NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1",
	)
}

func (c *cli) version(ctx context.Context) string {
	output, err := exec.CommandContext(ctx, "aws", "--version").CombinedOutput()
	if err != nil {
		return "the AWS CLI"
	}
	name, _, _ := strings.Cut(string(output), " ")
	return strings.TrimSpace(name)
}

// run prints an AWS command, runs it, prints its answer and returns it.
func (c *cli) run(ctx context.Context, args ...string) (string, error) {
	args = append([]string{"--endpoint-url", c.endpoint}, args...)
	fmt.Println("$", commandLine("aws", args))
	var output bytes.Buffer
	command := exec.CommandContext(ctx, "aws", args...)
	command.Env = c.environment
	command.Stdout, command.Stderr = &output, os.Stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s: %w", commandLine("aws", args), err)
	}
	answer := strings.TrimSpace(output.String())
	if answer != "" {
		fmt.Println(answer)
	}
	return answer, nil
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=@,+-]+$`)

// commandLine is a command as a shell takes it.
func commandLine(name string, args []string) string {
	words := []string{name}
	for _, arg := range args {
		if !plainWord.MatchString(arg) {
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}
