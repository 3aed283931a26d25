package taskdef

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

const (
	// API reference, RegisterTaskDefinition.cpu: 0.125 to 192 vCPUs.
	minTaskCPU = 128
	maxTaskCPU = 196608
)

var (
	vcpuPattern = regexp.MustCompile(`(?i)^(\d*\.?\d+)\s*vcpu$`)
	gbPattern   = regexp.MustCompile(`(?i)^(\d*\.?\d+)\s*gb$`)
)

// parseTaskCPU reads CPU units: `1024`, `1 vCPU`, `.25 vcpu`.
func parseTaskCPU(s string) (int, bool) { return parseSize(s, vcpuPattern) }

// parseTaskMemory reads MiB: `1024`, `1GB`, `0.5 gb`.
func parseTaskMemory(s string) (int, bool) { return parseSize(s, gbPattern) }

func parseSize(s string, unit *regexp.Regexp) (int, bool) {
	s = strings.TrimSpace(s)
	if m := unit.FindStringSubmatch(s); m != nil {
		n, err := strconv.ParseFloat(m[1], 64)
		n *= 1024
		if err != nil || n != math.Trunc(n) || n > math.MaxInt32 {
			return 0, false
		}
		return int(n), n > 0
	}
	n, err := strconv.ParseInt(s, 10, 32)
	return int(n), err == nil && n > 0
}

func validateTaskSize(in *ecs.RegisterTaskDefinitionInput) error {
	if s := aws.ToString(in.Cpu); s != "" {
		if cpu, ok := parseTaskCPU(s); !ok || cpu < minTaskCPU || cpu > maxTaskCPU {
			return clientException("Invalid 'cpu' setting for task.")
		}
	}
	if s := aws.ToString(in.Memory); s != "" {
		if _, ok := parseTaskMemory(s); !ok {
			return clientException("Invalid 'memory' setting for task.")
		}
	}
	return nil
}

func validateSizesFit(in *ecs.RegisterTaskDefinitionInput) error {
	if memory, ok := parseTaskMemory(aws.ToString(in.Memory)); ok {
		for _, c := range in.ContainerDefinitions {
			if c.Memory != nil && int(*c.Memory) > memory {
				return clientException("The 'memory' setting for container '%s' is greater than for the task.", *c.Name)
			}
		}
	}
	var sum int64
	for _, c := range in.ContainerDefinitions {
		if c.Cpu < 0 {
			return containerSetting(c, "'cpu' must not be negative.")
		}
		sum += int64(c.Cpu)
	}
	if cpu, ok := parseTaskCPU(aws.ToString(in.Cpu)); ok && sum > int64(cpu) {
		return clientException("The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.")
	}
	return nil
}

// normalSize is the integer in which ECS answers a task's cpu or memory.
func normalSize(s *string, parse func(string) (int, bool)) *string {
	if n, ok := parse(aws.ToString(s)); ok {
		return aws.String(strconv.Itoa(n))
	}
	return nil
}
