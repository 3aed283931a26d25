package taskdef_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func mappings(mode types.NetworkMode, first, second []types.PortMapping) mutation {
	return func(in *ecs.RegisterTaskDefinitionInput) {
		in.NetworkMode = mode
		in.ContainerDefinitions[0].PortMappings = first
		in.ContainerDefinitions[1].PortMappings = second
	}
}

func port(container int32) types.PortMapping {
	return types.PortMapping{ContainerPort: aws.Int32(container)}
}

func mapped(container, host int32) types.PortMapping {
	return types.PortMapping{ContainerPort: aws.Int32(container), HostPort: aws.Int32(host)}
}

func ports(s string) types.PortMapping { return types.PortMapping{ContainerPortRange: aws.String(s)} }

func named(name string, p types.PortMapping) types.PortMapping {
	p.Name = aws.String(name)
	return p
}

func TestPorts(t *testing.T) {
	const (
		twice    = "ClientException: container port is used multiple times in task"
		badRange = "ClientException: Invalid 'containerPortRange' setting for container 'web'."
		badPort  = "ClientException: Invalid 'containerPort' setting for container 'web'."
		badName  = "ClientException: Port mapping name contains invalid characters."
	)
	one := func(mode types.NetworkMode, p ...types.PortMapping) mutation { return mappings(mode, p, nil) }
	checkRefusals(t, []refusal{
		{"bridge maps", one("", mapped(80, 8080)), ""},
		{"bridge, one port to two", one("bridge", mapped(80, 8080), mapped(80, 8081)), ""},
		{"bridge, each container its own", mappings("bridge", []types.PortMapping{port(80)}, []types.PortMapping{port(80)}), ""},
		{"awsvpc same", one("awsvpc", mapped(80, 80)), ""},
		{"awsvpc other", one("awsvpc", mapped(80, 8080)), "ClientException: When networkMode=awsvpc, the host ports and container ports in port mappings must match."},
		{"host other", one("host", mapped(80, 0)), "ClientException: When networkMode=host, the host ports and container ports in port mappings must match."},
		{"awsvpc twice", mappings("awsvpc", []types.PortMapping{port(80)}, []types.PortMapping{port(80)}), twice},
		{"awsvpc tcp and udp", one("awsvpc", port(53), types.PortMapping{ContainerPort: aws.Int32(53), Protocol: "udp"}), ""},
		{"ranges overlap", one("bridge", ports("80-90"), ports("90-99")), twice},
		{"range over port", one("awsvpc", ports("80-90"), port(85)), twice},
		{"range and port", one("bridge", types.PortMapping{ContainerPortRange: aws.String("80-90"), HostPort: aws.Int32(80)}), "ClientException: cannot specify both single port and port range"},
		{"range reversed", one("bridge", ports("90-80")), badRange},
		{"range of one number", one("bridge", ports("80")), badRange},
		{"range beyond", one("bridge", ports("1-65536")), badRange},
		{"no port", one("bridge", types.PortMapping{}), badPort},
		{"port beyond", one("bridge", port(65536)), badPort},
		{"host port beyond", one("bridge", mapped(80, -1)), "ClientException: Invalid 'hostPort' setting for container 'web'."},
		{"host port twice", mappings("bridge", []types.PortMapping{mapped(80, 8080)}, []types.PortMapping{mapped(81, 8080)}), "ClientException: TCP host port '8080' is mapped multiple times in task."},
		{"host port tcp and udp", one("", mapped(53, 53), types.PortMapping{ContainerPort: aws.Int32(53), HostPort: aws.Int32(53), Protocol: "udp"}), ""},
		{"chosen host ports", mappings("bridge", []types.PortMapping{mapped(80, 0)}, []types.PortMapping{mapped(80, 0)}), ""},
		{"none", one("none", port(80)), "ClientException: Port mappings are not supported when networkMode=none."},
		{"names", mappings("bridge", []types.PortMapping{named("http", port(80))}, []types.PortMapping{named("http", port(81))}), "ClientException: port mapping name is already used"},
		{"bad name", one("bridge", named("-http", port(80))), badName},
		{"capital in name", one("bridge", named("Http", port(80))), badName},
	})
}

func TestNetworkMode(t *testing.T) {
	awsvpc := func(change func(c *types.ContainerDefinition)) mutation {
		return func(in *ecs.RegisterTaskDefinitionInput) {
			in.NetworkMode = types.NetworkModeAwsvpc
			change(&in.ContainerDefinitions[0])
		}
	}
	checkRefusals(t, []refusal{
		{"links", awsvpc(func(c *types.ContainerDefinition) { c.Links = []string{"helper"} }), "ClientException: Links are not supported when networkMode=awsvpc."},
		{"hostname", awsvpc(func(c *types.ContainerDefinition) { c.Hostname = aws.String("h") }), "ClientException: hostname is not supported on container when networkMode=awsvpc."},
		{"extra hosts", awsvpc(func(c *types.ContainerDefinition) {
			c.ExtraHosts = []types.HostEntry{{Hostname: aws.String("h"), IpAddress: aws.String("10.0.0.1")}}
		}), "ClientException: Extra hosts are not supported on container when networkMode=awsvpc."},
		{"DNS servers", awsvpc(func(c *types.ContainerDefinition) { c.DnsServers = []string{"10.0.0.1"} }), "ClientException: DNS servers are not supported on container when networkMode=awsvpc."},
		{"no network", awsvpc(func(c *types.ContainerDefinition) { c.DisableNetworking = aws.Bool(true) }), "ClientException: Disable Networking is not supported on container when networkMode=awsvpc."},
		{"links on a bridge", web(func(c *types.ContainerDefinition) { c.Links = []string{"helper:alias"} }), ""},
		{"a link to itself", web(func(c *types.ContainerDefinition) { c.Links = []string{"web:alias"} }), "ClientException: Container links should not have a cycle"},
		{"links in a circle", func(in *ecs.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[0].Links = []string{"helper"}
			in.ContainerDefinitions[1].Links = []string{"web:alias"}
		}, "ClientException: Container links should not have a cycle"},
	})
}
