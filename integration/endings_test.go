package integration

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// notStartedOnFargate is how Fargate says that a container could not be started.
const notStartedOnFargate = "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: …"

// missingImage is in no registry: nothing listens there.
const missingImage = "127.0.0.1:9/no-such-image:1"

func withImage(image string) func(*types.ContainerDefinition) {
	return func(def *types.ContainerDefinition) { def.Image = &image }
}

const missingSecret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:no-such-secret"

// endings are the ways in which a task ends without being told to.
var endings = []struct {
	name       string
	containers func() []types.ContainerDefinition
	fargate    bool
	want       ending
}{
	{
		name: "CrashLoop",
		containers: func() []types.ContainerDefinition {
			return []types.ContainerDefinition{container("main", "exits", command("7"), environment("AFTER", "1s"))}
		},
		want: ending{
			code: types.TaskStopCodeEssentialContainerExited, reason: "Essential container in task exited",
			containers: map[string]containerEnding{"main": {exit: 7}},
		},
	},
	{
		name: "EssentialExitEndsTheOthers",
		containers: func() []types.ContainerDefinition {
			return []types.ContainerDefinition{
				container("main", "exits", command("1"), environment("AFTER", "1s")), container("side", "sleeps", notEssential),
			}
		},
		want: ending{
			code: types.TaskStopCodeEssentialContainerExited, reason: "Essential container in task exited",
			containers: map[string]containerEnding{"main": {exit: 1}, "side": {exit: 0}},
		},
	},
	{
		name: "NoSuchImage",
		containers: func() []types.ContainerDefinition {
			return []types.ContainerDefinition{container("main", "sleeps", withImage(missingImage)), container("side", "sleeps")}
		},
		want: ending{
			code: types.TaskStopCodeTaskFailedToStart, reason: "Task failed to start", neverRan: true,
			containers: map[string]containerEnding{
				"main": {exit: noExit, reason: "CannotPullContainerError: Error response from daemon: …"},
				"side": {exit: 0},
			},
		},
	},
	{
		name: "NoSuchImageOnFargate", fargate: true,
		containers: func() []types.ContainerDefinition {
			return []types.ContainerDefinition{container("main", "sleeps", withImage(missingImage))}
		},
		want: ending{
			code: types.TaskStopCodeTaskFailedToStart, neverRan: true,
			reason:     "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref " + missingImage + ": …",
			containers: map[string]containerEnding{"main": {exit: noExit}},
		},
	},
	{
		name: "NoSuchSecret", fargate: true,
		containers: func() []types.ContainerDefinition {
			return []types.ContainerDefinition{container("main", "sleeps", func(def *types.ContainerDefinition) {
				def.Secrets = []types.Secret{{Name: aws.String("PASSWORD"), ValueFrom: aws.String(missingSecret)}}
			})}
		},
		want: ending{
			code: types.TaskStopCodeTaskFailedToStart, neverRan: true,
			reason: "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: " +
				"unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret " + missingSecret +
				" from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
			containers: map[string]containerEnding{"main": {exit: noExit}},
		},
	},
	{
		name: "KilledForMemory",
		containers: func() []types.ContainerDefinition {
			return []types.ContainerDefinition{container("main", "eats-memory", func(def *types.ContainerDefinition) {
				def.Memory = aws.Int32(64)
			})}
		},
		want: ending{
			code: types.TaskStopCodeEssentialContainerExited, reason: "Essential container in task exited",
			containers: map[string]containerEnding{
				"main": {exit: 137, reason: "OutOfMemoryError: Container killed due to memory usage"},
			},
		},
	},
	{
		name: "NoSuchEntryPoint",
		containers: func() []types.ContainerDefinition {
			return []types.ContainerDefinition{container("main", "sleeps", func(def *types.ContainerDefinition) {
				def.EntryPoint = []string{"/no-such-program"}
			})}
		},
		want: ending{
			code: types.TaskStopCodeTaskFailedToStart, reason: "Task failed to start", neverRan: true,
			containers: map[string]containerEnding{
				"main": {exit: noExit, reason: "CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: …"},
			},
		},
	},
	{
		name: "NoSuchEntryPointOnFargate", fargate: true,
		containers: func() []types.ContainerDefinition {
			return []types.ContainerDefinition{container("main", "sleeps", func(def *types.ContainerDefinition) {
				def.EntryPoint = []string{"/no-such-program"}
			})}
		},
		want: ending{
			code: types.TaskStopCodeTaskFailedToStart, reason: notStartedOnFargate, neverRan: true,
			containers: map[string]containerEnding{"main": {exit: noExit, reason: notStartedOnFargate}},
		},
	},
	{
		name: "DependencyFails",
		containers: func() []types.ContainerDefinition {
			return []types.ContainerDefinition{
				container("prepare", "exits", notEssential, command("4")),
				container("main", "sleeps", func(def *types.ContainerDefinition) {
					def.DependsOn = []types.ContainerDependency{{ContainerName: aws.String("prepare"), Condition: types.ContainerConditionSuccess}}
				}),
			}
		},
		want: ending{
			code: types.TaskStopCodeTaskFailedToStart, reason: "Task failed to start", neverRan: true,
			containers: map[string]containerEnding{
				"prepare": {exit: 4},
				"main":    {exit: 143, reason: "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [prepare(gantry.local/exits:1) (STOPPED->RUNNING) - Exit: 4] for target [main(…"},
			},
		},
	},
}

