package translator

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/arn"
)

const registryRule = "a headless Service of the Cloud Map service's id, as srv-abcdefghijklmnop: its name in the cluster's DNS has the addresses of the ready tasks; the names in Cloud Map's own namespaces are not known to Gantry"

var registryFields = []Field{
	{Document: Service, Path: "/serviceRegistries/*/registryArn", Class: Translated, To: "Service /metadata/name", Rule: registryRule},
	{
		Document: Service, Path: "/serviceRegistries/*/port", Class: Translated, To: "Service /spec/ports/*/port",
		Rule: "the port in the SRV records",
	},
	{
		Document: Service, Path: "/serviceRegistries/*/containerName", Class: Represented,
		Rule: "says of which container the port is; a pod has one address",
	},
	{
		Document: Service, Path: "/serviceRegistries/*/containerPort", Class: Translated, To: "Service /spec/ports/*/port",
		Rule: "the port in the SRV records",
	},
}

func registryRoutes(list []types.ServiceRegistry, def *types.TaskDefinition, name Namer) []Route {
	var routes []Route
	for _, registry := range list {
		id, service, _ := arn.ParseRegistry(value(registry.RegistryArn))
		route := Route{Name: name(id, service), Registry: value(registry.RegistryArn)}
		switch {
		case registry.ContainerPort != nil:
			port := *registry.ContainerPort
			route.Ports = []RoutePort{{Port: port, TargetPort: port, Protocol: protocolOf(def, value(registry.ContainerName), port)}}
		case registry.Port != nil:
			route.Ports = []RoutePort{{Port: *registry.Port, TargetPort: *registry.Port, Protocol: corev1.ProtocolTCP}}
		}
		routes = append(routes, route)
	}
	return routes
}
