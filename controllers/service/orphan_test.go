package service_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube/kubetest"
	"github.com/gantry-ecs/gantry/translator"
)

// TestDeploymentGoesWhileItIsMadeAgain: `kubectl delete deployment
// --cascade=orphan` ends at any moment between two looks of Gantry's, and the
// Deployment that is made again goes on with the ReplicaSet's count, which is one
// less than its tasks in the middle of a scale-in.
func TestDeploymentGoesWhileItIsMadeAgain(t *testing.T) {
	const tasks = 4
	for look := range 8 {
		p := soundPlay(t, tasks, nil)
		count := int32(tasks - look/4)
		look %= 4
		gone, looks := sync.OnceFunc(p.orphan(count)), 0
		p.gantry.client.Got = func(obj client.Object) {
			switch obj.(type) {
			case *appsv1.Deployment, *appsv1.ReplicaSet:
				if looks++; looks == look {
					gone()
				}
			}
		}
		var made []int32
		p.gantry.client.Wrote = func(before, after client.Object) {
			if d, is := after.(*appsv1.Deployment); is && before == nil {
				made = append(made, *d.Spec.Replicas)
			}
		}
		p.alone()
		gone() // where Gantry did not look so often
		p.alone()
		if !slices.Equal(made, []int32{count}) {
			t.Errorf("gone after look %d of %d: made again with %d tasks, want %d once", look, looks, made, count)
		}
		p.gantry.end()
	}
}

// TestDeploymentsGoInAScaleIn: the Deployments are deleted in the middle of a
// rollout, and a ReplicaSet is left with a task that it has not stopped yet: as long
// as that one is there, it leaves no room for a new one.
func TestDeploymentsGoInAScaleIn(t *testing.T) {
	const tasks = 4
	p := soundPlay(t, tasks, nil)
	p.update("deploy", &ecs.UpdateServiceInput{ForceNewDeployment: true})
	p.alone() // no ReplicaSet does anything
	p.show()
	if chosen := p.chosen(); chosen != 1 {
		t.Fatalf("%d tasks were chosen to go, want 1 of %d: the lower limit is 3", chosen, tasks)
	}
	p.gantry.client.Wrote = nil // what is made again would count as tasks that are started
	newest := kubetest.All[*appsv1.Deployment](p.server)[1]
	p.orphan(tasks - 1)()
	p.must(p.life.client.Delete(p.ctx, newest))
	p.alone()
	most := p.chosen()
	for _, d := range kubetest.All[*appsv1.Deployment](p.server) {
		most += int(*d.Spec.Replicas)
	}
	if most > p.ref.upper() {
		t.Errorf("%d tasks may be there, and the upper limit is %d", most, p.ref.upper())
	}
	p.untilRest(func() {})
	if svc, ok := p.describe(); !ok || len(svc.Deployments) != 1 || svc.RunningCount != tasks {
		t.Errorf("the rollout does not go on when the task is gone: %d deployments, %d tasks run", len(svc.Deployments), svc.RunningCount)
	}
	p.gantry.end()
}

// TestDeploymentGoesWhenAScaleInWasCutOff: a task is marked, and before the count was
// lowered Gantry died; then somebody deletes the Deployment that is being rolled out.
// The task that was chosen for nothing does not keep it from being made again.
func TestDeploymentGoesWhenAScaleInWasCutOff(t *testing.T) {
	const tasks = 4
	p := soundPlay(t, tasks, nil)
	p.update("deploy", &ecs.UpdateServiceInput{ForceNewDeployment: true})
	p.alone()
	p.show()
	if chosen := p.chosen(); chosen != 1 {
		t.Fatalf("%d tasks were chosen to go, want 1", chosen)
	}
	p.gantry.client.Wrote = nil
	deployments := kubetest.All[*appsv1.Deployment](p.server)
	whole := deployments[0].DeepCopy()
	whole.Spec.Replicas, whole.Status.ObservedGeneration = aws.Int32(tasks), whole.Generation
	p.must(p.life.client.Update(p.ctx, whole))
	p.must(p.life.client.Delete(p.ctx, deployments[1]))
	p.untilRest(func() {})
	if svc, ok := p.describe(); !ok || len(svc.Deployments) != 1 || svc.RunningCount != tasks {
		t.Errorf("the rollout does not go on: %d deployments, %d tasks run", len(svc.Deployments), svc.RunningCount)
	}
	p.gantry.end()
}

// chosen is how many tasks are to go in a scale-in and are there.
func (p *play) chosen() (n int) {
	for _, pod := range kubetest.All[*corev1.Pod](p.server) {
		if translator.Observe(pod).Chosen() {
			n++
		}
	}
	return n
}

