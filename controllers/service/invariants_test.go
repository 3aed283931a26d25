package service_test

import (
	"cmp"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/kube/kubetest"
)

// wrote looks at each write of Gantry's: by changing the size of a Deployment it
// starts and stops tasks. What Gantry could not know yet is nobody's fault: tasks
// are counted as its watches have shown them, where that is to its favour.
func (p *play) wrote(before, after client.Object) {
	if rollout, ok := after.(*v1alpha1.ServiceDeployment); ok {
		s := rollout.Status
		p.note("%s: %s, %d failed, %d healthy", rollout.Name, s.RolloutState, s.FailedTasks, s.HealthyTasks)
	}
	object, ok := after.(*appsv1.Deployment)
	if !ok {
		return
	}
	svc, found := p.gantry.store.Services.Get(object.Namespace, object.Labels[v1alpha1.ServiceLabel])
	if !found {
		p.must(fmt.Errorf("Deployment %s is of no service", object.Name))
		return
	}
	was, is := int32(0), *object.Spec.Replicas
	if old, ok := before.(*appsv1.Deployment); ok {
		was = *old.Spec.Replicas
	}
	p.note("%s from %d to %d tasks", object.Name, was, is)
	limits := &reference{desired: int(svc.Spec.DesiredCount), minimum: int(svc.Spec.MinimumHealthyPercent), maximum: int(svc.Spec.MaximumPercent)}
	switch {
	case is > was:
		p.checkStart(svc, object, limits)
	case is < was:
		p.checkStop(object, int(was), limits)
	}
}

// checkStart: only the newest deployment may start tasks, no failed one, and
// never more than the upper limit.
func (p *play) checkStart(svc *v1alpha1.ECSService, object *appsv1.Deployment, limits *reference) {
	newest := svc.Spec.Deployments[len(svc.Spec.Deployments)-1]
	if object.Name != kube.DeploymentName(svc.Name, newest.Number) {
		p.must(fmt.Errorf("%s starts tasks, and deployment %d is the newest", object.Name, newest.Number))
	}
	if svc.Status.FailedDeployment == newest.Number {
		p.must(fmt.Errorf("%s starts tasks, and it has failed", object.Name))
	}
	there, all := 0, ""
	for _, d := range kubetest.All[*appsv1.Deployment](p.server) {
		own := slices.DeleteFunc(p.pods(), func(pod *corev1.Pod) bool {
			known, found := p.gantry.store.Pods.Get(pod.Namespace, pod.Name)
			return !ownedBy(pod, d) || !found || !stands(known)
		})
		there += max(int(*d.Spec.Replicas), len(own))
		all += fmt.Sprintf(" %s wants %d and has", d.Name, *d.Spec.Replicas)
		for _, pod := range own {
			all += " " + pod.Name
		}
	}
	if there > limits.upper() {
		p.must(fmt.Errorf("%s is to have %d tasks, and all together %d: the upper limit is %d:%s", object.Name, *object.Spec.Replicas, there, limits.upper(), all))
	}
}

// checkStop: what the ReplicaSets keep must be enough for the lower limit, if
// there was enough before, and hold all that is protected.
func (p *play) checkStop(object *appsv1.Deployment, was int, limits *reference) {
	before, after := 0, 0
	for _, d := range p.gantry.store.Deployments.All() {
		size := int(*d.Spec.Replicas)
		if d.Name != object.Name {
			healthy, _ := p.kept(d, size)
			before, after = before+healthy, after+healthy
			continue
		}
		healthy, _ := p.kept(d, was)
		before += healthy
		healthy, lost := p.kept(d, int(*object.Spec.Replicas))
		after += healthy
		for _, pod := range lost {
			if p.protected(pod) {
				p.must(fmt.Errorf("%s of %s is protected, and the ReplicaSet stops it", pod.Name, object.Name))
			}
		}
	}
	if after < min(limits.lower(), before) {
		p.must(fmt.Errorf("%s goes from %d to %d tasks, and healthy ones from %d to %d: the lower limit is %d",
			object.Name, was, *object.Spec.Replicas, before, after, limits.lower()))
	}
}

// kept is how many healthy tasks a ReplicaSet of that size keeps, and what it stops.
func (p *play) kept(d *appsv1.Deployment, size int) (healthy int, lost []*corev1.Pod) {
	pods := slices.DeleteFunc(p.gantry.store.Pods.All(), func(pod *corev1.Pod) bool {
		return !alive(pod) || !ownedBy(pod, d) || !selects(d, pod)
	})
	slices.SortFunc(pods, func(a, b *corev1.Pod) int { return cmp.Compare(a.Name, b.Name) }) // chance is to be the seed's alone
	ordered := deletionOrder(p.r, pods)
	n := max(0, len(ordered)-size)
	for _, pod := range ordered[n:] {
		if p.serves(pod) {
			healthy++
		}
	}
	return healthy, ordered[:n]
}
