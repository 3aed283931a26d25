package main

import (
	"slices"
	"strings"
	"testing"
)

func TestTestEnvironmentHasNothingOfTheUsers(t *testing.T) {
	got := testEnvironment([]string{"PATH=/bin", "AWS_PROFILE=production", "AWS_SESSION_TOKEN=secret", "AWS_ENDPOINT_URL=https://example.com"})
	for _, entry := range got {
		if strings.Contains(entry, "production") || strings.Contains(entry, "secret") || strings.Contains(entry, "example.com") {
			t.Errorf("%s was kept", entry)
		}
	}
	for _, want := range []string{"PATH=/bin", "AWS_ACCESS_KEY_ID=test", "AWS_EC2_METADATA_DISABLED=true"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not there: %v", want, got)
		}
	}
}

func TestCommandLine(t *testing.T) {
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"ecs", "list-tasks", "--cluster", "demo"}, "aws ecs list-tasks --cluster demo"},
		{[]string{"--query", "tasks[0].taskArn"}, "aws --query 'tasks[0].taskArn'"},
		{[]string{"it's", ""}, `aws 'it'\''s' ''`},
	}
	for _, test := range tests {
		if got := commandLine("aws", test.args); got != test.want {
			t.Errorf("%v: got %s, want %s", test.args, got, test.want)
		}
	}
}
