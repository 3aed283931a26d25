package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

const (
	webDefinition = `{"family": "web", "cpu": "256", "memory": "512", "containerDefinitions": [
		{"name": "web", "image": "example/web:1", "command": ["serve", "$HOME"], "portMappings": [{"containerPort": 80}]}]}`
	webService      = `{"serviceName": "web", "taskDefinition": "web", "desiredCount": 2}`
	balancedService = `{"serviceName": "web", "taskDefinition": "web", "desiredCount": 2,
		"loadBalancers": [{"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/web-tg/0123456789abcdef",
			"containerName": "web", "containerPort": 80}]}`
	classicService = `{"serviceName": "web", "taskDefinition": "web", "desiredCount": 2,
		"loadBalancers": [{"loadBalancerName": "old", "containerName": "web", "containerPort": 80}]}`
	swappingDefinition = `{"family": "web", "containerDefinitions": [
		{"name": "web", "image": "example/web:1", "memory": 64, "linuxParameters": {"maxSwap": 10}}]}`
	describedDefinition = `{"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:us-east-1:000000000000:task-definition/web:7",
		"family": "web", "revision": 7, "registeredAt": "2026-01-02T03:04:05.678000+00:00",
		"containerDefinitions": [{"name": "web", "image": "example/web:1", "memory": 64}]}, "tags": [{"key": "a", "value": "b"}]}`
)

// runTranslate runs the command on documents.
func runTranslate(t *testing.T, flags []string, documents ...string) (stdout, stderr string, err error) {
	t.Helper()
	args := flags
	for i, document := range documents {
		path := filepath.Join(t.TempDir(), []string{"definition.json", "service.json"}[i])
		if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	var out, errs bytes.Buffer
	cmd := newTranslateCommand()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err = cmd.ExecuteContext(t.Context())
	return out.String(), errs.String(), err
}

func TestTranslateTask(t *testing.T) {
	for name, document := range map[string]string{"registration": webDefinition, "description": describedDefinition} {
		t.Run(name, func(t *testing.T) {
			out, errs, err := runTranslate(t, nil, document)
			if err != nil || errs != "" {
				t.Fatalf("error %v, standard error %q", err, errs)
			}
			pod := corev1.Pod{}
			if err := yaml.UnmarshalStrict([]byte(out), &pod); err != nil {
				t.Fatal(err)
			}
			if pod.Kind != "Pod" || pod.Name != "web" || pod.Namespace != "ecs-default" || len(pod.Spec.Containers) != 1 {
				t.Errorf("not the pod of the task:\n%s", out)
			}
		})
	}
}

func TestTranslateService(t *testing.T) {
	out, errs, err := runTranslate(t, nil, webDefinition, webService)
	if err != nil || errs != "" {
		t.Fatalf("error %v, standard error %q", err, errs)
	}
	deployment := appsv1.Deployment{}
	if err := yaml.UnmarshalStrict([]byte(out), &deployment); err != nil {
		t.Fatal(err)
	}
	template := deployment.Spec.Template
	if deployment.Kind != "Deployment" || *deployment.Spec.Replicas != 2 || template.Labels[v1alpha1.ServiceLabel] != "web" {
		t.Errorf("not the Deployment of the service:\n%s", out)
	}
	if template.Spec.RestartPolicy != corev1.RestartPolicyAlways {
		t.Errorf("a template's restartPolicy must be Always, got %s", template.Spec.RestartPolicy)
	}
}

func TestTranslateExplains(t *testing.T) {
	out, _, err := runTranslate(t, []string{"--explain"}, webDefinition, webService)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict([]byte(out), &appsv1.Deployment{}); err != nil {
		t.Errorf("an explained translation is YAML still: %v", err)
	}
	for _, want := range []string{"/containerDefinitions/0/command", "/spec/containers/0/args", "/desiredCount", "ECSService /spec/desiredCount"} {
		if !strings.Contains(out, want) {
			t.Errorf("the explanation does not say %s:\n%s", want, out)
		}
	}
}

func TestTranslateRefuses(t *testing.T) {
	for _, tt := range []struct {
		name      string
		documents []string
		want      string
	}{
		{"a field of the definition", []string{swappingDefinition}, "/containerDefinitions/0/linuxParameters/maxSwap: "},
		{"a field of the service", []string{webDefinition, classicService}, "/loadBalancers/0/loadBalancerName: "},
		{"what ECS refuses", []string{`{"family": "web", "containerDefinitions": []}`}, "ECS would not register"},
		{"what is no JSON", []string{`family: web`}, "read "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, _, err := runTranslate(t, nil, tt.documents...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want one with %q", err, tt.want)
			}
			if out != "" {
				t.Errorf("printed an object all the same:\n%s", out)
			}
		})
	}
}

func TestTranslateNamesUnknownMembers(t *testing.T) {
	_, errs, err := runTranslate(t, nil, strings.Replace(webDefinition, `"cpu"`, `"cqu"`, 1))
	if !strings.Contains(errs, "cqu") {
		t.Errorf("error %v, standard error %q do not name the unknown member", err, errs)
	}
}

// TestTranslateRoutes: the Services that lead to a service's tasks follow its Deployment.
func TestTranslateRoutes(t *testing.T) {
	out, _, err := runTranslate(t, nil, webDefinition, balancedService)
	if err != nil {
		t.Fatal(err)
	}
	documents := strings.Split(out, "---\n")
	if len(documents) != 2 {
		t.Fatalf("%d documents, want the Deployment and a Service:\n%s", len(documents), out)
	}
	service := corev1.Service{}
	if err := yaml.UnmarshalStrict([]byte(documents[1]), &service); err != nil {
		t.Fatal(err)
	}
	deployment := appsv1.Deployment{}
	if err := yaml.UnmarshalStrict([]byte(documents[0]), &deployment); err != nil {
		t.Fatal(err)
	}
	selects := labels.SelectorFromSet(service.Spec.Selector).Matches(labels.Set(deployment.Spec.Template.Labels))
	if service.Name != "web-tg" || !selects {
		t.Errorf("the Service %s selects the pods: %t", service.Name, selects)
	}
}