// orphan begins to delete the service's Deployment. What it returns ends that: the
// ReplicaSet, which wants count tasks, is let go, then the Deployment is gone.
func (p *play) orphan(count int32) (gone func()) {
	d := kubetest.All[*appsv1.Deployment](p.server)[0].DeepCopy()
	set := &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{
		Namespace: d.Namespace, Name: d.Name + "-1", OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(d, appsv1.SchemeGroupVersion.WithKind("Deployment"))},
	}, Spec: appsv1.ReplicaSetSpec{Replicas: &count}}
	p.must(p.life.client.Create(p.ctx, set))
	for _, pod := range kubetest.All[*corev1.Pod](p.server) {
		owned := pod.DeepCopy()
		owned.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(set, appsv1.SchemeGroupVersion.WithKind("ReplicaSet"))}
		p.must(p.life.client.Update(p.ctx, owned))
	}
	d.Finalizers = []string{metav1.FinalizerOrphanDependents}
	p.must(p.life.client.Update(p.ctx, d))
	p.must(p.life.client.Delete(p.ctx, d))
	return func() {
		set.OwnerReferences = nil
		p.must(p.life.client.Update(p.ctx, set))
		d := kubetest.All[*appsv1.Deployment](p.server)[0].DeepCopy()
		d.Finalizers = nil
		p.must(p.life.client.Update(p.ctx, d))
	}
}

// alone lets Gantry do what it can while nothing else happens.
func (p *play) alone() {
	for until := p.clock.Add(time.Second); p.clock.Before(until); p.clock = p.clock.Add(afterError / 2) {
		p.show()
		for _, c := range p.gantry.busy(p.clock) {
			if err := c.step(p.ctx, p.r, p.clock); err != nil {
				p.note("%v", err) // it comes again
			}
		}
	}
}

// show lets Gantry see all that has happened.
func (p *play) show() {
	for _, w := range p.server.Watches() {
		w.Show(w.Waiting())
	}
}

// soundPlay is a service at rest with that many tasks, which may have one more and
// must have no more than one less. Its pods are such as fits says, nil for any.
func soundPlay(t *testing.T, tasks int, fits func(*corev1.Pod) bool) *play {
	t.Helper()
	for seed := uint64(1); ; seed++ {
		p := newPlay(t, seed)
		if !p.ref.primary.sound {
			p.gantry.end()
			continue
		}
		p.ref.desired, p.ref.minimum, p.ref.maximum = tasks, 75, 125
		p.unchanged("scale", &ecs.UpdateServiceInput{DesiredCount: aws.Int32(int32(tasks)), DeploymentConfiguration: p.configuration()})
		p.rest()
		if t.Failed() {
			t.Fatal(p.log)
		}
		if fits == nil || fits(p.pods()[0]) {
			return p
		}
		p.gantry.end()
	}
}

// TestServiceAfterAnOrphanedOne: what `kubectl delete ecsservice --cascade=orphan`
// leaves has the numbers of the next service of the name, and is none of it.
func TestServiceAfterAnOrphanedOne(t *testing.T) {
	for _, controlled := range []bool{false, true} {
		p := soundPlay(t, 2, nil)
		svc := kubetest.All[*v1alpha1.ECSService](p.server)[0]
		before := kubetest.All[*appsv1.Deployment](p.server)[0]
		p.must(p.life.client.Delete(p.ctx, svc))
		if !controlled { // where they are, the garbage collector has not come yet
			p.disown()
		}
		p.show()
		p.create()
		p.alone() // what is in the way is removed
		p.rest()
		after := kubetest.All[*appsv1.Deployment](p.server)
		if len(after) == 0 || slices.ContainsFunc(after, func(d *appsv1.Deployment) bool { return d.UID == before.UID }) {
			t.Errorf("controlled %v: there are %d Deployments, or that of the service before is one of them", controlled, len(after))
		}
		if t.Failed() {
			t.Fatal(strings.Join(p.log, "\n"))
		}
		p.gantry.end()
	}
}

// disown takes the owner off all that a service owns.
func (p *play) disown() {
	owned := []client.Object{}
	for _, d := range kubetest.All[*appsv1.Deployment](p.server) {
		owned = append(owned, d.DeepCopy())
	}
	for _, r := range kubetest.All[*v1alpha1.ServiceDeployment](p.server) {
		owned = append(owned, r.DeepCopy())
	}
	for _, obj := range owned {
		obj.SetOwnerReferences(nil)
		p.must(p.life.client.Update(p.ctx, obj))
	}
}
