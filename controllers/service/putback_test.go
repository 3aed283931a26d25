package service_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube/kubetest"
)

// takeOff takes labels and annotations off a pod, as an operator does.
func (p *play) takeOff(pod *corev1.Pod, keys ...string) {
	p.Helper()
	changed := pod.DeepCopy()
	for _, key := range keys {
		delete(changed.Labels, key)
		delete(changed.Annotations, key)
	}
	p.note("%s loses %v", pod.Name, keys)
	p.must(p.life.client.Update(p.ctx, changed))
}

// TestTasksGetBackWhatTheyLost: whatever is taken off a task of a service, in the end
// there are as many tasks as are wanted, each with all that its template says.
func TestTasksGetBackWhatTheyLost(t *testing.T) {
	const tasks = 3
	p := soundPlay(t, tasks, nil)
	defer p.gantry.end()
	template := kubetest.All[*appsv1.Deployment](p.server)[0].Spec.Template
	losses := map[string][]string{
		"every annotation":             slices.Collect(maps.Keys(template.Annotations)),
		"every annotation and cluster": append(slices.Collect(maps.Keys(template.Annotations)), v1alpha1.ClusterLabel),
		"number and startedBy":         {v1alpha1.DeploymentLabel, v1alpha1.StartedByAnnotation},
	}
	for _, key := range slices.Concat(slices.Collect(maps.Keys(template.Annotations)), slices.Collect(maps.Keys(template.Labels))) {
		losses[key] = []string{key}
	}
	losses[appsv1.DefaultDeploymentUniqueLabelKey] = []string{appsv1.DefaultDeploymentUniqueLabelKey}
	for _, name := range slices.Sorted(maps.Keys(losses)) {
		p.takeOff(p.pods()[0], losses[name]...)
		p.rest()
		p.whole(name, tasks, template)
		if t.Failed() {
			t.Fatal(strings.Join(p.log, "\n"))
		}
	}
}

// whole checks that there are so many tasks, and that they lack nothing.
func (p *play) whole(what string, tasks int, template corev1.PodTemplateSpec) {
	p.Helper()
	wanted := maps.Clone(template.Labels)
	wanted[appsv1.DefaultDeploymentUniqueLabelKey] = setHash
	pods := p.pods()
	if len(pods) != tasks {
		p.Errorf("without %s: there are %d tasks, want %d", what, len(pods), tasks)
	}
	for _, pod := range pods {
		if !maps.Equal(pod.Labels, wanted) {
			p.Errorf("without %s: labels are %v, want %v", what, pod.Labels, wanted)
		}
		for key, value := range template.Annotations {
			if pod.Annotations[key] != value {
				p.Errorf("without %s: annotation %s is %q, want %q", what, key, pod.Annotations[key], value)
			}
		}
	}
}

// TestStoppedTasksStayWithoutTheirLabels: a stop takes the service's label off.
func TestStoppedTasksStayWithoutTheirLabels(t *testing.T) {
	for _, marks := range []map[string]string{
		{v1alpha1.StopCodeAnnotation: "UserInitiated"},
		{v1alpha1.StopCodeAnnotation: "ServiceSchedulerInitiated", v1alpha1.StopAtAnnotation: "2030-01-01T01:00:00Z"},
	} {
		p := soundPlay(t, 2, nil)
		pod := p.pods()[0].DeepCopy()
		maps.Copy(pod.Annotations, marks)
		p.takeOff(pod, v1alpha1.ServiceLabel)
		p.alone()
		for _, now := range kubetest.All[*corev1.Pod](p.server) {
			if now.UID == pod.UID && now.Labels[v1alpha1.ServiceLabel] != "" {
				t.Errorf("a pod marked %v has its service's label again", marks)
			}
		}
		p.gantry.end()
	}
}
