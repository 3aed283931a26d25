package awsapi

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
)

func TestMissingRequired(t *testing.T) {
	tests := map[string]struct {
		in   any
		want []string
	}{
		"nothing is required":    {&ecs.ListClustersInput{}, nil},
		"one member":             {&ecs.RunTaskInput{}, []string{"taskDefinition"}},
		"there":                  {&ecs.RunTaskInput{TaskDefinition: aws.String("")}, nil},
		"an empty list is there": {&ecs.DescribeTasksInput{Tasks: []string{}}, nil},
		"in a nest": {
			&ecs.RegisterTaskDefinitionInput{ContainerDefinitions: []types.ContainerDefinition{{
				Secrets: []types.Secret{{Name: aws.String("a")}}, LogConfiguration: &types.LogConfiguration{},
			}}},
			[]string{"family", "containerDefinitions[0].secrets[0].valueFrom", "containerDefinitions[0].logConfiguration.logDriver"},
		},
		"Application Auto Scaling": {
			&applicationautoscaling.PutScalingPolicyInput{
				PolicyName:                               aws.String("p"),
				TargetTrackingScalingPolicyConfiguration: &scalingtypes.TargetTrackingScalingPolicyConfiguration{},
			},
			[]string{"ServiceNamespace", "ResourceId", "ScalableDimension", "TargetTrackingScalingPolicyConfiguration.TargetValue"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, MissingRequired(tt.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMissingRequiredLeavesTheInput(t *testing.T) {
	for _, svc := range []*Service{NewECS(), NewAutoScaling()} {
		for name, op := range svc.operations {
			in := reflect.New(op.in)
			MissingRequired(in.Interface())
			if !in.Elem().IsZero() {
				t.Errorf("%s: the input has become %+v", name, in.Elem())
			}
		}
	}
}

func BenchmarkMissingRequired(b *testing.B) {
	in := &ecs.RegisterTaskDefinitionInput{
		Family:               aws.String("f"),
		ContainerDefinitions: []types.ContainerDefinition{{Secrets: []types.Secret{{Name: aws.String("a"), ValueFrom: aws.String("b")}}}},
	}
	for b.Loop() {
		if missing := MissingRequired(in); missing != nil {
			b.Fatal(missing)
		}
	}
}
