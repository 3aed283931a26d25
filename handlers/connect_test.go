package handlers

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

func alias(port int32, name string) types.ServiceConnectClientAlias {
	return types.ServiceConnectClientAlias{Port: &port, DnsName: &name}
}

func endpoint(port string, aliases ...types.ServiceConnectClientAlias) types.ServiceConnectService {
	return types.ServiceConnectService{PortName: &port, ClientAliases: aliases}
}

func enabledConnect(services ...types.ServiceConnectService) *types.ServiceConnectConfiguration {
	return &types.ServiceConnectConfiguration{Enabled: true, Namespace: aws.String("prod"), Services: services}
}

func TestCheckConnect(t *testing.T) {
	for _, c := range []struct {
		name   string
		config *types.ServiceConnectConfiguration
		want   string
	}{
		{"none", nil, ""},
		{"not enabled", &types.ServiceConnectConfiguration{Services: []types.ServiceConnectService{{}}}, ""},
		{"client", enabledConnect(), ""},
		{"alias", enabledConnect(endpoint("http", alias(80, "api.prod"))), ""},
		{"no port name", enabledConnect(types.ServiceConnectService{}), "portName cannot be empty."},
		{"two aliases", enabledConnect(endpoint("http", alias(80, "a"), alias(81, "b"))), "2 clientAliases exceeds the max limit of 1"},
		{"leading hyphen", enabledConnect(endpoint("http", alias(80, "-a"))), "The DNS name that you provided is invalid"},
		{"capitals", enabledConnect(endpoint("http", alias(80, "API"))), "The DNS name that you provided is invalid"},
		{"long", enabledConnect(endpoint("http", alias(80, strings.Repeat("a", 128)))), "The DNS name that you provided is invalid"},
		{"port 0", enabledConnect(endpoint("http", alias(0, "a"))), "between 1 and 65535"},
		{"twice", enabledConnect(endpoint("http"), endpoint("http")), "is used more than once"},
		{"bad discovery name", enabledConnect(types.ServiceConnectService{PortName: aws.String("http"), DiscoveryName: aws.String("a.b")}), "The discovery name"},
	} {
		t.Run(c.name, func(t *testing.T) { hasText(t, checkConnect(c.config), c.want) })
	}
}

func connectDefinition() *types.TaskDefinition {
	return &types.TaskDefinition{
		NetworkMode: types.NetworkModeAwsvpc,
		ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("web"), PortMappings: []types.PortMapping{
			{ContainerPort: aws.Int32(8080), Name: aws.String("http")}, {ContainerPort: aws.Int32(9090), Name: aws.String("grpc")},
		}}},
	}
}

func TestCheckConnected(t *testing.T) {
	host := connectDefinition()
	host.NetworkMode = types.NetworkModeHost
	for _, c := range []struct {
		name   string
		config *types.ServiceConnectConfiguration
		def    *types.TaskDefinition
		want   string
	}{
		{"none", nil, host, ""},
		{"named", enabledConnect(endpoint("http")), connectDefinition(), ""},
		{"one name, two ports", enabledConnect(endpoint("http", alias(80, "api")), endpoint("grpc", alias(81, "api"))), connectDefinition(), ""},
		{"unknown port", enabledConnect(endpoint("https")), connectDefinition(), "portName(https) does not refer to any named PortMapping in the container definitions"},
		{"one name, one port", enabledConnect(endpoint("http", alias(80, "api")), endpoint("grpc", alias(80, "api"))), connectDefinition(), "The client alias api:80 is used more than once."},
		{"underscore", enabledConnect(endpoint("http", alias(80, "my_api"))), connectDefinition(), "/serviceConnectConfiguration/services/0: the name my_api has an underscore"},
		{"host network", enabledConnect(endpoint("http")), host, "does not support the network mode host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			hasText(t, checkConnected(translator.Connect{Configuration: c.config, Name: "prod"}, c.def), c.want)
		})
	}
}

func TestConnectDefaults(t *testing.T) {
	id := v1alpha1.Identity{Account: "000000000000", Region: "us-east-1"}
	const given = "arn:aws:servicediscovery:us-east-1:000000000000:namespace/ns-abc"
	for _, c := range []struct{ given, namespace, name, want string }{
		{"", "", "", ""},
		{given, given, "", ""},
		{"prod", "arn:aws:servicediscovery:us-east-1:000000000000:namespace/ns-", "prod", ""},
		{"arn:aws:s3:::bucket", "", "", "was not found"},
	} {
		defaults, name, err := connectDefaults(id, &types.ClusterServiceConnectDefaultsRequest{Namespace: &c.given})
		hasText(t, err, c.want)
		got := ""
		if defaults != nil {
			got = *defaults.Namespace
		}
		if !strings.HasPrefix(got, c.namespace) || (got == "") != (c.namespace == "") || name != c.name {
			t.Errorf("%q becomes %q, name %q", c.given, got, name)
		}
	}
}

func TestCheckRegistries(t *testing.T) {
	registry := func(change ...func(*types.ServiceRegistry)) types.ServiceRegistry {
		r := types.ServiceRegistry{RegistryArn: aws.String("arn:aws:servicediscovery:us-east-1:000000000000:service/srv-1")}
		for _, c := range change {
			c(&r)
		}
		return r
	}
	port := func(r *types.ServiceRegistry) { r.Port = aws.Int32(80) }
	pair := func(r *types.ServiceRegistry) { r.ContainerName, r.ContainerPort = aws.String("web"), aws.Int32(8080) }
	name := func(r *types.ServiceRegistry) { r.ContainerName = aws.String("web") }
	other := func(r *types.ServiceRegistry) { r.ContainerName, r.ContainerPort = aws.String("web"), aws.Int32(1) }
	bridge := connectDefinition()
	bridge.NetworkMode = types.NetworkModeBridge
	for _, c := range []struct {
		name string
		list []types.ServiceRegistry
		def  *types.TaskDefinition
		want string
	}{
		{"none", nil, bridge, ""},
		{"address", []types.ServiceRegistry{registry()}, connectDefinition(), ""},
		{"port", []types.ServiceRegistry{registry(port)}, connectDefinition(), ""},
		{"container", []types.ServiceRegistry{registry(pair)}, bridge, ""},
		{"two", []types.ServiceRegistry{registry(), registry()}, bridge, "service registries can have at most 1 items"},
		{"no ARN", []types.ServiceRegistry{{}}, bridge, "Invalid service registry ARN"},
		{"both", []types.ServiceRegistry{registry(port, pair)}, bridge, "Specify either port, or containerName and containerPort"},
		{"half", []types.ServiceRegistry{registry(name)}, connectDefinition(), "Specify both containerName and containerPort"},
		{"bridge without port", []types.ServiceRegistry{registry()}, bridge, "values for 'containerName' and 'containerPort' must be specified"},
		{"unknown port", []types.ServiceRegistry{registry(other)}, bridge, "The container web did not have a container port 1 defined."},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := checkRegistries(c.list)
			if err == nil {
				err = checkRegistered(c.list, c.def)
			}
			hasText(t, err, c.want)
		})
	}
}
