package taskdef

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

const maxPort = 65535

// API reference, PortMapping.name.
var portNamePattern = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,63}$`)

// portRange is the container ports of one mapping, both ends included.
type portRange struct {
	first, last int32
	protocol    types.TransportProtocol
}

func (r portRange) overlaps(o portRange) bool {
	return r.protocol == o.protocol && r.first <= o.last && o.first <= r.last
}

func validatePorts(in *ecs.RegisterTaskDefinitionInput) error {
	names, onHost := map[string]bool{}, map[hostPort]bool{}
	var taken []portRange
	for _, c := range in.ContainerDefinitions {
		// On a bridge each container has ports of its own, and may give one
		// several host ports; elsewhere all share the task's interface.
		shared := ownInterface(in.NetworkMode)
		if !shared {
			taken = nil
		}
		for _, p := range c.PortMappings {
			ports, err := validateMapping(in.NetworkMode, c, p)
			if err != nil {
				return err
			}
			if shared || p.ContainerPortRange != nil {
				for _, t := range taken {
					if t.overlaps(ports) {
						return clientException("container port is used multiple times in task")
					}
				}
			}
			taken = append(taken, ports)
			if err := takeHostPort(onHost, p, ports.protocol); err != nil {
				return err
			}
			if name := aws.ToString(p.Name); name != "" {
				if names[name] {
					return clientException("port mapping name is already used")
				}
				names[name] = true
			}
		}
	}
	return nil
}

// hostPort is a port of the container instance, which one task can take once.
type hostPort struct {
	port     int32
	protocol types.TransportProtocol
}

// takeHostPort: the words are ECS's (aws/amazon-ecs-agent issue 1220). 0 is a
// port that is chosen when the task is placed.
func takeHostPort(onHost map[hostPort]bool, p types.PortMapping, protocol types.TransportProtocol) error {
	at := hostPort{aws.ToInt32(p.HostPort), protocol}
	if at.port == 0 {
		return nil
	}
	if onHost[at] {
		return clientException("%s host port '%d' is mapped multiple times in task.", strings.ToUpper(string(protocol)), at.port)
	}
	onHost[at] = true
	return nil
}

// ownInterface says that a port of a container is that port of its host or
// network interface, so that the two numbers must be the same.
func ownInterface(mode types.NetworkMode) bool {
	return mode == types.NetworkModeAwsvpc || mode == types.NetworkModeHost
}

// validateMapping looks at one mapping alone. ECS's words are known for a bad
// containerPort (aws/aws-cli issue 7288) and, in part, for a range; the others
// take their form.
func validateMapping(mode types.NetworkMode, c types.ContainerDefinition, p types.PortMapping) (portRange, error) {
	ports := portRange{protocol: p.Protocol}
	if ports.protocol == "" {
		ports.protocol = types.TransportProtocolTcp
	}
	if name := aws.ToString(p.Name); name != "" && !portNamePattern.MatchString(name) {
		return ports, clientException("Port mapping name contains invalid characters.")
	}
	if p.ContainerPortRange != nil {
		if p.ContainerPort != nil || p.HostPort != nil {
			return ports, clientException("cannot specify both single port and port range")
		}
		var ok bool
		if ports.first, ports.last, ok = parsePortRange(*p.ContainerPortRange); !ok {
			return ports, clientException("Invalid 'containerPortRange' setting for container '%s'.", *c.Name)
		}
		return ports, nil
	}
	if err := validatePort(mode, *c.Name, p); err != nil {
		return ports, err
	}
	ports.first, ports.last = *p.ContainerPort, *p.ContainerPort
	return ports, nil
}

// validatePort looks at the numbers of a mapping of one port.
func validatePort(mode types.NetworkMode, container string, p types.PortMapping) error {
	if p.ContainerPort == nil || *p.ContainerPort < 1 || *p.ContainerPort > maxPort {
		return clientException("Invalid 'containerPort' setting for container '%s'.", container)
	}
	if p.HostPort != nil && (*p.HostPort < 0 || *p.HostPort > maxPort) {
		return clientException("Invalid 'hostPort' setting for container '%s'.", container)
	}
	if ownInterface(mode) && p.HostPort != nil && *p.HostPort != *p.ContainerPort {
		return clientException("When networkMode=%s, the host ports and container ports in port mappings must match.", mode)
	}
	return nil
}

// parsePortRange reads `first-last` (API reference, PortMapping.containerPortRange).
func parsePortRange(s string) (first, last int32, ok bool) {
	from, to, found := strings.Cut(s, "-")
	a, errA := strconv.ParseInt(from, 10, 32)
	b, errB := strconv.ParseInt(to, 10, 32)
	ok = found && errA == nil && errB == nil && a >= 1 && a <= b && b <= maxPort
	return int32(a), int32(b), ok
}

func fillPortMapping(p *types.PortMapping, mode types.NetworkMode) {
	if p.Protocol == "" {
		p.Protocol = types.TransportProtocolTcp
	}
	if p.ContainerPortRange != nil || p.HostPort != nil {
		return
	}
	p.HostPort = aws.Int32(0)
	if ownInterface(mode) && p.ContainerPort != nil {
		p.HostPort = aws.Int32(*p.ContainerPort)
	}
}