// defineEnding registers the task definition of a case.
func (s *scene) defineEnding(containers []types.ContainerDefinition, fargate bool) string {
	s.Helper()
	in := &ecs.RegisterTaskDefinitionInput{Family: aws.String(unique("it")), ContainerDefinitions: containers}
	if fargate {
		in.NetworkMode, in.RequiresCompatibilities = types.NetworkModeAwsvpc, []types.Compatibility{types.CompatibilityFargate}
		in.Cpu, in.Memory = aws.String("256"), aws.String("512")
		in.ExecutionRoleArn = aws.String("arn:aws:iam::000000000000:role/execution")
	}
	return s.register(in)
}

func fargateNetwork() *types.NetworkConfiguration {
	return &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}}
}

// TestTaskEnds: a standalone task ends, is described as ECS does, and is not
// started again.
func TestTaskEnds(t *testing.T) {
	t.Parallel()
	for _, tc := range endings {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			id := s.run(s.defineEnding(tc.containers(), tc.fargate), func(in *ecs.RunTaskInput) {
				if tc.fargate {
					in.LaunchType, in.NetworkConfiguration = types.LaunchTypeFargate, fargateNetwork()
				}
			})
			tc.want.check(t, s.stopped(id))
			s.liveCount(0)
		})
	}
}

// TestServiceReplacesTaskThatEnds: the same in a service: the ended task is
// described, a new one takes its place, and never more live than are wanted.
func TestServiceReplacesTaskThatEnds(t *testing.T) {
	t.Parallel()
	for _, tc := range endings {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			end := watch(t, func() error { return s.atMostLive(1) })
			defer end()
			svc := s.serve("looping", s.defineEnding(tc.containers(), tc.fargate), 1, func(in *ecs.CreateServiceInput) {
				if tc.fargate {
					in.LaunchType, in.NetworkConfiguration = types.LaunchTypeFargate, fargateNetwork()
				}
			})
			first := s.firstStopped("looping")
			tc.want.check(t, first)
			if got := aws.ToString(first.StartedBy); got != aws.ToString(svc.Deployments[0].Id) {
				t.Errorf("startedBy is %s, want the deployment's id %s", got, aws.ToString(svc.Deployments[0].Id))
			}
			if got := aws.ToString(first.Group); got != "service:looping" {
				t.Errorf("group is %s", got)
			}
			s.hasEvent("looping", "has started 1 tasks: (task "+taskID(*first.TaskArn)+").")
			s.replaced("looping", 1, taskID(*first.TaskArn))
			if tc.want.code == types.TaskStopCodeTaskFailedToStart {
				s.hasEvent("looping", "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.")
				if failed := s.service("looping").Deployments[0].FailedTasks; failed < 3 {
					t.Errorf("failedTasks is %d, want 3 at least", failed)
				}
			}
		})
	}
}
