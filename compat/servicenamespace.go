package compat

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func serviceNamespaceCases() []Case {
	return []Case{
		{
			Name: "service/list-by-namespace", Operations: []string{"ListServicesByNamespace"},
			Description: "the services of all clusters that take part in a namespace are on exactly one page, those without Service Connect and deleted ones on none",
			Source:      "API reference, ListServicesByNamespace; AWS CLI examples, list-services-by-namespace",
			Run:         serviceListByNamespace,
		},
		{
			Name: "service/list-by-namespace-errors", Operations: []string{"ListServicesByNamespace"},
			Description: "what is no namespace is refused",
			Source:      "API reference, ListServicesByNamespace",
			Run: func(t *T) {
				arn := "arn:aws:servicediscovery:us-east-1:000000000000:service/srv-0123456789abcdef"
				_, err := t.ECS.ListServicesByNamespace(t.ctx, &ecs.ListServicesByNamespaceInput{Namespace: &arn})
				t.Error(err, "ListServicesByNamespace of a Cloud Map service", "NamespaceNotFoundException", anyText)
				t.ErrorHas(callEmpty(t.ctx, reflect.ValueOf(t.ECS).MethodByName("ListServicesByNamespace")), "ListServicesByNamespace without one", "InvalidParameterException", "Namespace")
			},
		},
	}
}

// connectedCluster makes a cluster with the namespace as its default, which ECS
// makes where it is not there.
func (t *T) connectedCluster(what, namespace string) (name, namespaceARN string) {
	name = t.Name(what)
	out, err := t.ECS.CreateCluster(t.ctx, &ecs.CreateClusterInput{
		ClusterName: &name, ServiceConnectDefaults: &types.ClusterServiceConnectDefaultsRequest{Namespace: &namespace},
	})
	t.OK(err, "CreateCluster")
	t.Cleanup(func(ctx context.Context) { t.deleteCluster(ctx, name) })
	if out.Cluster.ServiceConnectDefaults == nil {
		t.Fatal("the answer has no serviceConnectDefaults")
	}
	return name, aws.ToString(out.Cluster.ServiceConnectDefaults.Namespace)
}

func (t *T) connectedService(cluster, name, definition string) {
	_, err := t.ECS.CreateService(t.ctx, &ecs.CreateServiceInput{
		Cluster: &cluster, ServiceName: &name, TaskDefinition: &definition, DesiredCount: aws.Int32(0),
		ServiceConnectConfiguration: &types.ServiceConnectConfiguration{Enabled: true},
	})
	t.OK(err, "CreateService")
	t.deleteAfter(cluster, name)
}

func serviceListByNamespace(t *T) {
	namespace, family := t.Name("n"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	one, arn := t.connectedCluster("c1", namespace)
	two, _ := t.connectedCluster("c2", namespace)
	t.connectedService(one, "a", family)
	t.connectedService(one, "b", family)
	t.connectedService(two, "a", family)
	t.Service(two, "apart", family, 0)

	list := func(given string) map[string]int {
		found := map[string]int{}
		pages := ecs.NewListServicesByNamespacePaginator(t.ECS, &ecs.ListServicesByNamespaceInput{Namespace: &given, MaxResults: aws.Int32(2)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.ctx)
			t.OK(err, "ListServicesByNamespace")
			t.True(len(page.ServiceArns) <= 2, "a page has at most 2 services")
			for _, service := range page.ServiceArns {
				found[service]++
			}
		}
		return found
	}
	found := list(namespace)
	t.Equal("number of services", len(found), 3)
	for service, times := range found {
		t.Equal("times that "+service+" is listed", times, 1)
	}
	byARN := list(arn)
	t.Equal("number of services by the namespace's ARN", len(byARN), 3)

	_, err := t.ECS.DeleteService(t.ctx, &ecs.DeleteServiceInput{Cluster: &one, Service: aws.String("b")})
	t.OK(err, "DeleteService")
	t.Equal("number of services after one was deleted", len(list(namespace)), 2)
}
