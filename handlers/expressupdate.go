package handlers

import (
	"bytes"
	"context"
	"errors"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

func decimalPort(port *int32) string { return strconv.Itoa(int(aws.ToInt32(port))) }

// UpdateExpressGatewayService changes the members that are given. A new
// configuration is a new task definition, and so a new deployment.
func (h *Handlers) UpdateExpressGatewayService(ctx context.Context, in *ecs.UpdateExpressGatewayServiceInput) (*ecs.UpdateExpressGatewayServiceOutput, error) {
	if err := checkUpdateExpress(in); err != nil {
		return nil, err
	}
	var svc *v1alpha1.ECSService
	err := retry.OnError(conflictRetry, expressMoved, func() (err error) {
		svc, err = h.changeExpress(ctx, in)
		return err
	})
	if err != nil {
		return nil, err
	}
	answer, err := h.expressAnswer(ctx, svc, false)
	if err != nil {
		return nil, err
	}
	return &ecs.UpdateExpressGatewayServiceOutput{Service: &types.UpdatedExpressGatewayService{
		Cluster: answer.Cluster, CreatedAt: answer.CreatedAt, ServiceArn: answer.ServiceArn, ServiceName: answer.ServiceName,
		Status: answer.Status, UpdatedAt: answer.UpdatedAt, TargetConfiguration: &answer.ActiveConfigurations[0],
	}}, nil
}

// errExpressMoved: another call has changed the configuration that this one's
// members were merged into.
var errExpressMoved = errors.New("the service's configuration has changed meanwhile")

func expressMoved(err error) bool { return errors.Is(err, errExpressMoved) }

// changeExpress merges the given members into the configuration and writes it.
func (h *Handlers) changeExpress(ctx context.Context, in *ecs.UpdateExpressGatewayServiceInput) (*v1alpha1.ECSService, error) {
	cluster, svc, err := h.findExpress(ctx, in.ServiceArn)
	if err != nil {
		return nil, err
	}
	if err := h.expressActive(svc); err != nil {
		return nil, err
	}
	held, err := expressOf(svc)
	if err != nil {
		return nil, err
	}
	config := translator.CompleteExpress(mergeExpress(held.ActiveConfigurations[0], in))
	if err := checkExpressScaling(config.ScalingTarget); err != nil {
		return nil, err
	}
	if in.TaskDefinitionArn != nil || makesDefinition(givenToUpdate(in)) {
		if err := h.defineExpress(ctx, cluster, svc.Spec.Name, in.TaskDefinitionArn, &config); err != nil {
			return nil, err
		}
	}
	express, err := encodeExpress(held.InfrastructureRoleArn, config)
	if err != nil {
		return nil, err
	}
	request, merged := expressService(cluster, svc.Spec.Name, nil, config), svc.Spec.Express.Raw
	err = h.changeService(ctx, &svc, func(current *v1alpha1.ECSService) (kube.Fields, error) {
		if current.Spec.Express == nil || !bytes.Equal(current.Spec.Express.Raw, merged) {
			return nil, errExpressMoved
		}
		change, err := h.updateSpec(ctx, cluster, current, &ecs.UpdateServiceInput{
			TaskDefinition: config.TaskDefinitionArn, NetworkConfiguration: request.NetworkConfiguration, LoadBalancers: request.LoadBalancers,
			DeploymentConfiguration: request.DeploymentConfiguration,
		})
		if err != nil {
			return nil, err
		}
		if change == nil {
			change = map[string]any{}
		}
		change["express"] = replaced(current.Spec.Express.Raw, express.Raw)
		return change, nil
	})
	if err != nil {
		return nil, err
	}
	return svc, h.scaleExpress(ctx, cluster, svc.Spec.Name, config.ScalingTarget)
}

// expressActive refuses a service that is or was deleted (seen by Terraform's AWS
// provider).
func (h *Handlers) expressActive(svc *v1alpha1.ECSService) error {
	switch h.serviceStatus(svc) {
	case translator.ServiceInactive:
		return &types.ServiceNotActiveException{Message: aws.String("Cannot perform this operation on a service in INACTIVE status")}
	case translator.ServiceDraining:
		return &types.ServiceNotActiveException{Message: aws.String("Service is in DRAINING status")}
	}
	return nil
}

// mergeExpress is the configuration with the members that an update names.
func mergeExpress(config types.ExpressGatewayServiceConfiguration, in *ecs.UpdateExpressGatewayServiceInput) types.ExpressGatewayServiceConfiguration {
	set := func(member **string, given *string) {
		if given != nil {
			*member = given
		}
	}
	set(&config.Cpu, in.Cpu)
	set(&config.Memory, in.Memory)
	set(&config.ExecutionRoleArn, in.ExecutionRoleArn)
	set(&config.TaskRoleArn, in.TaskRoleArn)
	set(&config.HealthCheckPath, in.HealthCheckPath)
	if in.CpuArchitecture != "" {
		config.CpuArchitecture = in.CpuArchitecture
	}
	if in.PrimaryContainer != nil {
		config.PrimaryContainer = in.PrimaryContainer
	}
	if in.NetworkConfiguration != nil {
		config.NetworkConfiguration = in.NetworkConfiguration
	}
	if target := in.ScalingTarget; target != nil {
		merged := *config.ScalingTarget
		if target.AutoScalingMetric != "" {
			merged.AutoScalingMetric = target.AutoScalingMetric
		}
		if target.AutoScalingTargetValue != nil {
			merged.AutoScalingTargetValue = target.AutoScalingTargetValue
		}
		if target.MinTaskCount != nil {
			merged.MinTaskCount = target.MinTaskCount
		}
		if target.MaxTaskCount != nil {
			merged.MaxTaskCount = target.MaxTaskCount
		}
		config.ScalingTarget = &merged
	}
	return config
}

// DeleteExpressGatewayService ends the service: DRAINING while its tasks stop,
// then INACTIVE.
func (h *Handlers) DeleteExpressGatewayService(ctx context.Context, in *ecs.DeleteExpressGatewayServiceInput) (*ecs.DeleteExpressGatewayServiceOutput, error) {
	_, svc, err := h.findExpress(ctx, in.ServiceArn)
	if err != nil {
		return nil, err
	}
	if err := h.expressActive(svc); err != nil {
		return nil, err
	}
	// First, since a service that is being deleted cannot be deleted again: a call
	// that failed in between can be repeated.
	if err := h.unscaleExpress(ctx, svc); err != nil {
		return nil, err
	}
	err = h.changeService(ctx, &svc, func(current *v1alpha1.ECSService) (kube.Fields, error) {
		if err := h.expressActive(current); err != nil {
			return nil, err
		}
		return kube.Fields{"deletedAt": metav1.NewMicroTime(h.now()), "desiredCount": 0}, nil
	})
	if err != nil {
		return nil, err
	}
	answer, err := h.expressAnswer(ctx, svc, false)
	if err != nil {
		return nil, err
	}
	answer.Status.StatusCode = types.ExpressGatewayServiceStatusCodeDraining
	return &ecs.DeleteExpressGatewayServiceOutput{Service: answer}, nil
}
