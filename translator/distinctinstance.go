package translator

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

const distinctRule = "no node that has a task of the service or group, be the other under the constraint or not; " +
	"Kubernetes holds to it the other way round too, and lets no later task of the group onto the node of one under the constraint"

// distinctInstance keeps the task off the nodes that have one of its service or
// group whose desired status is RUNNING (Developer Guide, task placement
// constraints), and returns where the pod says so.
func (r *renderer) distinctInstance() (pointer string) {
	term := corev1.PodAffinityTerm{TopologyKey: corev1.LabelHostname, LabelSelector: r.peers()}
	affinity := r.affinity()
	if affinity.PodAntiAffinity == nil {
		affinity.PodAntiAffinity = &corev1.PodAntiAffinity{}
	}
	required := &affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	if !slices.ContainsFunc(*required, func(other corev1.PodAffinityTerm) bool { return equality.Semantic.DeepEqual(other, term) }) {
		*required = append(*required, term)
	}
	return "/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution"
}

// peers select the tasks of the same service or task group, but for those that
// are to stop.
func (r *renderer) peers() *metav1.LabelSelector {
	label := v1alpha1.GroupLabel
	if r.in.InService {
		label = v1alpha1.ServiceLabel
	}
	return &metav1.LabelSelector{MatchLabels: map[string]string{label: r.in.Group}}
}

func (r *renderer) affinity() *corev1.Affinity {
	if r.spec.Affinity == nil {
		r.spec.Affinity = &corev1.Affinity{}
	}
	return r.spec.Affinity
}
