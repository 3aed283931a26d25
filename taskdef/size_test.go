package taskdef_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/gantry-ecs/gantry/taskdef"
)

func taskSize(cpu, memory string) mutation {
	return func(in *ecs.RegisterTaskDefinitionInput) {
		in.Cpu, in.Memory = aws.String(cpu), aws.String(memory)
	}
}

func TestSizes(t *testing.T) {
	badCPU := "ClientException: Invalid 'cpu' setting for task."
	badMemory := "ClientException: Invalid 'memory' setting for task."
	checkRefusals(t, []refusal{
		{"words", taskSize("many", "512"), badCPU},
		{"too little", taskSize("127", "512"), badCPU},
		{"too much", taskSize("193 vCPU", "512"), badCPU},
		{"not a number of units", taskSize(".0003 vcpu", "512"), badCPU},
		{"overflow", taskSize("99999999999999999999", "512"), badCPU},
		{"negative memory", taskSize("256", "-1"), badMemory},
		{"other unit", taskSize("256", "1 MB"), badMemory},
		{"endless", taskSize("256", "99999999999999999999999 gb"), badMemory},
		{
			"no memory anywhere", web(func(c *types.ContainerDefinition) { c.Memory = nil }),
			"ClientException: Invalid setting for container 'web'. At least one of 'memory' or 'memoryReservation' must be specified.",
		},
		{"task memory is enough", func(in *ecs.RegisterTaskDefinitionInput) {
			in.Memory, in.ContainerDefinitions[0].Memory = aws.String("1GB"), nil
		}, ""},
		{
			"reservation over limit", web(func(c *types.ContainerDefinition) { c.MemoryReservation = aws.Int32(129) }),
			"ClientException: Invalid setting for container 'web'. 'memory' must be greater than or equal to 'memoryReservation'",
		},
		{
			"no memory at all", web(func(c *types.ContainerDefinition) { c.Memory = aws.Int32(0) }),
			"ClientException: Invalid setting for container 'web'. 'memory' must be at least 4.",
		},
		{"container over task", taskSize("256", "100"), "ClientException: The 'memory' setting for container 'web' is greater than for the task."},
		{"sum of cpu", func(in *ecs.RegisterTaskDefinitionInput) {
			in.Cpu, in.ContainerDefinitions[0].Cpu, in.ContainerDefinitions[1].Cpu = aws.String("256"), 200, 57
		}, "ClientException: The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'."},
		{
			"length", web(func(c *types.ContainerDefinition) { c.Command = []string{strings.Repeat("x", 65536)} }),
			"ClientException: Actual length: '65708'. Max allowed length is '65536' bytes.",
		},
	})
}

func TestSizesAreNormalised(t *testing.T) {
	type size struct{ CPU, Memory string }
	for sent, want := range map[size]size{
		{"1024", "2048"}:      {"1024", "2048"},
		{"1 vCPU", "1GB"}:     {"1024", "1024"},
		{".25 vcpu", ".5 gb"}: {"256", "512"},
		{"2VCPU", "0.5 GB"}:   {"2048", "512"},
		{" 256 ", "30 gb"}:    {"256", "30720"},
		{"", ""}:              {"", ""},
	} {
		t.Run(sent.CPU+" "+sent.Memory, func(t *testing.T) {
			in := plain()
			in.Cpu, in.Memory = aws.String(sent.CPU), aws.String(sent.Memory)
			got := taskdef.New(in)
			if diff := cmp.Diff(want, size{aws.ToString(got.Cpu), aws.ToString(got.Memory)}); diff != "" {
				t.Errorf("size (-want +got):\n%s", diff)
			}
		})
	}
}
