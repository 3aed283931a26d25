package translator

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// Route leads to the tasks of a service revision: it is one Kubernetes Service.
// The pod template carries the routes of its revision, so that what was resolved
// once is never resolved again.
type Route struct {
	// Name is the Service's.
	Name string `json:"name"`
	// TargetGroup is the ARN that the Service stands for, if it is a target group.
	TargetGroup string `json:"targetGroup,omitempty"`
	// Test is true for an alternate target group: the tasks under test are in it.
	Test bool `json:"test,omitempty"`
	// Registry is the ARN of the Cloud Map service that a headless Service stands for.
	Registry string `json:"registry,omitempty"`
	// Namespace and DNSName are a Service Connect endpoint's: the ARN of its
	// namespace and the name that clients connect to.
	Namespace string `json:"namespace,omitempty"`
	DNSName   string `json:"dnsName,omitempty"`

	Ports []RoutePort `json:"ports,omitempty"`
}

// RoutePort is a port of a route and that of the container behind it.
type RoutePort struct {
	Port        int32           `json:"port"`
	TargetPort  int32           `json:"targetPort"`
	Protocol    corev1.Protocol `json:"protocol"`
	AppProtocol *string         `json:"appProtocol,omitempty"`
}

// Routing is the part of a service revision that routes are made of.
type Routing struct {
	LoadBalancers     []types.LoadBalancer
	ServiceRegistries []types.ServiceRegistry
	Connect           Connect
}

// empty says whether nothing leads to the tasks, and they to nothing by Service Connect.
func (r Routing) empty() bool {
	return len(r.LoadBalancers) == 0 && len(r.ServiceRegistries) == 0 && !r.Connect.enabled()
}

// RoutesOf reads the routes of a pod template, or of a pod.
func RoutesOf(annotations map[string]string) ([]Route, error) {
	text := annotations[v1alpha1.RoutesAnnotation]
	if text == "" {
		return nil, nil
	}
	var routes []Route
	if err := json.Unmarshal([]byte(text), &routes); err != nil {
		return nil, fmt.Errorf("decode the annotation %s: %w", v1alpha1.RoutesAnnotation, err)
	}
	return routes, nil
}

// RevisionRoutes are the routes of a service revision.
func RevisionRoutes(revision *v1alpha1.ServiceRevision) ([]Route, error) {
	template, err := revisionTemplate(revision)
	if err != nil {
		return nil, err
	}
	return RoutesOf(template.Annotations)
}

// RouteSpec is the specification of a route's Service. It selects the tasks of
// the service that carry the route, all of them or those of one deployment.
func RouteSpec(service string, r Route, deployment string) corev1.ServiceSpec {
	spec := corev1.ServiceSpec{
		Type:     corev1.ServiceTypeClusterIP,
		Selector: map[string]string{v1alpha1.ServiceLabel: service, routeLabel(r): "true"},
	}
	if deployment != "" {
		spec.Selector[v1alpha1.DeploymentLabel] = deployment
	}
	if r.Registry != "" {
		spec.ClusterIP = corev1.ClusterIPNone
	}
	for _, port := range r.Ports {
		spec.Ports = append(spec.Ports, corev1.ServicePort{
			Name: "port-" + strconv.Itoa(int(port.Port)), Port: port.Port, TargetPort: intstr.FromInt32(port.TargetPort),
			Protocol: port.Protocol, AppProtocol: port.AppProtocol,
		})
	}
	return spec
}

// RouteAnnotations say what a route's Service stands for.
func RouteAnnotations(r Route) map[string]string {
	annotations := map[string]string{}
	for key, value := range map[string]string{
		v1alpha1.TargetGroupAnnotation: r.TargetGroup, v1alpha1.RegistryAnnotation: r.Registry,
		v1alpha1.ConnectNamespaceAnnotation: r.Namespace, v1alpha1.ConnectNameAnnotation: r.DNSName,
	} {
		if value != "" {
			annotations[key] = value
		}
	}
	return annotations
}

// routeLabel marks the pods that a route leads to: those of another revision of
// the service may not have it.
func routeLabel(r Route) string { return v1alpha1.RouteLabelPrefix + r.Name }

// renderRoutes puts the routes into the labels and annotations of a pod.
func renderRoutes(labels, annotations map[string]string, routes []Route, routing Routing) error {
	if routing.empty() {
		return nil
	}
	data, err := json.Marshal(routes)
	if err != nil {
		return fmt.Errorf("encode routes: %w", err)
	}
	given, err := awsjson.Marshal(&types.ServiceRevision{
		LoadBalancers: routing.LoadBalancers, ServiceRegistries: routing.ServiceRegistries,
		ServiceConnectConfiguration: routing.Connect.Configuration,
	})
	if err != nil {
		return fmt.Errorf("encode routing: %w", err)
	}
	annotations[v1alpha1.RoutesAnnotation], annotations[v1alpha1.RoutingAnnotation] = string(data), string(given)
	if routing.Connect.enabled() {
		annotations[v1alpha1.ConnectNamespaceAnnotation] = routing.Connect.Namespace
	}
	for _, r := range routes {
		labels[routeLabel(r)] = "true"
	}
	return nil
}

// Namer names a Kubernetes Service after something of an identity.
type Namer func(id v1alpha1.Identity, parts ...string) string

// Routes resolves what was asked for. Everything was validated before: ARNs are
// ARNs, and container and port are in the task definition.
func Routes(routing Routing, def *types.TaskDefinition, name Namer) []Route {
	routes := targetGroupRoutes(routing.LoadBalancers, def, name)
	routes = append(routes, registryRoutes(routing.ServiceRegistries, def, name)...)
	return append(routes, connectRoutes(routing.Connect, def, name)...)
}

// PortMappingOf finds a container's mapping of a port.
func PortMappingOf(def *types.TaskDefinition, container string, port int32) (types.PortMapping, bool) {
	for _, c := range def.ContainerDefinitions {
		if aws.ToString(c.Name) != container {
			continue
		}
		for _, m := range c.PortMappings {
			if m.ContainerPort != nil && *m.ContainerPort == port {
				return m, true
			}
		}
	}
	return types.PortMapping{}, false
}

func protocolOf(def *types.TaskDefinition, container string, port int32) corev1.Protocol {
	mapping, _ := PortMappingOf(def, container, port)
	return protocol(mapping.Protocol)
}

// SelectorPatch turns a selector into another in a merge patch: keys that go are null.
func SelectorPatch(current, wanted map[string]string) map[string]any {
	patch := map[string]any{}
	for key := range current {
		patch[key] = nil
	}
	for key, value := range wanted {
		patch[key] = value
	}
	return patch
}
