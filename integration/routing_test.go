package integration

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func targetGroup(name string) string {
	return "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/" + name + "/0123456789abcdef"
}

func behind(group, container string) func(*ecs.CreateServiceInput) {
	return func(in *ecs.CreateServiceInput) {
		in.LoadBalancers = append(in.LoadBalancers, types.LoadBalancer{
			TargetGroupArn: aws.String(targetGroup(group)), ContainerName: &container, ContainerPort: aws.Int32(8080),
		})
	}
}

// route is the Kubernetes Service of that name in the cluster's namespace.
func (s *scene) route(name string) *corev1.Service {
	s.Helper()
	object, err := suite.kube.CoreV1().Services("ecs-"+s.cluster).Get(s.Context(), name, metav1.GetOptions{})
	s.ok(err, "get Service "+name)
	return object
}

// listening is the web program without a health check of its own.
func listening() types.ContainerDefinition {
	return container("web", "web", func(def *types.ContainerDefinition) {
		def.PortMappings = []types.PortMapping{{ContainerPort: aws.Int32(8080), Name: aws.String("http")}}
	})
}

// TestNoRequestIsLost: behind a target group, while tasks are stopped, a revision
// takes over and the service shrinks, every request is answered.
func TestNoRequestIsLost(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	family := unique("it")
	next := func() string {
		return s.register(&ecs.RegisterTaskDefinitionInput{Family: &family, ContainerDefinitions: []types.ContainerDefinition{listening()}})
	}
	created := s.serve("web", next(), 3, behind("web-tg", "web"))
	if len(created.LoadBalancers) != 1 || aws.ToString(created.LoadBalancers[0].TargetGroupArn) != targetGroup("web-tg") {
		t.Errorf("the service has load balancers %s", show(created.LoadBalancers))
	}
	s.stable("web")
	s.hasEvent("web", "has reached a steady state.")
	l, end := startLoad(t, net.JoinHostPort(s.route("web-tg").Spec.ClusterIP, webPort))
	defer end()

	for _, id := range s.list("web", types.DesiredStatusRunning)[:2] {
		_, err := s.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &s.cluster, Task: &id})
		s.ok(err, "StopTask")
		s.stopped(id)
		s.stable("web")
	}
	second := next()
	out, err := s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: aws.String("web"), TaskDefinition: &second})
	s.ok(err, "UpdateService")
	s.completed("web", aws.ToString(out.Service.Deployments[0].Id))
	for _, id := range s.list("web", types.DesiredStatusStopped) {
		s.stopped(id)
	}
	_, err = s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: aws.String("web"), DesiredCount: aws.Int32(1)})
	s.ok(err, "UpdateService")
	s.stable("web")
	for _, id := range s.list("web", types.DesiredStatusStopped) {
		s.stopped(id)
	}
	end()
	l.check(t, 2000)
	if len(l.hosts) < 6 {
		t.Errorf("%d tasks answered, want the three first, two replacements and the new revision's", len(l.hosts))
	}
	s.targetsBalance("web", targetGroup("web-tg"), 1)
}

