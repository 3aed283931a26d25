package arn

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// FuzzARN: no text makes a reader panic, and an ARN that is read is made again
// of what was read.
func FuzzARN(f *testing.F) {
	for _, text := range []string{
		"", "web", "prod/web", "arn:", "arn:aws:ecs:us-east-1:000000000000:cluster/prod", "arn:aws:ecs:eu-west-1:123456789012:service/prod/web",
		"arn:aws:ecs:us-east-1:000000000000:task/0ce6652e10584696ae9cf7e68ff2b4fd", "arn:aws:ecs:us-east-1:000000000000:task-definition/web:7",
		"arn:aws-cn:ecs:::a/b:c//", "arn:aws:s3:::bucket/key", "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/web/0123456789abcdef",
		"arn:aws:servicediscovery:us-east-1:000000000000:service/srv-1", "arn:aws:servicediscovery:us-east-1:000000000000:namespace/ns-1",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, _, _ = ParseTargetGroup(text)
		_, _, _ = ParseRegistry(text)
		_, _ = ParseNamespace(text)
		ref, ok := Parse(text)
		switch {
		case !ok:
			return
		case strings.Contains(ref.Name(), "/"):
			t.Errorf("%q has the name %q", text, ref.Name())
		case !ref.IsARN:
			if got := strings.Join(ref.Path, "/"); got != text {
				t.Errorf("%q is read as %q", text, got)
			}
		default:
			made := ecs(v1alpha1.Identity{Account: ref.Account, Region: ref.Region}, append([]string{ref.Kind}, ref.Path...)...)
			if again, ok := Parse(made); !ok || !reflect.DeepEqual(again, ref) {
				t.Errorf("%q is read as %+v, and made again as %q", text, ref, made)
			}
		}
	})
}

// FuzzMadeARN: what is made is read as what it was made of.
func FuzzMadeARN(f *testing.F) {
	f.Add("000000000000", "us-east-1", "default", "web")
	f.Add("123456789012", "eu-west-1", "kube-system", "0ce6652e10584696ae9cf7e68ff2b4fd")
	f.Fuzz(func(t *testing.T, account, region, cluster, name string) {
		if strings.ContainsAny(account+region, ":") || strings.ContainsAny(cluster+name, "/") {
			t.Skip("no account, region or name has these")
		}
		id := v1alpha1.Identity{Account: account, Region: region}
		for kind, made := range map[string]string{
			"service": Service(id, cluster, name), "task": Task(id, cluster, name), "container-instance": ContainerInstance(id, cluster, name),
			"daemon": Daemon(id, cluster, name),
		} {
			want := Ref{IsARN: true, Account: account, Region: region, Kind: kind, Path: []string{cluster, name}}
			if got, ok := Parse(made); !ok || !reflect.DeepEqual(got, want) {
				t.Errorf("%q is read as %+v, %v; want %+v", made, got, ok, want)
			}
		}
	})
}
