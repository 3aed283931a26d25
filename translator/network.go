package translator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

const (
	awsvpcRule = "the pod's network: an address of its own, and localhost shared by its containers, as on ECS"
	bridgeRule = "the pod's network: unlike Docker's bridge the containers share localhost and its ports, and reach each other there"
	hostRule   = "the node's network; names of Services resolve too"
	rangeRule  = "nothing to declare: every port of the pod is reached at its address"
	vpcRule    = "a cluster has no subnets, security groups or public addresses: the pod is in the cluster's network, and NetworkPolicies say who reaches it"
)

var networkFields = []Field{
	{
		Document: TaskDefinition, Path: "/networkMode", Class: Translated, To: "Pod /spec/hostNetwork",
		Rule: "awsvpc: " + awsvpcRule + ". bridge: " + bridgeRule + ". host: " + hostRule, Except: "none is refused",
	},
	{Document: Task, Path: "/networkConfiguration/awsvpcConfiguration/subnets", Class: Represented, Rule: vpcRule},
	{Document: Task, Path: "/networkConfiguration/awsvpcConfiguration/securityGroups", Class: Represented, Rule: vpcRule},
	{Document: Task, Path: "/networkConfiguration/awsvpcConfiguration/assignPublicIp", Class: Represented, Rule: vpcRule},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/portMappings/*/containerPort", Class: Translated,
		To: "Pod /spec/containers/*/ports/*/containerPort", Rule: "as given",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/portMappings/*/hostPort", Class: Translated,
		To:     "Pod /spec/containers/*/ports/*/hostPort",
		Rule:   "a port of the node, in the modes bridge and host",
		Except: "0 in bridge mode and any in awsvpc mode: none, the pod has an address of its own",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/portMappings/*/protocol", Class: Translated,
		To: "Pod /spec/containers/*/ports/*/protocol", Rule: "as given, tcp by default",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/portMappings/*/name", Class: Represented,
		Rule: "Service Connect and VPC Lattice name the port by it",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/portMappings/*/appProtocol", Class: Represented,
		Rule: "what Service Connect's Service says of the port",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/portMappings/*/containerPortRange", Class: Translated,
		To: "the pod's network", Rule: rangeRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/disableNetworking", Class: Refused,
		Rule:     "all containers of a pod share its network: none can be without",
		Harmless: isFalse, Except: "false: the container has the pod's network",
	},
	{Document: TaskDefinition, Path: "/proxyConfiguration", Class: Refused, Rule: "a pod has no rules that lead its traffic through one of its containers"},
}

// networkMode is bridge by default (API reference, RegisterTaskDefinition).
func (r *renderer) networkMode() {
	at := source{TaskDefinition, "/networkMode"}
	switch r.in.TaskDefinition.NetworkMode {
	case "":
	case types.NetworkModeAwsvpc:
		r.translatedAs(at, "/spec/hostNetwork", awsvpcRule)
	case types.NetworkModeBridge:
		r.translatedAs(at, "/spec/hostNetwork", bridgeRule)
	case types.NetworkModeHost:
		r.spec.HostNetwork = true
		r.spec.DNSPolicy = corev1.DNSClusterFirstWithHostNet
		r.translatedAs(at, "/spec/hostNetwork", hostRule)
	default:
		r.refuse(at, "a pod always has a network: the mode "+string(r.in.TaskDefinition.NetworkMode)+" has no counterpart")
	}
}

// portSpan is the ports of one mapping, both ends included.
type portSpan struct {
	of          *container
	first, last int32
	protocol    corev1.Protocol
}

// portKey is what a task can take only once.
type portKey struct {
	port     int32
	protocol corev1.Protocol
}

// ports translates the port mappings of all containers; the containers of a pod
// share its ports.
func (r *renderer) ports() {
	var declared []portSpan
	onNode := map[portKey]bool{}
	for _, c := range r.containers {
		for i, m := range c.def.PortMappings {
			at := c.member("portMappings").child(strconv.Itoa(i))
			span, ok := spanOf(c, m)
			host := portKey{r.hostPort(m), span.protocol}
			switch {
			case !ok:
				r.refuse(at, "a mapping has a containerPort, or a containerPortRange, between 1 and 65535")
			case host.port < 0 || host.port > 65535:
				r.refuse(at, "hostPort is between 0 and 65535")
			case slices.ContainsFunc(declared, span.clashes):
				r.refuse(at, "another container has this containerPort, and the containers of a pod share their ports")
			case host.port != 0 && onNode[host]:
				r.refuse(at, "the task takes this hostPort of the node twice")
			default:
				declared, onNode[host] = append(declared, span), true
				r.port(c, m, host.port, at)
			}
		}
	}
}

func spanOf(c *container, m types.PortMapping) (portSpan, bool) {
	span := portSpan{of: c, first: value(m.ContainerPort), last: value(m.ContainerPort), protocol: protocol(m.Protocol)}
	if m.ContainerPort == nil {
		first, last, _ := strings.Cut(value(m.ContainerPortRange), "-")
		a, errA := strconv.ParseInt(first, 10, 32)
		b, errB := strconv.ParseInt(last, 10, 32)
		if errA != nil || errB != nil {
			return span, false
		}
		span.first, span.last = int32(a), int32(b)
	}
	return span, span.first >= 1 && span.first <= span.last && span.last <= 65535
}

// clashes is true for a port of another container: one container may map its
// own to several of the node.
func (s portSpan) clashes(o portSpan) bool {
	return s.of != o.of && s.protocol == o.protocol && s.first <= o.last && o.first <= s.last
}

// hostPort is the node's port that a mapping takes.
func (r *renderer) hostPort(m types.PortMapping) int32 {
	switch r.in.TaskDefinition.NetworkMode {
	case types.NetworkModeAwsvpc:
		return 0
	case types.NetworkModeHost:
		return value(m.ContainerPort)
	default:
		return value(m.HostPort)
	}
}

func (r *renderer) port(c *container, m types.PortMapping, hostPort int32, at source) {
	if m.ContainerPort == nil {
		r.translatedAs(at.child("containerPortRange"), "", rangeRule)
		if m.Protocol != "" {
			r.translatedAs(at.child("protocol"), "", rangeRule)
		}
		return
	}
	pointer := c.pointer("ports/" + strconv.Itoa(len(c.out.Ports)))
	c.out.Ports = append(c.out.Ports, corev1.ContainerPort{ContainerPort: *m.ContainerPort, Protocol: protocol(m.Protocol), HostPort: hostPort})
	r.translated(at.child("containerPort"), pointer+"/containerPort")
	if m.Protocol != "" {
		r.translated(at.child("protocol"), pointer+"/protocol")
	}
	switch {
	case m.HostPort == nil:
	case hostPort != 0:
		r.translated(at.child("hostPort"), pointer+"/hostPort")
	default:
		r.translatedAs(at.child("hostPort"), "", "none: the pod has an address of its own, and the port is reached there")
	}
}

func protocol(p types.TransportProtocol) corev1.Protocol {
	if p == types.TransportProtocolUdp {
		return corev1.ProtocolUDP
	}
	return corev1.ProtocolTCP
}
