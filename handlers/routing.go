package handlers

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// checkRouting refuses what ECS refuses of the members that lead traffic to a
// service's tasks.
func checkRouting(balancers []types.LoadBalancer, registries []types.ServiceRegistry, connect *types.ServiceConnectConfiguration) error {
	if err := checkLoadBalancers(balancers); err != nil {
		return err
	}
	if err := checkRegistries(registries); err != nil {
		return err
	}
	return checkConnect(connect)
}

func routingOf(settings *types.Service, connect translator.Connect) translator.Routing {
	return translator.Routing{LoadBalancers: settings.LoadBalancers, ServiceRegistries: settings.ServiceRegistries, Connect: connect}
}

// sameRouting says whether a revision has this routing.
func sameRouting(revision types.ServiceRevision, routing translator.Routing) bool {
	return sameList(revision.LoadBalancers, routing.LoadBalancers) && sameList(revision.ServiceRegistries, routing.ServiceRegistries) &&
		reflect.DeepEqual(revision.ServiceConnectConfiguration, routing.Connect.Configuration)
}

// sameList compares lists of which an absent one is empty.
func sameList[T any](a, b []T) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

// nilIfEmpty leaves an empty list out, so that a revision without any has the content
// that it had before.
func nilIfEmpty[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// setRouting puts the routing into a revision's inputs; what is empty is left
// out, so that a revision without any has the content that it had before.
func setRouting(inputs *types.ServiceRevision, routing translator.Routing) {
	inputs.LoadBalancers, inputs.ServiceRegistries = nilIfEmpty(routing.LoadBalancers), nilIfEmpty(routing.ServiceRegistries)
	inputs.ServiceConnectConfiguration = routing.Connect.Configuration
}

// connectSpec is what other services of the namespace have to know: which
// Services there will be.
func connectSpec(connect translator.Connect, routes []translator.Route) *v1alpha1.ConnectSpec {
	if connect.Configuration == nil {
		return nil
	}
	spec := &v1alpha1.ConnectSpec{Namespace: connect.Namespace}
	for _, route := range routes {
		if route.DNSName != "" {
			spec.Services = append(spec.Services, route.Name)
		}
	}
	return spec
}

// connectFields replace the part in a patch: what is absent is null.
func connectFields(spec *v1alpha1.ConnectSpec) any {
	if spec == nil {
		return nil
	}
	return map[string]any{"namespace": spec.Namespace, "services": spec.Services}
}
