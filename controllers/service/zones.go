package service

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

const (
	// balanceLimit is how long the task that takes the place of another may take to
	// be healthy.
	balanceLimit = 5 * time.Minute
	// balancePause is how long no task is moved after one that helped nothing, because
	// the scheduler had its reasons. How often ECS tries is not documented.
	balancePause = 30 * time.Minute
	// roomPause is when room in the zone with the fewest is looked for again.
	roomPause = time.Minute
)

// zones is how a steady service's tasks are spread over the Availability Zones
// that have an instance for them (Developer Guide, service rebalancing).
type zones struct {
	// tasks are those of the newest deployment, by zone: a zone without an instance
	// for them is among them only as long as it has some.
	tasks map[string]int
	// fewest is the zone with the fewest of those that have an instance, most the one
	// with the most that a scale-in may take one from: the first by name of those alike.
	fewest, most string
	// into is the zone that takes one more: that with the fewest of those in which a
	// node has room for it. Empty where moving a task there would change nothing.
	into string
}

// newZones looks at the zones that have an instance, and at tasks that stay.
func newZones(open map[string]bool, tasks []*task) *zones {
	z, taken := &zones{tasks: map[string]int{}}, map[string]bool{}
	for zone := range open {
		z.tasks[zone] = 0
	}
	for _, t := range tasks {
		if t.zone != "" && t.state.Stays() {
			z.tasks[t.zone]++
			taken[t.zone] = taken[t.zone] || !t.protected
		}
	}
	for _, zone := range slices.Sorted(maps.Keys(z.tasks)) {
		if open[zone] && (z.fewest == "" || z.tasks[zone] < z.tasks[z.fewest]) {
			z.fewest = zone
		}
		if taken[zone] && (z.most == "" || z.tasks[zone] > z.tasks[z.most]) {
			z.most = zone
		}
	}
	return z
}

// uneven says whether moving a task would change something for the better.
func (z *zones) uneven() bool {
	return z.fewest != "" && z.most != "" && z.tasks[z.most]-z.tasks[z.fewest] > 1
}

// find looks for the zone that takes one more.
func (z *zones) find(room func(zone string) bool) {
	for _, zone := range slices.Sorted(maps.Keys(z.tasks)) {
		helps := z.tasks[z.most]-z.tasks[zone] > 1 && (z.into == "" || z.tasks[zone] < z.tasks[z.into])
		if helps && room(zone) {
			z.into = zone
		}
	}
}

// balanced says whether nothing would, not even if no task was protected.
func (z *zones) balanced() bool {
	for _, n := range z.tasks {
		if z.fewest != "" && n-z.tasks[z.fewest] > 1 {
			return false
		}
	}
	return true
}

// String has the fullest zone first, as events of public reports.
func (z *zones) String() string {
	var parts []string
	fullest := slices.SortedFunc(maps.Keys(z.tasks), func(a, b string) int {
		return cmp.Or(cmp.Compare(z.tasks[b], z.tasks[a]), cmp.Compare(a, b))
	})
	for _, zone := range fullest {
		parts = append(parts, fmt.Sprintf("%d tasks in %s", z.tasks[zone], zone))
	}
	return strings.Join(parts, ", ")
}

func (c *Controller) zoneOf(pod *corev1.Pod) string {
	if node, found := c.Store.Nodes.Get("", pod.Spec.NodeName); found {
		return node.Labels[corev1.LabelTopologyZone]
	}
	return ""
}

// balanceable says whether tasks may be moved at all: not while a deployment moves
// them, or a drain, nor where none can be started before another stops.
func (w *world) balanceable() bool {
	if w.settings.AvailabilityZoneRebalancing != types.AvailabilityZoneRebalancingEnabled || w.external() || w.newest() == nil ||
		w.service.Spec.DeletedAt != nil || w.stateOf(w.newest()) != types.DeploymentRolloutStateCompleted || w.newest().side.Leaving > 0 {
		return false
	}
	_, upper := w.limits()
	return upper > w.desired()
}

// gatherZones looks at a steady service that is to be balanced, nil at others.
func (c *Controller) gatherZones(w *world) *zones {
	if !w.balanceable() || w.newest().object == nil || !w.steady() {
		return nil
	}
	template := &w.newest().object.Spec.Template
	open := map[string]bool{}
	nodes := slices.DeleteFunc(c.Store.Nodes.All(), func(node *corev1.Node) bool {
		return node.Labels[corev1.LabelTopologyZone] == "" || !translator.NodeReady(node) || !translator.TakesDaemon(node, template)
	})
	for _, node := range nodes {
		open[node.Labels[corev1.LabelTopologyZone]] = true
	}
	z := newZones(open, w.newest().tasks)
	if z.uneven() {
		next := translator.NewNeed(&corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec})
		z.find(func(zone string) bool {
			return slices.ContainsFunc(nodes, func(node *corev1.Node) bool {
				return node.Labels[corev1.LabelTopologyZone] == zone &&
					translator.RoomBeside(node, c.Store.Pods.By(kube.ByNode, node.Name)).Refuses(next) == ""
			})
		})
	}
	return z
}

