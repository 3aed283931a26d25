package translator

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// successDependencies says which containers wait for which to succeed:
// waiting=dependency, comma-separated.
func successDependencies(def *types.TaskDefinition) string {
	var pairs []string
	for _, c := range def.ContainerDefinitions {
		for _, d := range c.DependsOn {
			if d.Condition == types.ContainerConditionSuccess {
				pairs = append(pairs, aws.ToString(c.Name)+"="+aws.ToString(d.ContainerName))
			}
		}
	}
	return strings.Join(pairs, ",")
}

// neverSent is the exit code of a container that ECS's agent stops before it has
// started: SIGTERM's, which was never sent (aws/amazon-ecs-agent, pull request 3218).
const neverSent = 143

// failedDependency tells of a container why it was never started, where that is
// the end of one that it waited for (the agent's words; same pull request).
func (b *taskBuilder) failedDependency(c *types.Container, state *containerState) {
	if b.task.StopCode != types.TaskStopCodeTaskFailedToStart || state.started() {
		return
	}
	waiting := aws.ToString(c.Name)
	on, code := b.failedFor(waiting, len(b.task.Containers))
	if on == "" {
		return
	}
	c.ExitCode = aws.Int32(neverSent)
	c.Reason = aws.String(fmt.Sprintf(
		"%sdependency graph: failed to resolve container ordering dependency [%s(%s) (STOPPED->RUNNING) - Exit: %d] for target [%s(%s) (NONE->RUNNING)] as dependency did not exit successfully.",
		cannotStart, on, b.imageOf(on), code, waiting, aws.ToString(c.Image)))
}

// failedFor is the container that was to succeed before another started and has
// not, with its exit code; "" where there is none. One that was never started for
// such a reason has failed too. depth bounds what somebody wrote into a circle.
func (b *taskBuilder) failedFor(container string, depth int) (on string, code int32) {
	for _, pair := range splitList(b.pod.Annotations[v1alpha1.SuccessDependenciesAnnotation]) {
		waiting, name, _ := strings.Cut(pair, "=")
		state := b.state.container(ContainerName(name))
		if waiting != container || state == nil || depth == 0 {
			continue
		}
		if !state.started() {
			if further, _ := b.failedFor(name, depth-1); further != "" {
				return name, neverSent
			}
		} else if end := state.end(); end != nil && end.ExitCode != 0 {
			return name, end.ExitCode
		}
	}
	return "", 0
}

func (b *taskBuilder) imageOf(container string) string {
	for i := range b.task.Containers {
		if aws.ToString(b.task.Containers[i].Name) == container {
			return aws.ToString(b.task.Containers[i].Image)
		}
	}
	return ""
}
