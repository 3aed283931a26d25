package translator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	appsv1 "k8s.io/api/apps/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// RevisionFromDeployment makes the content of a service revision that somebody
// deleted out of what still carries it: the template of its Deployment, the
// task's own record in there, and the service, or the task set.
func RevisionFromDeployment(svc *v1alpha1.ECSService, entry v1alpha1.DeploymentEntry, object *appsv1.Deployment) (inputs, template []byte, err error) {
	carried := object.Spec.Template.DeepCopy()
	task := types.Task{}
	if err := awsjson.Unmarshal([]byte(carried.Annotations[v1alpha1.TaskAnnotation]), &task); err != nil {
		return nil, nil, fmt.Errorf("decode the task of deployment %s: %w", object.Name, err)
	}
	held, err := ServiceSettings(svc)
	if err != nil {
		return nil, nil, err
	}
	if entry.TaskSet != nil {
		set, err := TaskSetMembers(entry)
		if err != nil {
			return nil, nil, err
		}
		held.LaunchType, held.CapacityProviderStrategy, held.NetworkConfiguration = set.LaunchType, set.CapacityProviderStrategy, set.NetworkConfiguration
	}
	routing := types.ServiceRevision{}
	if text := carried.Annotations[v1alpha1.RoutingAnnotation]; text != "" {
		if err := awsjson.Unmarshal([]byte(text), &routing); err != nil {
			return nil, nil, fmt.Errorf("decode the routing of deployment %s: %w", object.Name, err)
		}
	}
	delete(carried.Labels, v1alpha1.DeploymentLabel)
	delete(carried.Annotations, v1alpha1.StartedByAnnotation)
	if names, err := strconv.Atoi(object.Annotations[v1alpha1.ConnectNamesAnnotation]); err == nil {
		aliases := carried.Spec.HostAliases
		carried.Spec.HostAliases = slices.Clip(aliases[:max(0, len(aliases)-max(0, names))])
	}
	if len(carried.Spec.HostAliases) == 0 {
		carried.Spec.HostAliases = nil
	}
	if inputs, err = awsjson.Marshal(&types.ServiceRevision{
		TaskDefinition: task.TaskDefinitionArn, LaunchType: held.LaunchType, CapacityProviderStrategy: held.CapacityProviderStrategy,
		PlatformVersion: task.PlatformVersion, PlatformFamily: task.PlatformFamily, NetworkConfiguration: held.NetworkConfiguration,
		LoadBalancers: routing.LoadBalancers, ServiceRegistries: routing.ServiceRegistries,
		ServiceConnectConfiguration: routing.ServiceConnectConfiguration,
	}); err != nil {
		return nil, nil, fmt.Errorf("encode the inputs of service %s: %w", svc.Spec.Name, err)
	}
	if template, err = json.Marshal(carried); err != nil {
		return nil, nil, fmt.Errorf("encode the template of service %s: %w", svc.Spec.Name, err)
	}
	return inputs, template, nil
}
