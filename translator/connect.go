package translator

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
)

const (
	noProxyRule      = "Gantry runs no proxy: connections go through Services, and nothing is between the two ends that could "
	connectLogsRule  = "of the proxy's own log; Gantry runs no proxy, so there is nothing to log"
	connectNamesRule = "a name of the endpoint in /etc/hosts of the tasks of the namespace's services, fixed when a deployment begins, as on ECS: a service that is created later is reached after the next deployment"
)

var connectFields = []Field{
	{
		Document: Service, Path: "/serviceConnectConfiguration/enabled", Class: Translated, To: "Pod /spec/hostAliases",
		Rule: "the tasks know the names of all endpoints of the namespace",
	},
	{
		Document: Service, Path: "/serviceConnectConfiguration/namespace", Class: Translated, To: "Pod /spec/hostAliases",
		Rule: "the cluster's default where there is none; endpoints and clients meet by it, across clusters. Gantry has no Cloud Map: a namespace exists by its being named",
	},
	{
		Document: Service, Path: "/serviceConnectConfiguration/services/*/portName", Class: Translated, To: "Service /spec/ports/*/targetPort",
		Rule: "the containerPort of the mapping of that name; a Service balances connections, not requests",
	},
	{
		Document: Service, Path: "/serviceConnectConfiguration/services/*/discoveryName", Class: Translated, To: "Pod /spec/hostAliases/*/hostnames",
		Rule: "the port's name by default; where there is no client alias, discoveryName.namespace is the endpoint's name and the containerPort its port",
	},
	{
		Document: Service, Path: "/serviceConnectConfiguration/services/*/clientAliases/*/port", Class: Translated, To: "Service /spec/ports/*/port",
		Rule: "as given",
	},
	{
		Document: Service, Path: "/serviceConnectConfiguration/services/*/clientAliases/*/dnsName", Class: Translated,
		To: "Pod /spec/hostAliases/*/hostnames", Rule: connectNamesRule,
		Except: "a name that two services of the namespace have, with different ports, is refused: it has one address",
	},
	{
		Document: Service, Path: "/serviceConnectConfiguration/services/*/clientAliases/*/testTrafficRules", Class: Refused,
		Rule: noProxyRule + "tell requests apart",
	},
	{
		Document: Service, Path: "/serviceConnectConfiguration/services/*/ingressPortOverride", Class: Represented,
		Rule: "the port of the proxy; no client names it",
	},
	{
		Document: Service, Path: "/serviceConnectConfiguration/services/*/timeout/idleTimeoutSeconds", Class: Refused,
		Rule: noProxyRule + "end them", Harmless: isZero, Except: "0: no limit",
	},
	{
		Document: Service, Path: "/serviceConnectConfiguration/services/*/timeout/perRequestTimeoutSeconds", Class: Refused,
		Rule: noProxyRule + "end requests", Harmless: isZero, Except: "0: no limit",
	},
	{Document: Service, Path: "/serviceConnectConfiguration/services/*/tls", Class: Refused, Rule: noProxyRule + "encrypt them"},
	{Document: Service, Path: "/serviceConnectConfiguration/logConfiguration/logDriver", Class: Represented, Rule: connectLogsRule},
	{Document: Service, Path: "/serviceConnectConfiguration/logConfiguration/options/*", Class: Represented, Rule: connectLogsRule},
	{Document: Service, Path: "/serviceConnectConfiguration/logConfiguration/secretOptions/*/name", Class: Represented, Rule: connectLogsRule},
	{Document: Service, Path: "/serviceConnectConfiguration/logConfiguration/secretOptions/*/valueFrom", Class: Represented, Rule: connectLogsRule},
	{
		Document: Service, Path: "/serviceConnectConfiguration/containerConfigurations", Class: Represented,
		Rule: "of the proxy's container; Gantry runs no proxy",
	},
	{Document: Service, Path: "/serviceConnectConfiguration/accessLogConfiguration/format", Class: Represented, Rule: connectLogsRule},
	{
		Document: Service, Path: "/serviceConnectConfiguration/accessLogConfiguration/includeQueryParameters", Class: Represented,
		Rule: connectLogsRule,
	},
}

// Connect is a service's Service Connect configuration, and its namespace:
// what was given, or the cluster's default, as an ARN and as a name.
type Connect struct {
	Configuration   *types.ServiceConnectConfiguration
	Namespace, Name string
}

func (c Connect) enabled() bool { return c.Configuration != nil && c.Configuration.Enabled }

