package kube

import (
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

var home = v1alpha1.Identity{Account: DefaultAccount, Region: DefaultRegion}

func TestNameIsReadableWhereItCanBe(t *testing.T) {
	for _, name := range []string{"web", "a", "my-service-2", strings.Repeat("a", maxReadable)} {
		if got := Name(home, name); got != name {
			t.Errorf("Name(%q) = %q", name, got)
		}
	}
}

func TestNamesAreLegalAndDiffer(t *testing.T) {
	seen := map[string]string{}
	elsewhere := v1alpha1.Identity{Account: "123456789012", Region: "eu-west-1"}
	cases := [][]string{
		{"web"},
		{"Web"},
		{"WEB"},
		{"web_"},
		{"_web"},
		{"-"},
		{"_"},
		{"a-b"},
		{"a", "b"},
		{"a-", "b"},
		{"a", "-b"},
		{"web-0123456789"},
		{strings.Repeat("a", 41)},
		{strings.Repeat("a", 255)},
		{strings.Repeat("A", 255)},
		{"web", ""},
		{"", "web"},
	}
	for _, id := range []v1alpha1.Identity{home, elsewhere} {
		for _, parts := range cases {
			got := Name(id, parts...)
			if errs := validation.IsDNS1123Label(got); len(errs) > 0 {
				t.Errorf("Name(%v, %q) = %q: %v", id, parts, got, errs)
			}
			key := id.Account + "|" + strings.Join(parts, "|")
			if other, taken := seen[got]; taken {
				t.Errorf("%q and %q are both %q", key, other, got)
			}
			seen[got] = key
		}
	}
	// A readable name that looks like another's hashed one is hashed itself.
	if h := Name(home, "Web"); Name(home, h) == h {
		t.Errorf("%q is the name of two things", h)
	}
}

func TestIDsHaveECSForm(t *testing.T) {
	uid := types.UID("0ce6652e-1058-4696-ae9c-f7e68ff2b4fd")
	for number := range int64(1000) {
		for _, c := range []struct{ id, form string }{
			{DeploymentID(uid, number), `^ecs-svc/[1-9][0-9]{18}$`},
			{RevisionID(uid, number), `^[1-9][0-9]{18}$`},
			{ServiceDeploymentID(uid, number), `^[A-Za-z0-9_-]{21}$`},
		} {
			if !regexp.MustCompile(c.form).MatchString(c.id) {
				t.Fatalf("%q is not of the form %s", c.id, c.form)
			}
		}
	}
	if TaskID(string(uid)) != "0ce6652e10584696ae9cf7e68ff2b4fd" {
		t.Errorf("task id %s", TaskID(string(uid)))
	}
}

func TestTaskNamesComeFromTheToken(t *testing.T) {
	if first, again := TaskName(home, "c", "token", 1), TaskName(home, "c", "token", 1); first != again {
		t.Error("a retry does not find its task")
	}
	if TaskName(home, "c", "token", 1) == TaskName(home, "d", "token", 1) {
		t.Error("two clusters share a task")
	}
}

// TestRouteName: the names that Services have had stay, but for those that two
// things would have shared.
func TestRouteName(t *testing.T) {
	for want, parts := range map[string][]string{
		"web":                  {"web"},
		Name(home, "x", "9x"):  {"9x"},
		Name(home, "ns", "9x"): {"ns", "9x"},
		Name(home, "x", "web"): {"x", "web"},
		Name(home, "x"):        {"x"},
	} {
		if got := RouteName(home, parts...); got != want {
			t.Errorf("RouteName(%q) = %q, want %q", parts, got, want)
		}
	}
	seen := map[string][]string{}
	for _, parts := range [][]string{{"9x"}, {"x", "9x"}, {"x", "x", "9x"}, {"x", "x"}, {"x", "x", "x"}} {
		name := RouteName(home, parts...)
		if seen[name] != nil {
			t.Errorf("%q and %q are both %q", parts, seen[name], name)
		}
		seen[name] = parts
	}
}
