package taskdef_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gantry-ecs/gantry/taskdef"
)

func TestParseReference(t *testing.T) {
	tests := []struct {
		in   string
		want taskdef.Reference
		err  string
	}{
		{in: "app", want: taskdef.Reference{Family: "app"}},
		{in: "app:7", want: taskdef.Reference{Family: "app", Revision: 7}},
		{in: "arn:aws:ecs:eu-west-1:123456789012:task-definition/app:7", want: taskdef.Reference{Family: "app", Revision: 7, Account: "123456789012", Region: "eu-west-1"}},
		{in: "arn:aws:ecs:eu-west-1:123456789012:task-definition/app", want: taskdef.Reference{Family: "app", Account: "123456789012", Region: "eu-west-1"}},
		{in: "", err: "InvalidParameterException: Task Definition can not be blank."},
		{in: "app:", err: "InvalidParameterException: Invalid revision number. Number: "},
		{in: "app:latest", err: "InvalidParameterException: Invalid revision number. Number: latest"},
		{in: "app:0", err: "InvalidParameterException: Invalid revision number. Number: 0"},
		{in: "app:-1", err: "InvalidParameterException: Invalid revision number. Number: -1"},
		{in: "app:99999999999999999999", err: "InvalidParameterException: Invalid revision number. Number: 99999999999999999999"},
		{in: "arn:1", want: taskdef.Reference{Family: "arn", Revision: 1}},
		{in: "app:1:2", err: "InvalidParameterException: Unexpected number of separators"},
		{in: "task-definition/app:1", err: "InvalidParameterException: Unexpected number of separators"},
		{in: "arn:aws:ecs:app", err: "InvalidParameterException: Unexpected number of separators"},
		{in: "arn:aws:ecs:eu-west-1:123456789012:task-definition/a/b:1", err: "InvalidParameterException: Unexpected number of separators"},
		{in: "arn:aws:ecs:eu-west-1:123456789012:cluster/app", err: "InvalidParameterException: Invalid arn syntax."},
		{in: "a.b:1", err: "ClientException: Family contains invalid characters."},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := taskdef.ParseReference(tt.in)
			text := ""
			if err != nil {
				text = err.Error()
			}
			if diff := cmp.Diff(tt.err, text); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("reference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseDaemonReference(t *testing.T) {
	const of = "arn:aws:ecs:eu-west-1:123456789012:"
	got, err := taskdef.ParseDaemonReference(of + "daemon-task-definition/agent:2")
	if want := (taskdef.Reference{Family: "agent", Revision: 2, Account: "123456789012", Region: "eu-west-1"}); err != nil || got != want {
		t.Errorf("reference %+v, %v, want %+v", got, err, want)
	}
	if _, err := taskdef.ParseDaemonReference(of + "task-definition/agent:2"); err == nil {
		t.Error("an ordinary task definition's ARN is taken for a daemon's")
	}
}

// FuzzReference: what names a task definition is refused, or means the same in
// its short form.
func FuzzReference(f *testing.F) {
	for _, text := range []string{
		"app", "app:7", "arn:aws:ecs:eu-west-1:123456789012:task-definition/app:7", "arn:aws:ecs:::task-definition/app", "app:+1", "arn:aws:ecs:app", ":1",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = taskdef.ParseDaemonReference(text)
		ref, err := taskdef.ParseReference(text)
		if err != nil {
			return
		}
		short := ref.Family
		if ref.Revision > 0 {
			short += ":" + strconv.Itoa(ref.Revision)
		}
		want := taskdef.Reference{Family: ref.Family, Revision: ref.Revision}
		if again, err := taskdef.ParseReference(short); err != nil || again != want || ref.Revision < 0 {
			t.Errorf("%q is read as %+v, and %q as %+v: %v", text, ref, short, again, err)
		}
	})
}
