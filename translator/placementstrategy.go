package translator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

const (
	spreadRule = "spread: over the label that the attribute is, instanceId and host over the nodes, among the tasks of the deployment or group; " +
		"ECS goes by one strategy after the other, Kubernetes adds them up, binpack after spread counting for less, and takes no account of nodes without the label"
	packRule = "binpack: nodes with the most tasks under binpack come first; ECS looks for the least CPU or memory left, which a pod cannot ask for: " +
		"both fields come to the same, and what else is on a node counts for nothing"
	randomRule = "random: nothing is set, the scheduler takes any node that has room"
)

var placementStrategyFields = []Field{
	{
		Document: Task, Path: "/placementStrategy/*/type", Class: Translated, To: "Pod /spec/topologySpreadConstraints",
		Rule: spreadRule + "; " + packRule, Except: randomRule,
	},
	{
		Document: Task, Path: "/placementStrategy/*/field", Class: Translated, To: "Pod /spec/topologySpreadConstraints/*/topologyKey",
		Rule: spreadRule + "; " + packRule, Except: "an attribute that is no node's label is refused",
	},
}

// Preferred affinities are weighed against each other alone, and with those that
// the pods which are there have themselves: one task more in a zone counts as much
// as fifty that are packed on a node.
const (
	spreadWeight = 100
	packWeight   = 2
)

// placementStrategy says which nodes are liked best: a strategy is best effort on
// ECS too (Developer Guide, task placement strategies).
func (r *renderer) placementStrategy() {
	for i, s := range r.in.PlacementStrategy {
		at := source{Task, "/placementStrategy/" + strconv.Itoa(i)}
		switch s.Type {
		case types.PlacementStrategyTypeSpread:
			r.spread(at, value(s.Field), packs(r.in.PlacementStrategy[i:]))
		case types.PlacementStrategyTypeBinpack:
			pointer := r.pack()
			r.translatedAs(at.child("type"), pointer, packRule)
			r.translatedAs(at.child("field"), pointer, packRule)
		case types.PlacementStrategyTypeRandom:
			r.note(at.child("type"), Represented, randomRule)
		}
	}
	if packs(r.in.PlacementStrategy) && r.in.InService && len(r.spec.TopologySpreadConstraints) == 0 {
		// The scheduler spreads the pods of a ReplicaSet that says nothing of it, and
		// as strongly as they seek one another. A label that all nodes share spreads nothing.
		r.spreadOver(corev1.LabelOSStable)
	}
}

// spread is over the values of an attribute, or over the instances. A binpack that
// comes after it must not outweigh it, and affinities are weighed against each
// other alone: then it is one of them too.
func (r *renderer) spread(at source, field string, beforePacking bool) {
	key := corev1.LabelHostname
	if name, isAttribute := strings.CutPrefix(field, "attribute:"); isAttribute {
		label, _, reason := labelOf(name, nil)
		if reason != "" {
			r.refuse(at, reason)
			return
		}
		key = label
	}
	if beforePacking {
		r.repel(key)
	}
	pointer := "/spec/topologySpreadConstraints/" + strconv.Itoa(r.spreadOver(key))
	r.translatedAs(at.child("type"), pointer, spreadRule)
	r.translatedAs(at.child("field"), pointer+"/topologyKey", spreadRule)
}

// spreadOver returns the index of the constraint; Kubernetes takes each key once.
func (r *renderer) spreadOver(key string) int {
	constraints := &r.spec.TopologySpreadConstraints
	if i := slices.IndexFunc(*constraints, func(c corev1.TopologySpreadConstraint) bool { return c.TopologyKey == key }); i >= 0 {
		return i
	}
	*constraints = append(*constraints, corev1.TopologySpreadConstraint{
		MaxSkew: 1, TopologyKey: key, WhenUnsatisfiable: corev1.ScheduleAnyway, LabelSelector: r.peers(), MatchLabelKeys: r.sameDeployment(),
	})
	return len(*constraints) - 1
}

// repel prefers the values of a label with few tasks of the service or group.
func (r *renderer) repel(key string) {
	affinity := r.affinity()
	if affinity.PodAntiAffinity == nil {
		affinity.PodAntiAffinity = &corev1.PodAntiAffinity{}
	}
	preferred := &affinity.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution
	*preferred = append(*preferred, corev1.WeightedPodAffinityTerm{
		Weight: spreadWeight, PodAffinityTerm: corev1.PodAffinityTerm{
			TopologyKey: key, LabelSelector: r.peers(), MatchLabelKeys: r.sameDeployment(),
		},
	})
}

// sameDeployment lets the tasks of a deployment be counted apart from those of the
// one that it takes over from: where these are none is where all of the new ones
// would go, and be left together.
func (r *renderer) sameDeployment() []string {
	if r.in.InService {
		return []string{v1alpha1.DeploymentLabel}
	}
	return nil
}

// pack lets the task seek those under binpack. It seeks no others: an affinity
// works both ways, and would draw to it tasks that were not asked to be packed.
func (r *renderer) pack() (pointer string) {
	affinity := r.affinity()
	if affinity.PodAffinity == nil {
		affinity.PodAffinity = &corev1.PodAffinity{
			PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{{
				Weight: packWeight,
				PodAffinityTerm: corev1.PodAffinityTerm{
					TopologyKey: corev1.LabelHostname, NamespaceSelector: &metav1.LabelSelector{},
					LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{v1alpha1.PackedLabel: "true"}},
				},
			}},
		}
	}
	return "/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/0"
}

// packs says whether a strategy is to fill nodes.
func packs(strategy []types.PlacementStrategy) bool {
	return slices.ContainsFunc(strategy, func(s types.PlacementStrategy) bool { return s.Type == types.PlacementStrategyTypeBinpack })
}
