package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The tests in this file use README's own lines on how to point a client at
// Gantry: each is run with the client it is for, followed by a job.

const programLimit = 5 * time.Minute

const clientFiles = "testdata/clients"

// readmeEndpoint is where README's lines expect Gantry.
const readmeEndpoint = "http://127.0.0.1:4566"

// readme returns README's blocks in the language, with the replica's address.
func readme(t *testing.T, g *gantry, language string) []string {
	t.Helper()
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, match := range regexp.MustCompile("(?s)\n```"+language+"\n(.*?)```\n").FindAllSubmatch(data, -1) {
		blocks = append(blocks, strings.ReplaceAll(string(match[1]), readmeEndpoint, g.endpoint()))
	}
	if len(blocks) == 0 || !strings.Contains(strings.Join(blocks, ""), g.endpoint()) {
		t.Fatalf("README has no %s that names %s", language, readmeEndpoint)
	}
	return blocks
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func clientFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(clientFiles, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// program runs a program in a folder and returns what it wrote.
func program(t *testing.T, dir string, name string, args ...string) []byte {
	t.Helper()
	output, stderr, err := try(t, dir, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v: %s\n%s", name, strings.Join(args, " "), err, stderr, output)
	}
	return output
}

func try(t *testing.T, dir string, name string, args ...string) (output []byte, stderr string, err error) {
	t.Helper()
	// Cleaning up runs programs too, when the test's own context has ended.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), programLimit)
	defer cancel()
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	var errors bytes.Buffer
	command.Stderr = &errors
	output, err = command.Output()
	return output, errors.String(), err
}

// needs says that a client is missing: where the suite must be whole, that is a
// failure.
func needs(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: `make deps-clients` installs it", what)
	}
	t.Skipf("%s is missing", what)
}

// saw is what the jobs tell, whichever client does them.
type saw struct {
	Cluster, StopCode, Error string
	Failures                 []any
	ExitCode                 int
	TimesAreTimes, InOrder   bool
	Running, Listed          int
}

func wantJob(t *testing.T, output []byte) {
	t.Helper()
	want := saw{
		Cluster: "ACTIVE", StopCode: "EssentialContainerExited", Error: "Cluster not found.", Failures: []any{},
		ExitCode: 3, TimesAreTimes: true, InOrder: true, Running: 2, Listed: 2,
	}
	var got saw
	if err := json.Unmarshal(output, &got); err != nil {
		t.Fatalf("the job wrote %q: %v", output, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the job saw (-want +got):\n%s", diff)
	}
}

// TestPython does the job with boto3.
func TestPython(t *testing.T) {
	t.Parallel()
	python := pythonWithSDK()
	if python == "" {
		needs(t, "Python 3 with boto3")
	}
	s, dir := newScene(t), t.TempDir()
	write(t, filepath.Join(dir, "job.py"), strings.Join(readme(t, s.gantry, "python"), "")+clientFile(t, "job.py"))
	wantJob(t, program(t, dir, python, "job.py", s.cluster))
}

// pythonWithSDK finds an interpreter that has boto3: the one in PATH may be
// another than the one that Debian's packages are for.
func pythonWithSDK() string {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import boto3").Run() == nil {
			return python
		}
	}
	return ""
}

// TestJavaScript does the job with the SDK for JavaScript, as npm installs it.
func TestJavaScript(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			needs(t, name)
		}
	}
	s, dir := newScene(t), t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json"} {
		write(t, filepath.Join(dir, name), clientFile(t, name))
	}
	program(t, dir, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	write(t, filepath.Join(dir, "job.mjs"), strings.Join(readme(t, s.gantry, "js"), "")+clientFile(t, "job.mjs"))
	wantJob(t, program(t, dir, "node", "job.mjs", s.cluster))
}

const goProgram = `package main

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

%s

func main() {
	%s
	out, err := client.DescribeClusters(context.Background(), &ecs.DescribeClustersInput{Clusters: []string{%q}})
	if err != nil {
		panic(err)
	}
	fmt.Print(aws.ToString(out.Clusters[0].Status))
}
`

// TestGo compiles README's lines and makes a call: all other tests use the same
// client.
func TestGo(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	blocks := readme(t, s.gantry, "go")
	if len(blocks) != 2 {
		t.Fatalf("README has %d blocks of Go, want the client and its bodies", len(blocks))
	}
	main := filepath.Join(t.TempDir(), "main.go")
	write(t, main, fmt.Sprintf(goProgram, blocks[1], blocks[0], s.cluster))
	if got := string(program(t, ".", "go", "run", main)); got != "ACTIVE" {
		t.Errorf("the cluster is %q, want ACTIVE", got)
	}
}