// targetsBalance counts in the events how many targets are left.
func (s *scene) targetsBalance(service, group string, want int) {
	s.Helper()
	left, draining := 0, 0
	for _, event := range s.service(service).Events {
		words := strings.Fields(strings.TrimPrefix(aws.ToString(event.Message), "(service "+service+") "))
		switch {
		case words[0] == "registered" && words[len(words)-1] == group+")":
			left += number(s.T, words[1])
		case words[0] == "deregistered" && words[len(words)-1] == group+")":
			left -= number(s.T, words[1])
		case strings.Contains(aws.ToString(event.Message), "has begun draining connections"):
			draining++
		}
	}
	if left != want || draining == 0 {
		for _, event := range s.service(service).Events {
			s.Logf("%s", aws.ToString(event.Message))
		}
		s.Errorf("by the events %d targets are left, want %d; %d say that connections drain", left, want, draining)
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// connected puts a service into the cluster's default namespace; the port http
// of its tasks is known there by the alias, or by its default name where that is
// empty.
func connected(alias string, port int32) func(*ecs.CreateServiceInput) {
	return func(in *ecs.CreateServiceInput) {
		service := types.ServiceConnectService{PortName: aws.String("http"), DiscoveryName: in.ServiceName}
		if alias != "" {
			service.ClientAliases = []types.ServiceConnectClientAlias{{Port: &port, DnsName: &alias}}
		}
		in.ServiceConnectConfiguration = &types.ServiceConnectConfiguration{Enabled: true, Services: []types.ServiceConnectService{service}}
	}
}

// TestServiceConnect: a client that is created right after the services reaches
// them by their names, on ports that are not the containers', and goes on to when
// somebody deletes a Service.
func TestServiceConnect(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	namespace := unique("ns")
	other := unique("it")
	out, err := s.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{
		ClusterName: &other, ServiceConnectDefaults: &types.ClusterServiceConnectDefaultsRequest{Namespace: &namespace},
	})
	s.ok(err, "CreateCluster")
	peer := *s
	peer.cluster = other
	t.Cleanup(peer.cleanUp)
	if out.Cluster.ServiceConnectDefaults == nil || !strings.Contains(aws.ToString(out.Cluster.ServiceConnectDefaults.Namespace), ":namespace/ns-") {
		t.Errorf("serviceConnectDefaults are %s, want the ARN of a namespace", show(out.Cluster.ServiceConnectDefaults))
	}
	definition := peer.define(listening())
	peer.serve("api", definition, 1, connected("api.internal", 80))
	peer.serve("plain", definition, 1, connected("", 0))
	// The client is in another cluster, and in the same namespace by its name.
	s.serve("client", s.define(listening()), 1, func(in *ecs.CreateServiceInput) {
		in.ServiceConnectConfiguration = &types.ServiceConnectConfiguration{Enabled: true, Namespace: &namespace}
	})
	for _, name := range []string{"api", "plain"} {
		peer.stable(name)
	}
	s.stable("client")
	client := s.livePods()[0].Status.PodIP
	hosts := map[string]string{}
	for _, pod := range peer.livePods() {
		hosts[pod.Annotations["gantry.dev/service-name"]] = pod.Name
	}
	reaches := func(address, service string) {
		t.Helper()
		eventually(t, startLimit, address+" leads to "+service, func() (bool, string) {
			host, err := ask(t.Context(), direct, "http://"+net.JoinHostPort(client, webPort)+"/fetch?address="+address)
			return err == nil && strings.TrimSpace(host) == hosts[service], fmt.Sprintf("%s %v, want %s", host, err, hosts[service])
		})
	}
	reaches("api.internal:80", "api")
	reaches("plain."+namespace+":8080", "plain")

	endpoints, err := suite.kube.CoreV1().Services("ecs-"+other).List(t.Context(), metav1.ListOptions{LabelSelector: "gantry.dev/service=api"})
	s.ok(err, "list Services")
	if len(endpoints.Items) != 1 {
		t.Fatalf("api has %d Services, want one", len(endpoints.Items))
	}
	s.ok(suite.kube.CoreV1().Services("ecs-"+other).Delete(t.Context(), endpoints.Items[0].Name, metav1.DeleteOptions{}), "delete the Service")
	reaches("api.internal:80", "api")

	deployment := peer.service("api").Deployments[0]
	resources := deployment.ServiceConnectResources
	if deployment.ServiceConnectConfiguration == nil || len(resources) != 1 || aws.ToString(resources[0].DiscoveryName) != "api" {
		t.Errorf("the deployment has configuration %s and resources %s", show(deployment.ServiceConnectConfiguration), show(resources))
	}
}

// TestServiceRegistry: a registry's name in the cluster's DNS has the addresses
// of the service's tasks.
func TestServiceRegistry(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.serve("web", s.define(listening()), 1, func(in *ecs.CreateServiceInput) {
		in.ServiceRegistries = []types.ServiceRegistry{{
			RegistryArn:   aws.String("arn:aws:servicediscovery:us-east-1:000000000000:service/srv-utcrh6wavdkggqtk"),
			ContainerName: aws.String("web"), ContainerPort: aws.Int32(8080),
		}}
	})
	s.stable("web")
	pod := s.livePods()[0]
	name := "srv-utcrh6wavdkggqtk.ecs-" + s.cluster + ".svc.cluster.local:8080"
	eventually(t, startLimit, name+" leads to the task", func() (bool, string) {
		host, err := ask(t.Context(), direct, "http://"+net.JoinHostPort(pod.Status.PodIP, webPort)+"/fetch?address="+name)
		return err == nil && strings.TrimSpace(host) == pod.Name, fmt.Sprintf("%s %v", host, err)
	})
}
