package clusterquery

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	is := func(subject string, op Operator, values ...string) Comparison { return Comparison{subject, op, values} }
	tests := map[string]Node{
		"attribute:ecs.instance-type == t2.small":            is("attribute:ecs.instance-type", Equals, "t2.small"),
		"attribute:a equals 'b c'":                           is("attribute:a", Equals, "b c"),
		"attribute:a!=b":                                     is("attribute:a", NotEquals, "b"),
		"attribute:ecs.instance-type =~ g2.*":                is("attribute:ecs.instance-type", Matches, "g2.*"),
		"attribute:a !~ '(x|y).*'":                           is("attribute:a", NotMatches, "(x|y).*"),
		"attribute:a exists":                                 is("attribute:a", Exists),
		"attribute:a !exists":                                is("attribute:a", NotExists),
		"attribute:a not_exists":                             is("attribute:a", NotExists),
		"attribute:z in [us-east-1a, us-east-1b]":            is("attribute:z", In, "us-east-1a", "us-east-1b"),
		"ec2InstanceId !in ['i-1']":                          is("ec2InstanceId", NotIn, "i-1"),
		"agentVersion < 1.14.5":                              is("agentVersion", Less, "1.14.5"),
		"registeredAt greater_than 2018-06-18T22:28:28+00:0": is("registeredAt", Greater, "2018-06-18T22:28:28+00:0"),
		"not(task:group == database)":                        Not{is("task:group", Equals, "database")},
		"!attribute:a exists":                                Not{is("attribute:a", Exists)},
		"attribute:a == 1 and attribute:b == 2 or attribute:c == 3": Or{
			And{is("attribute:a", Equals, "1"), is("attribute:b", Equals, "2")}, is("attribute:c", Equals, "3"),
		},
		"attribute:a == 1 && (attribute:b exists || !(attribute:c <= 3))": And{
			is("attribute:a", Equals, "1"), Or{is("attribute:b", Exists), Not{is("attribute:c", LessOrEqual, "3")}},
		},
		"attribute:a exists and attribute:b exists": And{is("attribute:a", Exists), is("attribute:b", Exists)},
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			got, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", "attribute:a", "attribute:a ==", "== b", "attribute:a == b c", "attribute:a in []", "attribute:a in b",
		"(attribute:a exists", "attribute:a exists)", "attribute:a == 'b", "and", strings.Repeat("!", MaxLength) + "a exists",
	} {
		if node, err := Parse(text); err == nil {
			t.Errorf("%q is read as %v", text, node)
		}
	}
}

// FuzzParse: no text makes the parser panic or run for long.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d",
		"not(task:group == database)", "attribute:a !exists or (runningTasksCount == 1)", "ec2InstanceId in ['i-1', 'i-2']",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if node, err := Parse(text); err == nil && node == nil {
			t.Errorf("%q is read as nothing", text)
		}
	})
}