// balancing says whether a task is being moved: one more is started, and when it
// is healthy the scale-in takes one of the zone with the most, as any scale-in does.
func (w *world) balancing() bool { return w.service.Status.RebalancingAt != nil && w.balanceable() }

// extra is the task more that is wanted meanwhile.
func (w *world) extra() int32 {
	if !w.balancing() || w.newest().side.Healthy > w.desired() || w.takenSince(w.service.Status.RebalancingAt.Time) != nil ||
		w.now.Sub(w.service.Status.RebalancingAt.Time) >= balanceLimit {
		return 0
	}
	return 1
}

// startedToBalance says whether the task is the one more: the first that was made
// since one is being moved, if no event told of it.
func (w *world) startedToBalance(r *ring, t *task) bool {
	if !w.balancing() || t.zone == "" {
		return false
	}
	since := w.service.Status.RebalancingAt.Time
	if t.pod.CreationTimestamp.Time.Before(since.Truncate(time.Second)) {
		return false
	}
	return !slices.ContainsFunc(r.events, func(event v1alpha1.ServiceEvent) bool {
		return strings.Contains(event.Message, toBalance) && !event.CreatedAt.Time.Before(since)
	})
}

// takenSince is the task that was chosen to go since then.
func (w *world) takenSince(then time.Time) *task {
	for _, t := range w.newest().tasks {
		at, chosen := w.stoppedByScheduler(t)
		if _, moved := t.pod.Annotations[v1alpha1.RebalancedFromAnnotation]; chosen && moved && !at.Before(then) {
			return t
		}
	}
	return nil
}

const (
	notBalanced = "is not AZ balanced with"
	isBalanced  = "is AZ balanced with"
	toBalance   = "to AZ Rebalance"
)

// keepBalance begins and ends the moving of a task, and tells of it (Developer
// Guide, service rebalancing and its event messages).
func (w *world) keepBalance(r *ring, status *v1alpha1.ECSServiceStatus) {
	switch z, paused := w.zones, status.BalancePausedUntil; {
	case status.RebalancingAt != nil:
		w.endBalance(status)
	case z == nil:
	case !z.uneven():
		if told := r.latest(notBalanced, isBalanced).Message; z.balanced() && strings.Contains(told, notBalanced) {
			r.add(isBalanced+" %s.", z)
		}
	case z.into == "":
		r.once("is unable to place a task in %s because no container instance met all of its requirements.", z.fewest)
		w.LookAgain(roomPause)
	case paused != nil && w.now.Before(paused.Time):
		w.LookAgain(paused.Sub(w.now))
	default:
		r.once(notBalanced+" %s. AZ Rebalancing in progress.", z)
		status.RebalancingAt, status.BalancePausedUntil = timeOf(w.now), nil
	}
}

// endBalance ends the moving of a task when one was chosen to go, or when the one
// that was to take its place did not get healthy. Where that helped nothing, no
// other is moved for a while.
func (w *world) endBalance(status *v1alpha1.ECSServiceStatus) {
	since := status.RebalancingAt.Time
	taken, left := w.takenSince(since), since.Add(balanceLimit).Sub(w.now)
	switch {
	case !w.balanceable():
	case taken != nil && w.helped(taken, since):
	case taken == nil && left > 0:
		w.LookAgain(left)
		return
	default:
		status.BalancePausedUntil = timeOf(w.now.Add(balancePause))
	}
	status.RebalancingAt = nil
}

// helped says whether a task that was started since then is in a zone that has no
// more tasks now than the one that a task was taken from: with each such move the
// service is closer to its balance, so that moves without a pause come to an end.
func (w *world) helped(taken *task, since time.Time) bool {
	counts := map[string]int{}
	for _, t := range w.newest().tasks {
		if t.state.Stays() {
			counts[t.zone]++
		}
	}
	since = since.Truncate(time.Second) // as the times of creation are
	return slices.ContainsFunc(w.newest().tasks, func(t *task) bool {
		return t.state.Stays() && !t.pod.CreationTimestamp.Time.Before(since) && t.zone != taken.zone && counts[taken.zone] >= counts[t.zone]
	})
}
