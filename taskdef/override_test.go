package taskdef_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	smithy "github.com/aws/smithy-go"

	"github.com/gantry-ecs/gantry/taskdef"
)

func TestValidateOverrides(t *testing.T) {
	def := &types.TaskDefinition{
		Cpu: aws.String("256"), Memory: aws.String("512"), NetworkMode: types.NetworkModeAwsvpc,
		ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("a"), Cpu: 64, Memory: aws.Int32(128)}},
	}
	container := func(o types.ContainerOverride) *types.TaskOverride {
		o.Name = aws.String("a")
		return &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{o}}
	}
	for name, c := range map[string]struct {
		overrides *types.TaskOverride
		launch    types.LaunchType
		want      string
	}{
		"none":                         {},
		"sizes with units":             {overrides: &types.TaskOverride{Cpu: aws.String("1 vCPU"), Memory: aws.String("2GB")}, launch: types.LaunchTypeFargate},
		"a pair that Fargate has not":  {overrides: &types.TaskOverride{Memory: aws.String("4096")}, launch: types.LaunchTypeFargate, want: "No Fargate configuration exists for given values: 256 CPU, 4096 memory. See the Amazon ECS documentation for the valid values."},
		"the same pair on EC2":         {overrides: &types.TaskOverride{Memory: aws.String("4096")}, launch: types.LaunchTypeEc2},
		"no size":                      {overrides: &types.TaskOverride{Cpu: aws.String("abc")}, launch: types.LaunchTypeEc2, want: "Invalid 'cpu' setting for task."},
		"too much storage":             {overrides: &types.TaskOverride{EphemeralStorage: &types.EphemeralStorage{SizeInGiB: 300}}, launch: types.LaunchTypeFargate, want: "EphemeralStorage size should be at most 200"},
		"more reserved than allowed":   {overrides: container(types.ContainerOverride{Memory: aws.Int32(20), MemoryReservation: aws.Int32(50)}), want: "Invalid setting for container 'a'. 'memory' must be greater than or equal to 'memoryReservation'"},
		"a resource of no kind":        {overrides: container(types.ContainerOverride{ResourceRequirements: []types.ResourceRequirement{{Type: "FOO", Value: aws.String("1")}}}), want: "type should be one of [GPU,InferenceAccelerator,NeuronDevice]"},
		"no memory":                    {overrides: container(types.ContainerOverride{Memory: aws.Int32(0)}), want: "Invalid setting for container 'a'. 'memory' must be at least 4."},
		"more memory than the task":    {overrides: container(types.ContainerOverride{Memory: aws.Int32(1024)}), want: "The 'memory' setting for container 'a' is greater than for the task."},
		"more cpu than the task":       {overrides: container(types.ContainerOverride{Cpu: aws.Int32(512)}), want: "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'."},
		"more cpu in a task with more": {overrides: &types.TaskOverride{Cpu: aws.String("1024"), ContainerOverrides: container(types.ContainerOverride{Cpu: aws.Int32(512)}).ContainerOverrides}},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			err := taskdef.ValidateOverrides(def, c.overrides, c.launch)
			if api, ok := errors.AsType[smithy.APIError](err); ok {
				got = api.ErrorMessage()
			} else if err != nil {
				t.Fatalf("it is no error of ECS's: %v", err)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if memory := *def.ContainerDefinitions[0].Memory; memory != 128 {
		t.Errorf("the definition was changed: its memory is %d", memory)
	}
}

func TestNormalOverrides(t *testing.T) {
	normal := taskdef.NormalOverrides(&types.TaskOverride{Cpu: aws.String(".5 vCPU"), Memory: aws.String("4 GB")})
	if aws.ToString(normal.Cpu) != "512" || aws.ToString(normal.Memory) != "4096" {
		t.Errorf("cpu %s, memory %s", aws.ToString(normal.Cpu), aws.ToString(normal.Memory))
	}
}

func TestValidateVolumes(t *testing.T) {
	volume := func(filesystem types.TaskFilesystemType) []types.TaskVolumeConfiguration {
		return []types.TaskVolumeConfiguration{{Name: aws.String("v"), ManagedEBSVolume: &types.TaskManagedEBSVolumeConfiguration{FilesystemType: filesystem}}}
	}
	if err := taskdef.ValidateVolumes(volume(types.TaskFilesystemTypeXfs)); err != nil {
		t.Error(err)
	}
	if err := taskdef.ValidateVolumes(volume("fat")); err == nil || !strings.Contains(err.Error(), "filesystem type should be one of [ext3,ext4,xfs") {
		t.Errorf("an unknown file system answers %v", err)
	}
}
