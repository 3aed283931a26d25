package service_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/kube/kubetest"
)

// TestAllTasksUnhealthyAtOnce: others are started before they are stopped, as far
// as the upper limit has room, however many are looked at in the same moment.
func TestAllTasksUnhealthyAtOnce(t *testing.T) {
	const tasks, upper = 4, 5
	p := soundPlay(t, tasks, checked)
	before := map[string]bool{}
	for _, pod := range p.pods() {
		before[pod.Name] = true
		changed := pod.DeepCopy()
		changed.Annotations[sick] = "yes"
		p.life.setReady(changed, false)
		p.must(p.life.client.Update(p.ctx, changed))
	}
	most := 0
	for p.step(time.Hour) && !t.Failed() {
		there := 0
		for _, pod := range kubetest.All[*corev1.Pod](p.server) {
			if alive(pod) && pod.Spec.ActiveDeadlineSeconds == nil { // one that is being stopped does not count
				there++
			}
		}
		most = max(most, there)
	}
	if most > upper {
		t.Errorf("%d tasks were there at once, the upper limit is %d", most, upper)
	}
	for _, pod := range p.pods() {
		if before[pod.Name] {
			t.Errorf("%s, which is unhealthy, is still there", pod.Name)
		}
	}
	if n := len(p.pods()); n != tasks {
		t.Errorf("%d tasks are there, want %d", n, tasks)
	}
	p.gantry.end()
}
