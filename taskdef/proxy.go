package taskdef

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// validateProxy: of the texts about missing properties the first is known, and
// the others take its form.
func validateProxy(in *ecs.RegisterTaskDefinitionInput) error {
	p := in.ProxyConfiguration
	if p == nil {
		return nil
	}
	if in.NetworkMode != types.NetworkModeAwsvpc {
		return clientException("APPMESH proxy configuration is only supported in networkMode=awsvpc")
	}
	if !knownContainer(in, *p.ContainerName) {
		return clientException("Proxy container [%s] does not exist", *p.ContainerName)
	}
	set := map[string]bool{}
	for _, kv := range p.Properties {
		set[aws.ToString(kv.Name)] = aws.ToString(kv.Value) != ""
	}
	switch {
	case !set["ProxyIngressPort"]:
		return clientException("Ingress port not found")
	case !set["ProxyEgressPort"]:
		return clientException("Egress port not found")
	case !set["AppPorts"]:
		return clientException("App ports not found")
	case !set["IgnoredUID"] && !set["IgnoredGID"]:
		return clientException("Ignored UID or ignored GID not found")
	}
	return nil
}
