package taskdef_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/taskdef"
)

var update = flag.Bool("update", false, "write the outcomes of the corpus")

// corpusFiles are the definitions of one half of testdata/corpus; its README
// says what they are.
func corpusFiles(t testing.TB, half string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata/corpus", half, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no definitions in the corpus: %v", err)
	}
	return files
}

// readDefinition reads a registration as the API does.
func readDefinition(t testing.TB, file string) (*ecs.RegisterTaskDefinitionInput, error) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	in := &ecs.RegisterTaskDefinitionInput{}
	_, err = awsjson.ECS().Read(data, in)
	return in, err
}

// TestCorpusOutcomes holds the answer to the registration of every definition:
// that it is accepted, or ECS's error.
func TestCorpusOutcomes(t *testing.T) {
	const page = "testdata/corpus/outcomes.txt"
	var got strings.Builder
	for _, half := range []string{"valid", "invalid"} {
		for _, file := range corpusFiles(t, half) {
			fmt.Fprintf(&got, "%s/%s\t%s\n", half, filepath.Base(file), outcome(t, file))
		}
	}
	if *update {
		if err := os.WriteFile(page, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-page +code):\n%s", page, diff)
	}
}

func outcome(t testing.TB, file string) string {
	t.Helper()
	in, err := readDefinition(t, file)
	if err == nil {
		err = taskdef.Validate(in)
	}
	var api smithy.APIError
	switch {
	case err == nil:
		return "registered"
	case errors.As(err, &api):
		return api.ErrorCode() + ": " + api.ErrorMessage()
	default:
		return "SerializationException: " + err.Error()
	}
}

// FuzzRegister: no bytes that the API can read make a registration panic, and
// one that is accepted is kept and comes back as it is.
func FuzzRegister(f *testing.F) {
	for _, half := range []string{"valid", "invalid"} {
		for _, file := range corpusFiles(f, half) {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in := &ecs.RegisterTaskDefinitionInput{}
		if _, err := awsjson.ECS().Read(data, in); err != nil || taskdef.Validate(in) != nil {
			return
		}
		checkStable(t, in)
	})
}