// ConnectEndpoint is one of the endpoints that a service offers.
type ConnectEndpoint struct {
	DiscoveryName, DNSName string
	Port                   RoutePort
}

// Endpoints are what clients connect to, with ECS's defaults filled in (API
// reference, ServiceConnectService). A port name that no mapping has is left out.
func (c Connect) Endpoints(def *types.TaskDefinition) []ConnectEndpoint {
	if !c.enabled() {
		return nil
	}
	var endpoints []ConnectEndpoint
	for _, service := range c.Configuration.Services {
		mapping, ok := NamedPort(def, value(service.PortName))
		if !ok {
			continue
		}
		e := ConnectEndpoint{
			DiscoveryName: DiscoveryName(service),
			Port: RoutePort{
				Port: value(mapping.ContainerPort), TargetPort: value(mapping.ContainerPort), Protocol: protocol(mapping.Protocol),
				AppProtocol: appProtocol(mapping.AppProtocol),
			},
		}
		e.DNSName = e.DiscoveryName + "." + c.Name
		for _, alias := range service.ClientAliases {
			e.Port.Port = valueOr(alias.Port, e.Port.Port)
			if name := value(alias.DnsName); name != "" {
				e.DNSName = name
			}
		}
		endpoints = append(endpoints, e)
	}
	return endpoints
}

// DiscoveryName is the port's name by default.
func DiscoveryName(service types.ServiceConnectService) string {
	if name := value(service.DiscoveryName); name != "" {
		return name
	}
	return value(service.PortName)
}

// NamedPort finds the port mapping of that name.
func NamedPort(def *types.TaskDefinition, name string) (types.PortMapping, bool) {
	for _, c := range def.ContainerDefinitions {
		for _, m := range c.PortMappings {
			if name != "" && value(m.Name) == name && m.ContainerPort != nil {
				return m, true
			}
		}
	}
	return types.PortMapping{}, false
}

// appProtocol is Kubernetes' word for it (Service, appProtocol); gRPC is HTTP/2
// without TLS.
func appProtocol(p types.ApplicationProtocol) *string {
	switch p {
	case types.ApplicationProtocolHttp:
		return aws.String("http")
	case types.ApplicationProtocolHttp2, types.ApplicationProtocolGrpc:
		return aws.String("kubernetes.io/h2c")
	}
	return nil
}

// connectRoutes make one Service of all endpoints with the same name: the name
// has one address.
func connectRoutes(c Connect, def *types.TaskDefinition, name Namer) []Route {
	var routes []Route
	for _, e := range c.Endpoints(def) {
		i := slices.IndexFunc(routes, func(r Route) bool { return r.DNSName == e.DNSName })
		if i < 0 {
			id, _ := arn.ParseNamespace(c.Namespace)
			i, routes = len(routes), append(routes, Route{
				Name: name(id, e.DNSName, c.Name), Namespace: c.Namespace, DNSName: e.DNSName,
			})
		}
		routes[i].Ports = append(routes[i].Ports, e.Port)
	}
	return routes
}

// ConnectNamespace is the ARN of the Service Connect namespace of a revision's
// tasks; empty where they are in none.
func ConnectNamespace(revision *v1alpha1.ServiceRevision) (string, error) {
	template, err := revisionTemplate(revision)
	return template.Annotations[v1alpha1.ConnectNamespaceAnnotation], err
}

// ConnectAliases are the names of endpoints and where they lead.
func ConnectAliases(services []*corev1.Service) []corev1.HostAlias {
	var aliases []corev1.HostAlias
	for _, service := range services {
		name := service.Annotations[v1alpha1.ConnectNameAnnotation]
		if name != "" && service.Spec.ClusterIP != "" && service.DeletionTimestamp == nil {
			aliases = append(aliases, corev1.HostAlias{IP: service.Spec.ClusterIP, Hostnames: []string{name}})
		}
	}
	slices.SortFunc(aliases, func(a, b corev1.HostAlias) int { return slices.Compare(a.Hostnames, b.Hostnames) })
	return aliases
}

// connectResources are the endpoints as Cloud Map services.
func connectResources(id v1alpha1.Identity, c *types.ServiceConnectConfiguration) []types.ServiceConnectServiceResource {
	if c == nil {
		return nil
	}
	var resources []types.ServiceConnectServiceResource
	for _, service := range c.Services {
		name := DiscoveryName(service)
		resources = append(resources, types.ServiceConnectServiceResource{
			DiscoveryName: aws.String(name),
			DiscoveryArn:  aws.String(arn.DiscoveryService(id, arn.NamespaceOf(id, value(c.Namespace)), name)),
		})
	}
	return resources
}
