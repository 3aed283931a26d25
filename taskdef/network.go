package taskdef

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// validateNetworkMode refuses what a container cannot have in the task's
// network mode.
func validateNetworkMode(in *ecs.RegisterTaskDefinitionInput) error {
	mode := in.NetworkMode
	bridge := mode == "" || mode == types.NetworkModeBridge
	awsvpc := mode == types.NetworkModeAwsvpc
	for _, c := range in.ContainerDefinitions {
		switch {
		// The words are known for awsvpc; links exist on a bridge only (API
		// reference, ContainerDefinition.links).
		case len(c.Links) > 0 && !bridge:
			return clientException("Links are not supported when networkMode=%s.", mode)
		case aws.ToString(c.Hostname) != "" && awsvpc:
			return clientException("hostname is not supported on container when networkMode=awsvpc.")
		case len(c.ExtraHosts) > 0 && awsvpc:
			return clientException("Extra hosts are not supported on container when networkMode=awsvpc.")
		case len(c.DnsServers) > 0 && awsvpc:
			return clientException("DNS servers are not supported on container when networkMode=awsvpc.")
		case aws.ToBool(c.DisableNetworking) && awsvpc:
			return clientException("Disable Networking is not supported on container when networkMode=awsvpc.")
		// API reference, RegisterTaskDefinition.networkMode; the words are not known.
		case len(c.PortMappings) > 0 && mode == types.NetworkModeNone:
			return clientException("Port mappings are not supported when networkMode=none.")
		}
	}
	return validateLinks(in)
}

// validateLinks refuses containers that are linked in a circle, in ECS's words
// (github.com/Shippable/support/issues/4194). A link is a name, or name:alias.
func validateLinks(in *ecs.RegisterTaskDefinitionInput) error {
	_, circular := inCircle(in, func(c types.ContainerDefinition) []string {
		names := make([]string, len(c.Links))
		for i, link := range c.Links {
			names[i], _, _ = strings.Cut(link, ":")
		}
		return names
	})
	if circular {
		return clientException("Container links should not have a cycle")
	}
	return nil
}
