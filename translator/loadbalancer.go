package translator

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/gantry-ecs/gantry/arn"
)

const (
	classicRule     = "Gantry does not translate Classic Load Balancers; a target group becomes a Service"
	listenerRule    = "a rule of a load balancer that Gantry has not: the Services themselves are turned to the one or the other deployment"
	targetGroupRule = "a Service of the target group's name leads to the ready tasks; its port is the containerPort, since a listener's is not known; a task that stops leaves it before SIGTERM"
)

// The target group's own health check is not known here; a listening port is the
// least that any of them asks for.
const (
	targetCheckPeriod   = 2
	targetCheckTimeout  = 5
	targetCheckFailures = 3
)

var loadBalancerFields = []Field{
	{
		Document: Service, Path: "/loadBalancers/*/targetGroupArn", Class: Translated, To: "Service /metadata/name",
		Rule: targetGroupRule, Except: "a target group that has the tasks of another service of the cluster is refused",
	},
	{
		Document: Service, Path: "/loadBalancers/*/containerName", Class: Translated, To: "Pod /spec/containers/*/readinessProbe/tcpSocket",
		Rule: "where the container has no health check of its own, a task gets traffic, and counts as healthy, from when the port listens; the health check of the target group is not known to Gantry",
	},
	{
		Document: Service, Path: "/loadBalancers/*/containerPort", Class: Translated, To: "Service /spec/ports/*/targetPort", Rule: "as given",
	},
	{Document: Service, Path: "/loadBalancers/*/loadBalancerName", Class: Refused, Rule: classicRule},
	{
		Document: Service, Path: "/loadBalancers/*/advancedConfiguration/alternateTargetGroupArn", Class: Translated, To: "Service /metadata/name",
		Rule: "a Service that leads to the tasks of a deployment under test, and to none while there is no such deployment",
	},
	{Document: Service, Path: "/loadBalancers/*/advancedConfiguration/productionListenerRule", Class: Represented, Rule: listenerRule},
	{Document: Service, Path: "/loadBalancers/*/advancedConfiguration/testListenerRule", Class: Represented, Rule: listenerRule},
	{
		Document: Service, Path: "/loadBalancers/*/advancedConfiguration/roleArn", Class: Represented,
		Rule: "lets ECS change a load balancer; Gantry changes its own Services",
	},
	{Document: Service, Path: "/role", Class: Represented, Rule: "lets ECS register targets; Gantry needs no role for it"},
}

func targetGroupRoutes(list []types.LoadBalancer, def *types.TaskDefinition, name Namer) []Route {
	var routes []Route
	add := func(group string, test bool, ports []RoutePort) {
		id, plain, _ := arn.ParseTargetGroup(group)
		routes = append(routes, Route{Name: name(id, plain), TargetGroup: group, Test: test, Ports: ports})
	}
	for _, lb := range list {
		port := value(lb.ContainerPort)
		ports := []RoutePort{{Port: port, TargetPort: port, Protocol: protocolOf(def, value(lb.ContainerName), port)}}
		add(value(lb.TargetGroupArn), false, ports)
		if lb.AdvancedConfiguration != nil && lb.AdvancedConfiguration.AlternateTargetGroupArn != nil {
			add(*lb.AdvancedConfiguration.AlternateTargetGroupArn, true, ports)
		}
	}
	return routes
}

// targetCheck looks whether a load-balanced container listens, where it has no
// health check of its own.
func (r *renderer) targetCheck(c *container) {
	if c.out.ReadinessProbe != nil || c.ends {
		return
	}
	for _, lb := range r.in.LoadBalancers {
		mapping, ok := PortMappingOf(r.in.TaskDefinition, value(lb.ContainerName), value(lb.ContainerPort))
		if !ok || value(lb.ContainerName) != value(c.def.Name) || mapping.Protocol == types.TransportProtocolUdp {
			continue
		}
		c.out.ReadinessProbe = &corev1.Probe{
			ProbeHandler:  corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(*mapping.ContainerPort)}},
			PeriodSeconds: targetCheckPeriod, TimeoutSeconds: targetCheckTimeout, FailureThreshold: targetCheckFailures,
		}
		return
	}
}

// Serving says whether the load-balanced containers without a health check
// listen, and whether there is any such container.
func (s *PodState) Serving() (serving, balanced bool) {
	serving = true
	for i := range s.containers {
		c := &s.containers[i]
		if c.checked || c.spec.ReadinessProbe == nil || c.spec.ReadinessProbe.TCPSocket == nil {
			continue
		}
		balanced = true
		if !c.status.Ready || c.status.State.Running == nil {
			serving = false
		}
	}
	return serving && balanced, balanced
}
