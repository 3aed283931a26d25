package handlers

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// What ECS takes (API reference, ServiceConnectService, ServiceConnectClientAlias).
var (
	discoveryName = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)
	aliasName     = regexp.MustCompile(`^[a-z0-9_.][a-z0-9_.-]{0,126}$`)
)

// checkConnect refuses what ECS refuses before it looks at the task definition.
func checkConnect(config *types.ServiceConnectConfiguration) error {
	if config == nil || !config.Enabled {
		return nil
	}
	names := map[string]bool{}
	for _, service := range config.Services {
		name := translator.DiscoveryName(service)
		switch {
		case aws.ToString(service.PortName) == "":
			return invalidParameter("portName cannot be empty.") // the text is chosen
		case !discoveryName.MatchString(name):
			return invalidParameter("The discovery name that you provided is invalid: %s", name) // the text is chosen
		case names[name]:
			return invalidParameter("The discovery name %s is used more than once.", name) // the text is chosen
		case len(service.ClientAliases) > 1:
			return invalidParameter("%d clientAliases exceeds the max limit of 1", len(service.ClientAliases))
		}
		names[name] = true
		for _, alias := range service.ClientAliases {
			if err := checkAlias(alias); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkAlias(alias types.ServiceConnectClientAlias) error {
	port, name := aws.ToInt32(alias.Port), aws.ToString(alias.DnsName)
	switch {
	case port < 1 || port > 65535:
		return invalidParameter("The port of a client alias must be between 1 and 65535") // the text is chosen
	case name != "" && !aliasName.MatchString(name):
		return invalidParameter("The DNS name that you provided is invalid: %s", name) // the tail is chosen
	}
	return nil
}

// resolveConnect finds the namespace: the one given, else the cluster's default.
// A configuration that is not enabled is none.
func (h *Handlers) resolveConnect(cluster *v1alpha1.Cluster, config *types.ServiceConnectConfiguration) (translator.Connect, error) {
	if config == nil || !config.Enabled {
		return translator.Connect{}, nil
	}
	resolved := *config
	if aws.ToString(resolved.Namespace) == "" {
		held := types.Cluster{}
		if err := awsjson.Unmarshal(cluster.Spec.Definition.Raw, &held); err != nil {
			return translator.Connect{}, fmt.Errorf("decode cluster %s: %w", cluster.Spec.Name, err)
		}
		if held.ServiceConnectDefaults == nil {
			return translator.Connect{}, invalidParameter("Namespace is missing")
		}
		resolved.Namespace = held.ServiceConnectDefaults.Namespace
	}
	namespace := arn.NamespaceOf(cluster.Spec.Identity, *resolved.Namespace)
	if _, ok := arn.ParseNamespace(namespace); !ok {
		return translator.Connect{}, namespaceNotFound(*resolved.Namespace)
	}
	return translator.Connect{Configuration: &resolved, Namespace: namespace, Name: h.namespaceName(cluster.Spec.Identity, *resolved.Namespace)}, nil
}

// namespaceName is the name of a namespace. One that is given by its ARN has the
// name under which a cluster made it its default; else its id has to serve.
func (h *Handlers) namespaceName(id v1alpha1.Identity, given string) string {
	if _, ok := arn.ParseNamespace(given); !ok {
		return given
	}
	for _, cluster := range h.store.Clusters.By(kube.ByIdentity, kube.IdentityKey(id)) {
		if name := cluster.Spec.ConnectNamespace; name != "" && arn.NamespaceOf(id, name) == given {
			return name
		}
	}
	return given[strings.LastIndexByte(given, '/')+1:]
}

// connectDefaults is what a cluster answers for the default namespace that it
// was given by name or ARN, and the name if it was one. ECS makes a namespace
// that does not exist (API reference, ClusterServiceConnectDefaultsRequest).
func connectDefaults(id v1alpha1.Identity, given *types.ClusterServiceConnectDefaultsRequest) (defaults *types.ClusterServiceConnectDefaults, name string, err error) {
	namespace := ""
	if given != nil {
		namespace = aws.ToString(given.Namespace)
	}
	if namespace == "" {
		return nil, "", nil
	}
	resolved := arn.NamespaceOf(id, namespace)
	if _, ok := arn.ParseNamespace(resolved); !ok {
		return nil, "", namespaceNotFound(namespace)
	}
	if resolved != namespace {
		name = namespace
	}
	return &types.ClusterServiceConnectDefaults{Namespace: &resolved}, name, nil
}

// checkConnected looks for the ports in the task definition.
func checkConnected(connect translator.Connect, def *types.TaskDefinition) error {
	if connect.Configuration == nil {
		return nil
	}
	if def.NetworkMode == types.NetworkModeHost || def.NetworkMode == types.NetworkModeNone {
		return invalidParameter("Service Connect does not support the network mode %s.", def.NetworkMode) // the text is chosen
	}
	for _, service := range connect.Configuration.Services {
		if _, ok := translator.NamedPort(def, aws.ToString(service.PortName)); !ok {
			return invalidParameter("portName(%s) does not refer to any named PortMapping in the container definitions.", aws.ToString(service.PortName))
		}
	}
	return checkEndpoints(connect.Endpoints(def))
}

// checkEndpoints refuses the same name and port twice, which ECS does too, and
// names that no host alias of a pod may have.
func checkEndpoints(endpoints []translator.ConnectEndpoint) error {
	seen := map[string]bool{}
	for i, e := range endpoints {
		key := e.DNSName + ":" + strconv.Itoa(int(e.Port.Port))
		switch {
		case seen[key]:
			return invalidParameter("The client alias %s is used more than once.", key) // the text is chosen
		case strings.Contains(e.DNSName, "_"):
			return unsupported("/serviceConnectConfiguration/services/"+strconv.Itoa(i),
				"the name "+e.DNSName+" has an underscore, which no host name of a pod may have")
		}
		seen[key] = true
	}
	return nil
}

// checkNames refuses names that lead to another service's tasks already. ECS
// allows that for other ports; here a name has one address.
func (h *Handlers) checkNames(cluster *v1alpha1.Cluster, service string, routes []translator.Route) error {
	for _, route := range routes {
		if route.DNSName == "" {
			continue
		}
		for _, object := range h.store.Routes.By(kube.ByConnect, route.Namespace) {
			own := object.Namespace == cluster.Spec.Namespace && object.Labels[v1alpha1.ServiceLabel] == kube.ServiceName(cluster, service)
			if !own && object.Annotations[v1alpha1.ConnectNameAnnotation] == route.DNSName {
				return unsupported("/serviceConnectConfiguration/services",
					"the name "+route.DNSName+" leads to the tasks of service "+object.Labels[v1alpha1.ServiceLabel]+" in "+object.Namespace)
			}
		}
	}
	return nil
}
