package service_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/kube/kubetest"
)

const unhealthyTasks = 4

// TestAllTasksUnhealthyAtOnce: others are started before they are stopped, as far
// as the upper limit has room, however many are looked at in the same moment.
func TestAllTasksUnhealthyAtOnce(t *testing.T) {
	const upper = 5
	p := soundPlay(t, unhealthyTasks, checked)
	before := p.sicken()
	most := 0
	p.untilRest(func() { most = max(most, p.staying()) })
	if most != upper {
		t.Errorf("%d tasks were there at once, want as many as the upper limit lets: %d", most, upper)
	}
	p.replaced(before)
}

// TestUnhealthyWithoutRoom: where the upper limit has no room for replacements,
// they are stopped one by one.
func TestUnhealthyWithoutRoom(t *testing.T) {
	p := soundPlay(t, unhealthyTasks, checked)
	p.ref.minimum, p.ref.maximum = 50, 100
	p.unchanged("limits", &ecs.UpdateServiceInput{
		DeploymentConfiguration: p.configuration(), AvailabilityZoneRebalancing: types.AvailabilityZoneRebalancingDisabled,
	})
	p.rest()
	before := p.sicken()
	least := unhealthyTasks
	p.untilRest(func() { least = min(least, p.staying()) })
	if least < unhealthyTasks-1 {
		t.Errorf("%d of %d tasks were there at a time", least, unhealthyTasks)
	}
	p.replaced(before)
}

// untilRest lets all happen that does, and looks at each step.
func (p *play) untilRest(look func()) {
	p.Helper()
	for steps := 0; p.step(restHorizon) && !p.Failed(); steps++ {
		if steps > restLimit {
			p.Fatal("it does not come to rest")
		}
		look()
	}
}

// sicken makes all tasks unhealthy and returns their pods' names.
func (p *play) sicken() map[string]bool {
	p.Helper()
	names := map[string]bool{}
	for _, pod := range p.pods() {
		names[pod.Name] = true
		changed := pod.DeepCopy()
		changed.Annotations[sick] = "yes"
		p.life.setReady(changed, false)
		p.must(p.life.client.Update(p.ctx, changed))
	}
	return names
}

// staying are the tasks that live and are not being stopped.
func (p *play) staying() int {
	there := 0
	for _, pod := range kubetest.All[*corev1.Pod](p.server) {
		if alive(pod) && pod.Spec.ActiveDeadlineSeconds == nil {
			there++
		}
	}
	return there
}

// replaced: none of the pods is left, and there are as many others. It ends the play.
func (p *play) replaced(before map[string]bool) {
	p.Helper()
	for _, pod := range p.pods() {
		if before[pod.Name] {
			p.Errorf("%s, which is unhealthy, is still there", pod.Name)
		}
	}
	if n := len(p.pods()); n != unhealthyTasks {
		p.Errorf("%d tasks are there, want %d", n, unhealthyTasks)
	}
	p.gantry.end()
}
