package taskdef

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

const (
	// Developer Guide, service quotas: not adjustable.
	maxContainers = 10
	// API reference, ContainerDefinition.memory: the least that a Docker
	// daemon takes; from version 20.10 on it is 6.
	minContainerMemory = 4
	maxIgnoredExits    = 50
)

var (
	imagePattern    = regexp.MustCompile(`^[A-Za-z0-9_:./#-]+(@sha256:[0-9a-f]{64})?$`)
	ecrImagePattern = regexp.MustCompile(`^\d{12}\.dkr[.-]ecr(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|on\.aws)/`)
)

func validateContainerList(in *ecs.RegisterTaskDefinitionInput) error {
	if len(in.ContainerDefinitions) == 0 {
		return clientException("Container list cannot be empty.")
	}
	if len(in.ContainerDefinitions) > maxContainers {
		return clientException("Too many containers.") // github.com/aws/amazon-ecs-cli/issues/951
	}
	for _, c := range in.ContainerDefinitions {
		if err := validateIdentity(c); err != nil {
			return err
		}
	}
	return nil
}

func validateIdentity(c types.ContainerDefinition) error {
	switch name, image := aws.ToString(c.Name), aws.ToString(c.Image); {
	case name == "":
		return nullOrEmpty("Container", "name")
	case !ValidName(name):
		return clientException("Container.name contains invalid characters.")
	case image == "":
		return nullOrEmpty("Container", "image")
	case !validImage(image):
		return clientException("Container.image contains invalid characters.")
	}
	return nil
}

// validImage: up to 255 characters, and a digest (API reference,
// ContainerDefinition.image).
func validImage(image string) bool {
	name, _, _ := strings.Cut(image, "@")
	return len(name) <= 255 && imagePattern.MatchString(image)
}

func validateUniqueContainers(in *ecs.RegisterTaskDefinitionInput) error {
	seen := make(map[string]bool, len(in.ContainerDefinitions))
	for _, c := range in.ContainerDefinitions {
		if seen[*c.Name] {
			return clientException("Container names must be unique within a Task Definition.")
		}
		seen[*c.Name] = true
	}
	return nil
}

func validateEssential(in *ecs.RegisterTaskDefinitionInput) error {
	if !slices.ContainsFunc(in.ContainerDefinitions, essential) {
		return clientException("Task definition doesn't have any essential container")
	}
	return nil
}

// essential is true where it is not given (API reference, ContainerDefinition).
func essential(c types.ContainerDefinition) bool { return c.Essential == nil || *c.Essential }

func validateContainerMemory(in *ecs.RegisterTaskDefinitionInput) error {
	for _, c := range in.ContainerDefinitions {
		if err := validateMemoryOf(in, c); err != nil {
			return err
		}
	}
	return nil
}

func validateMemoryOf(in *ecs.RegisterTaskDefinitionInput, c types.ContainerDefinition) error {
	// Fargate has its own error for a task without memory.
	if c.Memory == nil && c.MemoryReservation == nil && aws.ToString(in.Memory) == "" && !forFargate(in) {
		return containerSetting(c, "At least one of 'memory' or 'memoryReservation' must be specified.")
	}
	if c.Memory != nil && *c.Memory < minContainerMemory {
		return containerSetting(c, "'memory' must be at least %d.", minContainerMemory)
	}
	if c.MemoryReservation != nil && *c.MemoryReservation < minContainerMemory {
		return containerSetting(c, "'memoryReservation' must be at least %d.", minContainerMemory)
	}
	if c.Memory != nil && c.MemoryReservation != nil && *c.Memory < *c.MemoryReservation {
		return containerSetting(c, "'memory' must be greater than or equal to 'memoryReservation'")
	}
	return nil
}

// containerSetting is ECS's form for a wrong value in one container.
func containerSetting(c types.ContainerDefinition, format string, args ...any) error {
	return clientException("Invalid setting for container '%s'. "+format, append([]any{*c.Name}, args...)...)
}

// validateTimeouts: ECS's words are known for the stop timeout; the start
// timeout has the same minimum (API reference, ContainerDefinition).
func validateTimeouts(in *ecs.RegisterTaskDefinitionInput) error {
	for _, c := range in.ContainerDefinitions {
		if c.StartTimeout != nil && *c.StartTimeout < 2 {
			return clientException("Granular start timeout on container '%s' must be at least 2 seconds.", *c.Name)
		}
		if c.StopTimeout != nil && *c.StopTimeout < 2 {
			return clientException("Granular stop timeout on container '%s' must be at least 2 seconds.", *c.Name)
		}
	}
	return nil
}

func validateRestartPolicies(in *ecs.RegisterTaskDefinitionInput) error {
	for _, c := range in.ContainerDefinitions {
		p := c.RestartPolicy
		if p == nil {
			continue
		}
		if s := p.RestartAttemptPeriod; s != nil && (*s < 60 || *s > 1800) {
			return clientException("the 'restartAttemptPeriod' setting for container '%s' must be between 60 and 1800", *c.Name)
		}
		if len(p.IgnoredExitCodes) > maxIgnoredExits {
			return invalidParameter("ignored exit codes can have at most %d items.", maxIgnoredExits)
		}
	}
	return nil
}

func containerNamed(in *ecs.RegisterTaskDefinitionInput, name string) (types.ContainerDefinition, bool) {
	i := slices.IndexFunc(in.ContainerDefinitions, func(c types.ContainerDefinition) bool { return *c.Name == name })
	if i < 0 {
		return types.ContainerDefinition{}, false
	}
	return in.ContainerDefinitions[i], true
}

func fromECR(image string) bool {
	return ecrImagePattern.MatchString(image) && !strings.HasPrefix(image, "public.")
}

// fillContainer adds what ECS answers for the members that a request left out.
func fillContainer(c *types.ContainerDefinition, mode types.NetworkMode) {
	c.Essential = aws.Bool(essential(*c))
	c.Environment = orEmpty(c.Environment)
	c.MountPoints = orEmpty(c.MountPoints)
	c.PortMappings = orEmpty(c.PortMappings)
	c.SystemControls = orEmpty(c.SystemControls)
	c.VolumesFrom = orEmpty(c.VolumesFrom)
	for i := range c.PortMappings {
		fillPortMapping(&c.PortMappings[i], mode)
	}
	fillHealthCheck(c.HealthCheck)
}

// orEmpty is for the lists that ECS answers as [] where nothing was given.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// orAbsent is for strings that ECS leaves out of the answer where they are empty.
func orAbsent(s *string) *string {
	if aws.ToString(s) == "" {
		return nil
	}
	return s
}
