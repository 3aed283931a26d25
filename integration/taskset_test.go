package integration

import (
	"fmt"
	"net"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// taskSet makes one of the service web, behind a target group of its own.
func (s *scene) taskSet(definition, group, percent string) string {
	s.Helper()
	var out struct{ TaskSet struct{ ID string } }
	s.gantry.cli(s.T, &out, "ecs", "create-task-set", "--cluster", s.cluster, "--service", "web", "--task-definition", definition,
		"--load-balancers", "targetGroupArn="+targetGroup(group)+",containerName=web,containerPort=8080", "--scale", "unit=PERCENT,value="+percent)
	return out.TaskSet.ID
}

// taskSetRuns waits until the task set is stable with so many tasks.
func (s *scene) taskSetRuns(id string, count int32) {
	s.Helper()
	eventually(s.T, startLimit, fmt.Sprintf("task set %s runs %d tasks", id, count), func() (bool, string) {
		out, err := s.ecs.DescribeTaskSets(s.Context(), &ecs.DescribeTaskSetsInput{Cluster: &s.cluster, Service: aws.String("web"), TaskSets: []string{id}})
		s.ok(err, "DescribeTaskSets")
		if len(out.TaskSets) != 1 {
			return false, show(out.Failures)
		}
		set := out.TaskSets[0]
		return set.StabilityStatus == types.StabilityStatusSteadyState && set.RunningCount == count, fmt.Sprintf("%s, %d tasks", set.StabilityStatus, set.RunningCount)
	})
}

// TestTaskSets: a deployer brings a second task set up behind another target group,
// makes it primary and deletes the first; no request to it is lost while it is
// scaled.
func TestTaskSets(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	definition := s.define(listening())
	s.gantry.cli(t, nil, "ecs", "create-service", "--cluster", s.cluster, "--service-name", "web", "--desired-count", "2",
		"--deployment-controller", "type=EXTERNAL")
	blue := s.taskSet(definition, "blue-tg", "100")
	s.taskSetRuns(blue, 2)
	s.gantry.cli(t, nil, "ecs", "update-service-primary-task-set", "--cluster", s.cluster, "--service", "web", "--primary-task-set", blue)
	green := s.taskSet(definition, "green-tg", "50")
	s.taskSetRuns(green, 1)

	address := net.JoinHostPort(s.route("green-tg").Spec.ClusterIP, webPort)
	eventually(t, startLimit, "the second target group's Service leads to its task", func() (bool, string) {
		_, err := ask(t.Context(), direct, "http://"+address+"/")
		return err == nil, show(err)
	})
	l, end := startLoad(t, address)
	defer end()
	for _, percent := range []string{"100", "50"} {
		s.gantry.cli(t, nil, "ecs", "update-task-set", "--cluster", s.cluster, "--service", "web", "--task-set", green, "--scale", "unit=PERCENT,value="+percent)
		s.taskSetRuns(green, map[string]int32{"100": 2, "50": 1}[percent])
	}
	s.gantry.cli(t, nil, "ecs", "update-service", "--cluster", s.cluster, "--service", "web", "--desired-count", "4")
	s.taskSetRuns(green, 2)
	s.taskSetRuns(blue, 4)
	s.gantry.cli(t, nil, "ecs", "update-service-primary-task-set", "--cluster", s.cluster, "--service", "web", "--primary-task-set", green)
	s.gantry.cli(t, nil, "ecs", "delete-task-set", "--cluster", s.cluster, "--service", "web", "--task-set", blue, "--force")
	eventually(t, startLimit, "the first task set is gone", func() (bool, string) {
		sets := s.service("web").TaskSets
		return len(sets) == 1 && *sets[0].Id == green && aws.ToString(sets[0].Status) == "PRIMARY", show(sets)
	})
	end()
	l.check(t, 200)
	if got := s.service("web"); got.RunningCount != 2 || len(got.Deployments) != 0 {
		t.Errorf("in the end %d tasks run, and there are %d deployments", got.RunningCount, len(got.Deployments))
	}
}
