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
	"github.com/gantry-ecs/gantry/arn"
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

	Port       int32           `json:"port,omitempty"`
	TargetPort int32           `json:"targetPort,omitempty"`
	Protocol   corev1.Protocol `json:"protocol,omitempty"`
}

// Routing is the part of a service revision that routes are made of.
type Routing struct {
	LoadBalancers []types.LoadBalancer
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
	template := corev1.PodTemplateSpec{}
	if err := json.Unmarshal(revision.Spec.Template.Raw, &template); err != nil {
		return nil, fmt.Errorf("decode the template of revision %s: %w", revision.Name, err)
	}
	return RoutesOf(template.Annotations)
}

// RouteSpec is the specification of a route's Service. It selects the tasks of
// the service that carry the route, all of them or those of one deployment.
func RouteSpec(service string, r Route, deployment string) corev1.ServiceSpec {
	selector := map[string]string{v1alpha1.ServiceLabel: service, routeLabel(r): "true"}
	if deployment != "" {
		selector[v1alpha1.DeploymentLabel] = deployment
	}
	return corev1.ServiceSpec{
		Type: corev1.ServiceTypeClusterIP, Selector: selector,
		Ports: []corev1.ServicePort{{
			Name: "port-" + strconv.Itoa(int(r.Port)), Protocol: r.Protocol, Port: r.Port, TargetPort: intstr.FromInt32(r.TargetPort),
		}},
	}
}

// RouteAnnotations say what a route's Service stands for.
func RouteAnnotations(r Route) map[string]string {
	return map[string]string{v1alpha1.TargetGroupAnnotation: r.TargetGroup}
}

// routeLabel marks the pods that a route leads to: those of another revision of
// the service may not have it.
func routeLabel(r Route) string { return v1alpha1.RouteLabelPrefix + r.Name }

// renderRoutes puts the routes into the labels and annotations of a pod.
func renderRoutes(labels, annotations map[string]string, routes []Route, routing Routing) error {
	if len(routes) == 0 {
		return nil
	}
	data, err := json.Marshal(routes)
	if err != nil {
		return fmt.Errorf("encode routes: %w", err)
	}
	given, err := awsjson.Marshal(&types.ServiceRevision{LoadBalancers: routing.LoadBalancers})
	if err != nil {
		return fmt.Errorf("encode routing: %w", err)
	}
	annotations[v1alpha1.RoutesAnnotation], annotations[v1alpha1.RoutingAnnotation] = string(data), string(given)
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
	var routes []Route
	for _, lb := range routing.LoadBalancers {
		port := aws.ToInt32(lb.ContainerPort)
		route := Route{
			TargetGroup: aws.ToString(lb.TargetGroupArn),
			Port:        port, TargetPort: port, Protocol: protocolOf(def, aws.ToString(lb.ContainerName), port),
		}
		route.Name = targetGroupName(route.TargetGroup, name)
		routes = append(routes, route)
		if lb.AdvancedConfiguration == nil || lb.AdvancedConfiguration.AlternateTargetGroupArn == nil {
			continue
		}
		route.TargetGroup, route.Test = *lb.AdvancedConfiguration.AlternateTargetGroupArn, true
		route.Name = targetGroupName(route.TargetGroup, name)
		routes = append(routes, route)
	}
	return routes
}

func targetGroupName(targetGroup string, name Namer) string {
	id, group, _ := arn.ParseTargetGroup(targetGroup)
	return name(id, group)
}

// PortMappingOf finds a container's mapping of a port.
func PortMappingOf(def *types.TaskDefinition, container string, port int32) (types.PortMapping, bool) {
	for _, c := range def.ContainerDefinitions {
		if aws.ToString(c.Name) != container {
			continue
		}
		for _, m := range c.PortMappings {
			if aws.ToInt32(m.ContainerPort) == port {
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
