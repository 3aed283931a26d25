package translator

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gantry-ecs/gantry/taskdef"
)

func TestCompleteExpress(t *testing.T) {
	got := CompleteExpress(types.ExpressGatewayServiceConfiguration{
		Memory: aws.String("1024"), PrimaryContainer: &types.ExpressGatewayContainer{Image: aws.String("web:1")},
		ScalingTarget: &types.ExpressGatewayScalingTarget{MinTaskCount: aws.Int32(30)},
	})
	want := types.ExpressGatewayServiceConfiguration{
		Cpu: aws.String("256"), Memory: aws.String("1024"), HealthCheckPath: aws.String("/ping"), CpuArchitecture: types.ExpressCpuArchitectureX8664,
		PrimaryContainer: &types.ExpressGatewayContainer{Image: aws.String("web:1"), ContainerPort: aws.Int32(80)},
		ScalingTarget: &types.ExpressGatewayScalingTarget{
			AutoScalingMetric: types.ExpressGatewayServiceScalingMetricAverageCPUUtilization, AutoScalingTargetValue: aws.Int32(60),
			MinTaskCount: aws.Int32(30), MaxTaskCount: aws.Int32(30),
		},
	}
	ignore := cmpopts.IgnoreUnexported(types.ExpressGatewayServiceConfiguration{}, types.ExpressGatewayContainer{}, types.ExpressGatewayScalingTarget{})
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Errorf("complete configuration (-want +got):\n%s", diff)
	}
}

// TestExpressDefinition: what is made of a configuration is a definition that ECS
// accepts, and whose pod nothing refuses.
func TestExpressDefinition(t *testing.T) {
	in := ExpressDefinition("default-web", "us-east-1", CompleteExpress(types.ExpressGatewayServiceConfiguration{
		PrimaryContainer: &types.ExpressGatewayContainer{
			Image: aws.String("web:1"), ContainerPort: aws.Int32(8080),
			AwsLogsConfiguration: &types.ExpressGatewayServiceAwsLogsConfiguration{LogGroup: aws.String("web"), LogStreamPrefix: aws.String("ecs")},
		},
		ExecutionRoleArn: aws.String("arn:aws:iam::000000000000:role/execution"),
	}))
	if err := taskdef.Validate(in); err != nil {
		t.Fatal(err)
	}
	def := taskdef.New(in)
	rendered := RenderPodSpec(TaskInput{
		TaskDefinition: def, LaunchType: types.LaunchTypeFargate, InService: true,
		LoadBalancers: []types.LoadBalancer{{TargetGroupArn: aws.String("tg"), ContainerName: aws.String(ExpressContainer), ContainerPort: aws.Int32(8080)}},
	})
	if refused := rendered.Refusals(); len(refused) > 0 {
		t.Fatalf("refused: %v", refused)
	}
	container := rendered.Spec.Containers[0]
	if container.Name != ContainerName("Main") || container.ReadinessProbe == nil || container.Ports[0].ContainerPort != 8080 {
		t.Errorf("the container is %s with the ports %v, and its port is probed: %t", container.Name, container.Ports, container.ReadinessProbe != nil)
	}
}
