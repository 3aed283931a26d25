package translator

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// FuzzRenderPodSpec: no input makes the translation panic or leaves a present
// value without a finding, and what Kubernetes expands comes out as it went in.
func FuzzRenderPodSpec(f *testing.F) {
	cases, err := filepath.Glob("testdata/*.in.json")
	if err != nil || len(cases) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range cases {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		var in goldenInput
		if err := json.Unmarshal(data, &in); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(in.TaskDefinition), []byte(in.Task), in.InService, len(in.Without) == 0)
	}
	f.Fuzz(func(t *testing.T, definition, call []byte, inService, capable bool) {
		def, run := &types.TaskDefinition{}, &ecs.RunTaskInput{}
		if _, err := awsjson.ECS().Read(definition, def); err != nil {
			return
		}
		if _, err := awsjson.ECS().Read(call, run); err != nil {
			run = &ecs.RunTaskInput{}
		}
		in := TaskInput{
			TaskDefinition: def, Overrides: run.Overrides, LaunchType: run.LaunchType,
			NetworkConfiguration: run.NetworkConfiguration, InService: inService,
			Capabilities: Capabilities{PodLevelResources: capable, ContainerRestartRules: capable},
		}
		rendered := RenderPodSpec(in)
		checkFindings(t, in, rendered)
		if len(rendered.Refusals()) == 0 {
			checkExpansion(t, in, rendered.Spec)
			checkNames(t, rendered.Spec)
		}
	})
}

// checkExpansion compares what Kubernetes would run with what ECS was given.
func checkExpansion(t *testing.T, in TaskInput, spec corev1.PodSpec) {
	t.Helper()
	rendered := map[string]corev1.Container{}
	for _, c := range append(append([]corev1.Container{}, spec.InitContainers...), spec.Containers...) {
		rendered[c.Name] = c
	}
	for _, c := range (&renderer{in: in}).effectiveContainers() {
		out := rendered[ContainerName(value(c.def.Name))]
		wantExpanded(t, "entryPoint", c.def.EntryPoint, out.Command)
		wantExpanded(t, "command", c.def.Command, out.Args)
		given := map[string]string{}
		for _, v := range append(variablesAt(c.def.Environment, source{}), c.environmentOverride...) {
			given[v.name] = v.value
		}
		for _, v := range out.Env {
			want, ok := given[v.Name]
			if got := expand(v.Value); ok && got != want {
				t.Errorf("variable %q is %q, want %q", v.Name, got, want)
			}
		}
	}
}

func wantExpanded(t *testing.T, what string, want, rendered []string) {
	t.Helper()
	if len(want) != len(rendered) {
		t.Errorf("%s has %d words, want %d", what, len(rendered), len(want))
		return
	}
	for i := range want {
		if got := expand(rendered[i]); got != want[i] {
			t.Errorf("%s %d is %q, want %q", what, i, got, want[i])
		}
	}
}

// checkNames: containers and volumes have different names that are DNS labels.
func checkNames(t *testing.T, spec corev1.PodSpec) {
	t.Helper()
	for _, c := range append(append([]corev1.Container{}, spec.InitContainers...), spec.Containers...) {
		if !isLabel(c.Name) {
			t.Errorf("container name %q is no DNS label", c.Name)
		}
	}
	for _, v := range spec.Volumes {
		if !isLabel(v.Name) {
			t.Errorf("volume name %q is no DNS label", v.Name)
		}
	}
}

// expand is Kubernetes' rule for commands, arguments and variables: $$ is $,
// $(NAME) is a variable's value, and any other $ stands for itself. Every
// variable has a value here, so that an expansion cannot go unseen.
func expand(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '$' || i+1 == len(text) {
			out.WriteByte(text[i])
			continue
		}
		switch text[i+1] {
		case '$':
			out.WriteByte('$')
			i++
		case '(':
			end := strings.IndexByte(text[i:], ')')
			if end < 0 {
				out.WriteByte('$')
				continue
			}
			out.WriteString("<expanded>")
			i += end
		default:
			out.WriteByte('$')
		}
	}
	return out.String()
}

// FuzzSecretName: two secrets never share a Secret, nor two of its values a key,
// and both names are such that Kubernetes takes them.
func FuzzSecretName(f *testing.F) {
	const secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"
	f.Add("app-token", "/app-token")
	f.Add("a/b", "a-b")
	f.Add("/prod/db", "arn:aws:ssm:us-east-1:000000000000:parameter/prod/db")
	f.Add(secret+"db-AbCdEf", secret+"db-abcdef")
	f.Add(secret+"db-AbCdEf:user::", secret+"db-AbCdEf:user:AWSPREVIOUS:")
	f.Add(secret+"db-AbCdEf:SecretString::", secret+"db-AbCdEf")
	f.Fuzz(func(t *testing.T, a, b string) {
		refA, okA := parseSecret(a)
		refB, okB := parseSecret(b)
		nameA, keyA := SecretName(a)
		nameB, keyB := SecretName(b)
		if okA && (len(nameA) > 253 || len(keyA) > 253 || !secretObject.MatchString(nameA) || !secretKey.MatchString(keyA)) {
			t.Errorf("%q gives %q, %q", a, nameA, keyA)
		}
		if okA && okB && refA != refB && nameA == nameB && keyA == keyB {
			t.Errorf("%q and %q are both %s, key %s", a, b, nameA, keyA)
		}
	})
}

// FuzzNamesInPod: two containers never share a name in the pod, nor two volumes.
func FuzzNamesInPod(f *testing.F) {
	f.Add("app", "App")
	f.Add("app_1", "app-1")
	f.Add("app-0123456789", "app")
	f.Add("", "x")
	f.Add(strings.Repeat("a", 64), strings.Repeat("a", 65))
	f.Fuzz(func(t *testing.T, a, b string) {
		for what, name := range map[string]func(string) string{"container": ContainerName, "volume": VolumeName} {
			if !isLabel(name(a)) {
				t.Errorf("the %s %q is called %q", what, a, name(a))
			}
			if a != b && name(a) == name(b) {
				t.Errorf("the %ss %q and %q are both called %q", what, a, b, name(a))
			}
			if again := name(name(a)); a != name(a) && again == name(a) {
				t.Errorf("the %s called %q is called as %q is", what, name(a), a)
			}
		}
	})
}
