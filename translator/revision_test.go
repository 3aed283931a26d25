package translator

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// TestRevisionComesBackWithItsRoutes: what a Deployment carries makes the same
// template and routing that it was made from, without the deployment's own.
func TestRevisionComesBackWithItsRoutes(t *testing.T) {
	def := &types.TaskDefinition{
		TaskDefinitionArn: aws.String("arn:aws:ecs:us-east-1:000000000000:task-definition/web:1"),
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("web"), PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(80), Name: aws.String("http")}},
		}},
	}
	routing := Routing{
		LoadBalancers: []types.LoadBalancer{{
			TargetGroupArn: aws.String("arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/web/0123456789abcdef"),
			ContainerName:  aws.String("web"), ContainerPort: aws.Int32(80),
		}},
		ServiceRegistries: []types.ServiceRegistry{{RegistryArn: aws.String("arn:aws:servicediscovery:us-east-1:000000000000:service/srv-1")}},
		Connect: Connect{
			Configuration: &types.ServiceConnectConfiguration{
				Enabled: true, Namespace: aws.String("prod"), Services: []types.ServiceConnectService{{PortName: aws.String("http")}},
			},
			Namespace: "arn:aws:servicediscovery:us-east-1:000000000000:namespace/ns-1", Name: "prod",
		},
	}
	name := func(_ v1alpha1.Identity, parts ...string) string { return parts[0] }
	meta, err := RenderPodMeta(PodMeta{
		Definition: def, Task: types.Task{TaskDefinitionArn: def.TaskDefinitionArn}, Service: "web", ServiceObject: "web",
		Routes: Routes(routing, def, name), Routing: routing,
	})
	if err != nil {
		t.Fatal(err)
	}
	given := corev1.PodTemplateSpec{ObjectMeta: meta, Spec: corev1.PodSpec{HostAliases: []corev1.HostAlias{{IP: "192.0.2.1", Hostnames: []string{"extra"}}}}}
	template, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	revision := &v1alpha1.ServiceRevision{Spec: v1alpha1.ServiceRevisionSpec{Template: runtime.RawExtension{Raw: template}}}
	names := []corev1.HostAlias{{IP: "10.0.0.1", Hostnames: []string{"http.prod"}}}
	object, err := Deployment(&v1alpha1.ServiceDeployment{}, revision, "ecs-svc/1", 1, names)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(object.Spec.Template.Spec.HostAliases); got != 2 {
		t.Errorf("the Deployment's pods have %d host aliases, want two", got)
	}
	svc := &v1alpha1.ECSService{Spec: v1alpha1.ECSServiceSpec{Definition: runtime.RawExtension{Raw: []byte(`{}`)}}}
	inputs, back, err := RevisionFromDeployment(svc, v1alpha1.DeploymentEntry{}, object)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(template), string(back)); diff != "" {
		t.Errorf("template differs (-given +back):\n%s", diff)
	}
	want, err := awsjson.Marshal(&types.ServiceRevision{
		TaskDefinition: def.TaskDefinitionArn, LoadBalancers: routing.LoadBalancers, ServiceRegistries: routing.ServiceRegistries,
		ServiceConnectConfiguration: routing.Connect.Configuration,
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(inputs)); diff != "" {
		t.Errorf("inputs differ (-want +back):\n%s", diff)
	}
}
