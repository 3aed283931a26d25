package translator

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

const (
	awsvpcRule = "the pod's network: an address of its own, and localhost shared by its containers, as on ECS"
	bridgeRule = "the pod's network: unlike Docker's bridge the containers share localhost and its ports, and reach each other there"
	hostRule   = "the node's network; names of Services resolve too"
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
		Rule: "read by Service Connect and VPC Lattice alone",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/portMappings/*/appProtocol", Class: Represented,
		Rule: "read by Service Connect alone",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/portMappings/*/containerPortRange", Class: Refused,
		Rule: "Gantry does not translate ranges of ports yet",
	},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/links", Class: Refused, Rule: "Gantry does not translate links yet"},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/hostname", Class: Refused, Rule: "Gantry does not translate the host name of a container yet"},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/extraHosts", Class: Refused, Rule: "Gantry does not translate entries of /etc/hosts yet"},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/dnsServers", Class: Refused, Rule: "Gantry does not translate DNS servers yet"},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/dnsSearchDomains", Class: Refused, Rule: "Gantry does not translate DNS search domains yet"},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/disableNetworking", Class: Refused,
		Rule:     "all containers of a pod share its network: none can be without",
		Harmless: isFalse, Except: "false: the container has the pod's network",
	},
	{Document: TaskDefinition, Path: "/proxyConfiguration", Class: Refused, Rule: "Gantry does not translate App Mesh proxies"},
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

// portKey is what can be taken only once.
type portKey struct {
	port     int32
	protocol corev1.Protocol
}

// ports translates the port mappings of all containers; the containers of a pod
// share its ports.
func (r *renderer) ports() {
	declared, onNode := map[portKey]bool{}, map[portKey]bool{}
	for _, c := range r.containers {
		for i, m := range c.def.PortMappings {
			at := c.member("portMappings").child(strconv.Itoa(i))
			if m.ContainerPort == nil {
				r.refuse(at, "the mapping has no single containerPort, and Gantry does not translate ranges of ports yet")
				continue
			}
			port := corev1.ContainerPort{ContainerPort: *m.ContainerPort, Protocol: protocol(m.Protocol), HostPort: r.hostPort(m)}
			inPod, node := portKey{port.ContainerPort, port.Protocol}, portKey{port.HostPort, port.Protocol}
			switch {
			case port.ContainerPort < 1 || port.ContainerPort > 65535:
				r.refuse(at, "containerPort is between 1 and 65535")
			case port.HostPort < 0 || port.HostPort > 65535:
				r.refuse(at, "hostPort is between 0 and 65535")
			case declared[inPod]:
				r.refuse(at, "two mappings have this containerPort, and the containers of a pod share their ports")
			case port.HostPort != 0 && onNode[node]:
				r.refuse(at, "the task takes this hostPort of the node twice")
			default:
				declared[inPod], onNode[node] = true, true
				r.port(c, m, port, at)
			}
		}
	}
}

// hostPort is the node's port that a mapping takes.
func (r *renderer) hostPort(m types.PortMapping) int32 {
	switch r.in.TaskDefinition.NetworkMode {
	case types.NetworkModeAwsvpc:
		return 0
	case types.NetworkModeHost:
		return *m.ContainerPort
	default:
		return value(m.HostPort)
	}
}

func (r *renderer) port(c *container, m types.PortMapping, port corev1.ContainerPort, at source) {
	pointer := c.pointer("ports/" + strconv.Itoa(len(c.out.Ports)))
	c.out.Ports = append(c.out.Ports, port)
	r.translated(at.child("containerPort"), pointer+"/containerPort")
	if m.Protocol != "" {
		r.translated(at.child("protocol"), pointer+"/protocol")
	}
	switch {
	case m.HostPort == nil:
	case port.HostPort != 0:
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
