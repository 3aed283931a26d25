package kube

import (
	"maps"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// taskPod is a pod as a watch brings it: nothing of it is anybody else's.
func taskPod(uid, node string) *corev1.Pod {
	fresh := func(s string) string { return string([]byte(s)) }
	one := int64(1)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: fresh("ns"), Name: "p-" + uid, UID: types.UID(uid), ResourceVersion: "1",
			Labels:      map[string]string{fresh(v1alpha1.ClusterLabel): fresh("c")},
			Annotations: map[string]string{v1alpha1.TaskAnnotation: fresh("{...}"), v1alpha1.CreatedAtAnnotation: uid},
		},
		Spec: corev1.PodSpec{
			NodeName: node, TerminationGracePeriodSeconds: &one,
			Containers: []corev1.Container{{
				Name: fresh("web"), Image: fresh("image"), Env: []corev1.EnvVar{{Name: fresh("A"), Value: fresh("b")}},
				Resources: corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")}},
			}},
		},
		Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: fresh("web"), ContainerID: "c-" + uid}}},
	}
}

func TestHeldPodsHaveWhatIsAlikeOnce(t *testing.T) {
	c := podCollection()
	first, second := taskPod("1", "n"), taskPod("2", "n")
	wanted := second.DeepCopy()
	c.store(first)
	before := first.DeepCopy()
	c.store(second)
	if diff := cmp.Diff(wanted, second); diff != "" {
		t.Errorf("sharing has changed the pod (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, first); diff != "" {
		t.Errorf("sharing has changed its model (-want +got):\n%s", diff)
	}
	if &first.Spec.Containers[0] != &second.Spec.Containers[0] || first.Spec.TerminationGracePeriodSeconds != second.Spec.TerminationGracePeriodSeconds {
		t.Error("the parts of the spec are held twice")
	}
	if &first.Status.ContainerStatuses[0] == &second.Status.ContainerStatuses[0] {
		t.Error("statuses that differ are one")
	}
	for what, texts := range map[string][2]string{
		"the namespace":                   {first.Namespace, second.Namespace},
		"an annotation that both have":    {first.Annotations[v1alpha1.TaskAnnotation], second.Annotations[v1alpha1.TaskAnnotation]},
		"a name in statuses that differ":  {first.Status.ContainerStatuses[0].Name, second.Status.ContainerStatuses[0].Name},
		"a label of a map that both have": {first.Labels[v1alpha1.ClusterLabel], second.Labels[v1alpha1.ClusterLabel]},
	} {
		if unsafe.StringData(texts[0]) != unsafe.StringData(texts[1]) {
			t.Errorf("%s is held twice", what)
		}
	}
}

func TestPodThatDiffersSharesItsParts(t *testing.T) {
	c := podCollection()
	first, other := taskPod("1", "n"), taskPod("2", "m")
	other.Annotations[v1alpha1.FamilyAnnotation], first.Annotations[v1alpha1.FamilyAnnotation] = "f", "f"
	other.Annotations[v1alpha1.TaskAnnotation] = "{other}"
	other.Spec.Containers[0].Env[0].Value = "c"
	c.store(first)
	c.store(other)
	a, b := &first.Spec.Containers[0], &other.Spec.Containers[0]
	if a == b || a.Env[0].Value != "b" || b.Env[0].Value != "c" {
		t.Fatalf("containers that differ are mixed: %v and %v", a.Env, b.Env)
	}
	if unsafe.StringData(a.Image) != unsafe.StringData(b.Image) {
		t.Error("their image is held twice")
	}
	if !maps.Equal(a.Resources.Limits, b.Resources.Limits) {
		t.Error("their limits differ")
	}
}

// TestModelsForgetWhatIsGone: they keep no object, and no entry for long.
func TestModelsForgetWhatIsGone(t *testing.T) {
	m := newModels[corev1.Pod](func(pod *corev1.Pod) []string { return []string{string(pod.UID)} })
	for i := range 100 * fewModels {
		m.remember(taskPod(string(rune(i)), ""))
	}
	if len(m.last) > 50*fewModels {
		t.Errorf("%d entries for objects that nobody holds", len(m.last))
	}
}
