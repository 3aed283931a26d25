package handlers

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// maxTargetGroups is ECS's quota for a service (Developer Guide, service quotas).
const maxTargetGroups = 5

// checkLoadBalancers refuses what ECS refuses before it looks at the task
// definition.
func checkLoadBalancers(list []types.LoadBalancer) error {
	if len(list) > maxTargetGroups {
		return atMost("loadBalancers", maxTargetGroups)
	}
	seen := map[string]bool{}
	once := func(group *string) error {
		if group == nil {
			return nil
		}
		if _, _, ok := arn.ParseTargetGroup(*group); !ok {
			return invalidParameter("Invalid target group ARN: %s", *group) // the text is chosen
		}
		if seen[*group] {
			return invalidParameter("Duplicate targetGroupArn found: %s", *group)
		}
		seen[*group] = true
		return nil
	}
	for _, lb := range list {
		if err := checkLoadBalancer(lb); err != nil {
			return err
		}
		if err := once(lb.TargetGroupArn); err != nil {
			return err
		}
		if lb.AdvancedConfiguration != nil {
			if err := once(lb.AdvancedConfiguration.AlternateTargetGroupArn); err != nil {
				return err
			}
		}
	}
	return checkKinds(list)
}

func checkLoadBalancer(lb types.LoadBalancer) error {
	switch {
	case lb.LoadBalancerName != nil && lb.TargetGroupArn != nil:
		return invalidParameter("loadBalancerName and targetGroupArn cannot both be specified. You must specify either a loadBalancerName or a targetGroupArn.") // the tail is chosen
	case lb.LoadBalancerName == nil && lb.TargetGroupArn == nil:
		return invalidParameter("loadBalancerName and targetGroupArn cannot both be empty.") // the text is chosen
	case lb.LoadBalancerName != nil && lb.AdvancedConfiguration != nil:
		return invalidParameter("advancedConfiguration field is not allowed with ELBv1 loadBalancers")
	case aws.ToString(lb.ContainerName) == "":
		return invalidParameter("containerName is required in loadBalancers") // the text is chosen
	case aws.ToInt32(lb.ContainerPort) == 0:
		return invalidParameter("containerPort is required in loadBalancers") // the text is chosen
	}
	return nil
}

// checkKinds: all of one kind, and all or none with an alternate group.
func checkKinds(list []types.LoadBalancer) error {
	classic, advanced := 0, 0
	for _, lb := range list {
		if lb.LoadBalancerName != nil {
			classic++
		}
		if lb.AdvancedConfiguration != nil {
			advanced++
		}
	}
	switch {
	case classic > 0 && classic < len(list):
		return invalidParameter("All loadBalancers must be strictly either ELBv1 (defining loadBalancerName) or ELBv2 (defining targetGroupArn)")
	case advanced > 0 && advanced < len(list):
		return invalidParameter("Either all or none of the provided loadBalancers must have advancedConfiguration defined")
	}
	return nil
}

// checkAdvanced: what stands beside the old tasks is reached through the alternate
// target group (Developer Guide, troubleshooting blue/green deployments). That a list
// of which only some have one is refused before, by checkKinds, is chosen.
func checkAdvanced(config *types.DeploymentConfiguration, list []types.LoadBalancer) error {
	if config == nil || config.Strategy == "" || config.Strategy == types.DeploymentStrategyRolling {
		return nil
	}
	if slices.ContainsFunc(list, func(lb types.LoadBalancer) bool { return lb.AdvancedConfiguration == nil }) {
		return invalidParameter("advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy")
	}
	return nil
}

// checkRole: a role is for load balancers of tasks without a network interface
// of their own.
func checkRole(role *string, settings *types.Service, def *types.TaskDefinition) error {
	switch {
	case aws.ToString(role) == "":
		return nil
	case len(settings.LoadBalancers) == 0:
		return invalidParameter("IAM roles are only valid for services configured to use load balancers.")
	case def.NetworkMode == types.NetworkModeAwsvpc:
		return invalidParameter("You cannot specify an IAM role for services that require a service linked role.")
	}
	return nil
}

// checkBalanced looks for container and port in the task definition.
func checkBalanced(list []types.LoadBalancer, def *types.TaskDefinition) error {
	for _, lb := range list {
		name, port := aws.ToString(lb.ContainerName), aws.ToInt32(lb.ContainerPort)
		if err := checkPort(def, name, port); err != nil {
			return err
		}
	}
	return nil
}

func checkPort(def *types.TaskDefinition, container string, port int32) error {
	known := false
	for _, c := range def.ContainerDefinitions {
		known = known || aws.ToString(c.Name) == container
	}
	if !known {
		return invalidParameter("The container %s does not exist in the task definition.", container)
	}
	if _, mapped := translator.PortMappingOf(def, container, port); !mapped {
		return invalidParameter("The container %s did not have a container port %d defined.", container, port)
	}
	return nil
}

// resolveRoutes makes the routes to a revision's tasks. On ECS several services
// may share a target group or a registry; a Kubernetes Service selects the tasks
// of one.
func (h *Handlers) resolveRoutes(ctx context.Context, cluster *v1alpha1.Cluster, service string, routing translator.Routing, def *types.TaskDefinition) ([]translator.Route, error) {
	if err := checkBalanced(routing.LoadBalancers, def); err != nil {
		return nil, err
	}
	if err := checkRegistered(routing.ServiceRegistries, def); err != nil {
		return nil, err
	}
	if err := checkConnected(routing.Connect, def); err != nil {
		return nil, err
	}
	routes := translator.Routes(routing, def, kube.RouteName)
	for _, route := range routes {
		owner, err := h.routeOwner(ctx, cluster, service, route)
		if err != nil {
			return nil, err
		}
		if owner != "" {
			return nil, unsupported(routeMember(route), "its Kubernetes Service "+route.Name+" is that of service "+owner+", and leads to the tasks of one")
		}
	}
	return routes, h.checkNames(cluster, service, routes)
}

// routeMember is the member of the call that a route was made of.
func routeMember(route translator.Route) string {
	switch {
	case route.TargetGroup != "":
		return "/loadBalancers"
	case route.Registry != "":
		return "/serviceRegistries"
	}
	return "/serviceConnectConfiguration/services"
}

// routeOwner is the other service that a route's Service belongs to, if any.
func (h *Handlers) routeOwner(ctx context.Context, cluster *v1alpha1.Cluster, service string, route translator.Route) (string, error) {
	object, found, err := h.store.Routes.Find(ctx, cluster.Spec.Namespace, route.Name)
	if err != nil || !found {
		return "", err
	}
	return otherOwner(object, kube.ServiceName(cluster, service)), nil
}

// otherOwner goes by the label only where there is no owner: anybody may take a
// label off, and the controller, which puts it back, goes by the owner too.
func otherOwner(object *corev1.Service, service string) string {
	owner := metav1.GetControllerOf(object)
	switch {
	case owner != nil && owner.Kind == "ECSService" && owner.Name == service:
		return ""
	case owner != nil:
		return owner.Name
	case object.Labels[v1alpha1.ServiceLabel] == service:
		return ""
	}
	return object.Name
}
