package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/localcluster"
	"github.com/gantry-ecs/gantry/translator"
)

// instances are a cluster's nodes in several zones, and a Gantry beside them.
type instances struct {
	*testing.T
	objects client.Client
	api     *ecs.Client
}

// newInstances makes, in place of the node that a simulated cluster has, one in
// the zone of each name: a1 and a2 in us-east-1a, b1 in us-east-1b. Each has two
// CPUs and a gibibyte.
func newInstances(t *testing.T, names ...string) *instances {
	t.Helper()
	admin := startCluster(t, localcluster.Options{})
	i := &instances{T: t, objects: kubernetesClient(t, admin)}
	first := corev1.NodeList{}
	ok(t, i.objects.List(t.Context(), &first))
	for n := range first.Items {
		ok(t, i.objects.Delete(t.Context(), &first.Items[n]))
	}
	i.api = startGantry(t, admin).home()
	prepare(t.Context(), t, i.api, "app")
	for _, name := range names {
		i.add(name)
	}
	return i
}

// add makes an instance and waits until Gantry knows what it has: it is DRAINING
// until then.
func (i *instances) add(name string) {
	i.Helper()
	node := &corev1.Node{Spec: corev1.NodeSpec{Unschedulable: true}, ObjectMeta: metav1.ObjectMeta{
		Name:        name,
		Annotations: map[string]string{"kwok.x-k8s.io/node": "fake"},
		Labels: map[string]string{
			corev1.LabelHostname: name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
			corev1.LabelTopologyZone: "us-east-1" + name[:1], "half": name[1:],
		},
	}, Status: corev1.NodeStatus{Allocatable: corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourceMemory: resource.MustParse("1Gi"), corev1.ResourcePods: resource.MustParse("110"),
	}}}
	ok(i.T, i.objects.Create(i.Context(), node))
	awaitNode(i.T, i.objects, node)
	i.cordon(name, false)
	eventually(i.T, name+" takes pods", func(ctx context.Context) error {
		if err := i.objects.Get(ctx, client.ObjectKeyFromObject(node), node); err != nil || len(node.Spec.Taints) == 0 {
			return err //nolint:wrapcheck // said by eventually
		}
		return fmt.Errorf("it has the taints %v", node.Spec.Taints)
	})
	eventually(i.T, "Gantry sees "+name, func(ctx context.Context) error {
		out, err := i.api.StartTask(ctx, &ecs.StartTaskInput{
			TaskDefinition: aws.String("app"), ContainerInstances: []string{strings.ReplaceAll(string(node.UID), "-", "")},
			Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{Name: aws.String("app"), Memory: aws.Int32(1 << 20)}}},
		})
		if err != nil {
			return err //nolint:wrapcheck // said by eventually
		}
		if len(out.Failures) != 1 || aws.ToString(out.Failures[0].Reason) != "RESOURCE:MEMORY" {
			return fmt.Errorf("a task without room has the failures %v", out.Failures)
		}
		return nil
	})
}

// cordon makes an instance DRAINING, or ACTIVE again.
func (i *instances) cordon(name string, draining bool) {
	i.Helper()
	cordon(i.T, i.objects, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}, draining)
}

// awaitNode waits until a node that was made is ready.
func awaitNode(t *testing.T, c client.Client, node *corev1.Node) {
	t.Helper()
	eventually(t, "node "+node.Name+" is ready", func(ctx context.Context) error {
		if err := c.Get(ctx, client.ObjectKeyFromObject(node), node); err != nil || translator.NodeReady(node) {
			return err //nolint:wrapcheck // said by eventually
		}
		return errors.New("it is not")
	})
}

// cordon is kubectl's, or uncordon.
func cordon(t *testing.T, c client.Client, node *corev1.Node, unschedulable bool) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"spec":{"unschedulable":%t}}`, unschedulable)
	ok(t, c.Patch(context.Background(), node, client.RawPatch("application/merge-patch+json", patch)))
}

// awaitNodes waits until the scheduler has placed every task: one that it has
// found no node for, be it that it has not seen the node yet, takes no room.
func (i *instances) awaitNodes() {
	i.Helper()
	eventually(i.T, "every task has a node", func(ctx context.Context) error {
		pods := corev1.PodList{}
		if err := i.objects.List(ctx, &pods, client.MatchingLabels{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy}); err != nil {
			return err //nolint:wrapcheck // said by eventually
		}
		for _, pod := range pods.Items {
			if pod.Spec.NodeName == "" {
				return fmt.Errorf("pod %s has none", pod.Name)
			}
		}
		return nil
	})
}

// spread says how many of a service's tasks, or of a group's, are on the nodes,
// by what comes out for the node's name.
func (i *instances) spread(ctx context.Context, annotation, value string, of func(node string) string) (map[string]int, error) {
	pods := corev1.PodList{}
	if err := i.objects.List(ctx, &pods, client.MatchingLabels{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy}); err != nil {
		return nil, err //nolint:wrapcheck // said by eventually
	}
	counts := map[string]int{}
	for _, pod := range pods.Items {
		if pod.Annotations[annotation] == value && pod.Spec.NodeName != "" && pod.Status.Phase == corev1.PodRunning && pod.Annotations[v1alpha1.StopCodeAnnotation] == "" {
			counts[of(pod.Spec.NodeName)]++
		}
	}
	return counts, nil
}

func zoneOf(node string) string { return node[:1] }
func halfOf(node string) string { return node[1:] }
func itself(node string) string { return node }

// awaitSpread waits until the tasks are on so many nodes, each time so many.
func (i *instances) awaitSpread(annotation, value string, of func(string) string, want ...int) {
	i.Helper()
	eventually(i.T, fmt.Sprintf("the tasks of %s are spread %v", value, want), func(ctx context.Context) error {
		counts, err := i.spread(ctx, annotation, value, of)
		if err != nil {
			return err
		}
		var got []int
		for _, n := range counts {
			got = append(got, n)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			return fmt.Errorf("they are %v", counts)
		}
		return nil
	})
}

func (i *instances) service(name string, count int32, change func(*ecs.CreateServiceInput)) *types.Service {
	i.Helper()
	in := &ecs.CreateServiceInput{ServiceName: aws.String(name), TaskDefinition: aws.String("app"), DesiredCount: aws.Int32(count)}
	change(in)
	out, err := i.api.CreateService(i.Context(), in)
	ok(i.T, err)
	return out.Service
}

func strategy(pairs ...string) []types.PlacementStrategy {
	var list []types.PlacementStrategy
	for n := 0; n < len(pairs); n += 2 {
		list = append(list, types.PlacementStrategy{Type: types.PlacementStrategyType(pairs[n]), Field: aws.String(pairs[n+1])})
	}
	return list
}

var distinct = []types.PlacementConstraint{{Type: types.PlacementConstraintTypeDistinctInstance}}

// TestPlacement: where Kubernetes' scheduler puts tasks with each of ECS's
// strategies and constraints.
func TestPlacement(t *testing.T) {
	t.Parallel()
	i := newInstances(t, "a1", "a2", "b1", "b2", "c1", "c2")
	const byService = v1alpha1.ServiceAnnotation
	i.service("zones", 6, func(in *ecs.CreateServiceInput) {
		in.PlacementStrategy = strategy("spread", "attribute:ecs.availability-zone")
	})
	i.awaitSpread(byService, "zones", zoneOf, 2, 2, 2)
	i.service("hosts", 6, func(in *ecs.CreateServiceInput) { in.PlacementStrategy = strategy("spread", "instanceId") })
	i.awaitSpread(byService, "hosts", itself, 1, 1, 1, 1, 1, 1)
	i.service("halves", 4, func(in *ecs.CreateServiceInput) { in.PlacementStrategy = strategy("spread", "attribute:half") })
	i.awaitSpread(byService, "halves", halfOf, 2, 2)
	i.service("packed", 5, func(in *ecs.CreateServiceInput) { in.PlacementStrategy = strategy("binpack", "memory") })
	i.awaitSpread(byService, "packed", itself, 5)
	i.service("zonesFirst", 6, func(in *ecs.CreateServiceInput) {
		in.PlacementStrategy = strategy("spread", "attribute:ecs.availability-zone", "binpack", "cpu")
	})
	i.awaitSpread(byService, "zonesFirst", zoneOf, 2, 2, 2)
	i.service("member", 2, func(in *ecs.CreateServiceInput) {
		in.PlacementConstraints = []types.PlacementConstraint{{
			Type: types.PlacementConstraintTypeMemberOf, Expression: aws.String("attribute:ecs.availability-zone == us-east-1b"),
		}}
	})
	i.awaitSpread(byService, "member", zoneOf, 2)
	i.service("apart", 7, func(in *ecs.CreateServiceInput) { in.PlacementConstraints = distinct })
	i.awaitSpread(byService, "apart", itself, 1, 1, 1, 1, 1, 1)
	eventually(t, "the service says why one task is not placed", func(ctx context.Context) error {
		return expectEvent(ctx, i.api, "apart", "unable to place a task", "The closest matching (container-instance ", `encountered error "DistinctInstance placement constraint unsatisfied."`)
	})
}

// TestUpdatedPlacement: a service's new placement reaches the tasks of its next
// deployment, and starts none.
func TestUpdatedPlacement(t *testing.T) {
	t.Parallel()
	i := newInstances(t, "a1", "b1")
	before := i.service("web", 4, func(in *ecs.CreateServiceInput) {
		in.PlacementConstraints = []types.PlacementConstraint{{
			Type: types.PlacementConstraintTypeMemberOf, Expression: aws.String("attribute:ecs.availability-zone == us-east-1a"),
		}}
	})
	i.awaitSpread(v1alpha1.ServiceAnnotation, "web", zoneOf, 4)
	out, err := i.api.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Service: aws.String("web"), PlacementConstraints: []types.PlacementConstraint{}, PlacementStrategy: strategy("spread", "host"),
	})
	ok(t, err)
	if n := len(out.Service.Deployments); n != 1 || *out.Service.Deployments[0].Id != *before.Deployments[0].Id {
		t.Errorf("%d deployments after an update of the placement, want the one that there was", n)
	}
	_, err = i.api.UpdateService(t.Context(), &ecs.UpdateServiceInput{Service: aws.String("web"), ForceNewDeployment: true})
	ok(t, err)
	i.awaitSpread(v1alpha1.ServiceAnnotation, "web", zoneOf, 2, 2)
	_, err = i.api.UpdateService(t.Context(), &ecs.UpdateServiceInput{Service: aws.String("web"), PlacementConstraints: []types.PlacementConstraint{{
		Type: types.PlacementConstraintTypeMemberOf, Expression: aws.String("attribute:ecs.instance-type =~ g2.*"),
	}}})
	ok(t, expectError[*types.ClientException](err, "knows no patterns"))
}

// TestRunTaskWithoutRoom: on EC2 a task that no instance has room for is a
// failure of the call.
func TestRunTaskWithoutRoom(t *testing.T) {
	t.Parallel()
	i := newInstances(t)
	run := func(in *ecs.RunTaskInput) (placed int, reasons []string) {
		t.Helper()
		in.TaskDefinition = aws.String("app")
		out, err := i.api.RunTask(t.Context(), in)
		ok(t, err)
		for _, f := range out.Failures {
			reasons = append(reasons, aws.ToString(f.Reason))
			if !strings.Contains(aws.ToString(f.Arn), ":container-instance/default/") {
				t.Errorf("the failure is of %s, want a container instance", aws.ToString(f.Arn))
			}
		}
		return len(out.Tasks), reasons
	}
	expect := func(what string, in *ecs.RunTaskInput, tasks int, failures ...string) {
		t.Helper()
		placed, reasons := run(in)
		if placed != tasks || !slices.Equal(reasons, failures) {
			t.Errorf("%s: %d tasks, failures %q; want %d and %q", what, placed, reasons, tasks, failures)
		}
		i.awaitNodes()
	}
	sized := func(count int32, cpu, memory int32) *ecs.RunTaskInput {
		return &ecs.RunTaskInput{Count: aws.Int32(count), Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
			Name: aws.String("app"), Cpu: aws.Int32(cpu), Memory: aws.Int32(memory),
		}}}}
	}
	_, err := i.api.RunTask(t.Context(), &ecs.RunTaskInput{TaskDefinition: aws.String("app")})
	ok(t, expectError[*types.InvalidParameterException](err, "No Container Instances were found in your cluster."))
	i.add("a1")
	i.add("b1")
	const cpu, memory = "RESOURCE:CPU", "RESOURCE:MEMORY"
	expect("more memory than any instance has", sized(1, 1, 2000), 0, memory)
	expect("no CPU of that size", sized(2, 3000, 16), 0, cpu, cpu)
	expect("one on each, and no third", sized(3, 1, 700), 2, memory)
	expect("the room that is left", sized(2, 1, 250), 2)
	expect("none is left", sized(1, 1, 250), 0, memory)
	placed := func(group string, constraint types.PlacementConstraint, count int32) *ecs.RunTaskInput {
		in := sized(count, 1, 16) // a new one each time: the SDK puts a token into it
		in.PlacementConstraints, in.Group = []types.PlacementConstraint{constraint}, aws.String(group)
		return in
	}
	zones := func(expression string) types.PlacementConstraint {
		return types.PlacementConstraint{
			Type: types.PlacementConstraintTypeMemberOf, Expression: aws.String("attribute:ecs.availability-zone " + expression),
		}
	}
	const noMember = "MemberOf placement constraint unsatisfied."
	expect("distinctInstance", placed("apart", distinct[0], 3), 2, "DistinctInstance placement constraint unsatisfied.")
	expect("a pattern", placed("zones", zones("=~ 'us-east-1[b-z]'"), 1), 1)
	expect("a pattern that nothing matches", placed("zones", zones("=~ 'us-east-1[c-z]'"), 1), 0, noMember)
	expect("no such zone", placed("zones", zones("== us-east-1z"), 1), 0, noMember)
	i.cordon("a1", true)
	i.cordon("b1", true)
	eventually(t, "instances that are DRAINING are not looked at", func(ctx context.Context) error {
		_, err := i.api.RunTask(ctx, &ecs.RunTaskInput{TaskDefinition: aws.String("app")})
		return expectError[*types.InvalidParameterException](err, "No Container Instances were found in your cluster.")
	})
}

// TestRoomIsPromisedOnce: calls that come at once, and before the scheduler has looked
// at the tasks of earlier ones, share what there is, be it that they name the instance.
func TestRoomIsPromisedOnce(t *testing.T) {
	t.Parallel()
	i := newInstances(t, "a1")
	node := &corev1.Node{}
	ok(t, i.objects.Get(t.Context(), client.ObjectKey{Name: "a1"}, node))
	instance := []string{strings.ReplaceAll(string(node.UID), "-", "")}
	tenth := &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{Name: aws.String("app"), Memory: aws.Int32(102)}}}
	run := func(ctx context.Context) (int, error) {
		out, err := i.api.RunTask(ctx, &ecs.RunTaskInput{TaskDefinition: aws.String("app"), Overrides: tenth})
		if err != nil {
			return 0, err //nolint:wrapcheck // said by the test
		}
		return len(out.Tasks), nil
	}
	start := func(ctx context.Context) (int, error) {
		out, err := i.api.StartTask(ctx, &ecs.StartTaskInput{TaskDefinition: aws.String("app"), Overrides: tenth, ContainerInstances: instance})
		if err != nil {
			return 0, err //nolint:wrapcheck // said by the test
		}
		return len(out.Tasks), nil
	}
	var placed atomic.Int32
	calls, ctx := errgroup.WithContext(t.Context())
	for _, call := range []func(context.Context) (int, error){run, start, run, start} {
		calls.Go(func() error {
			for range 3 {
				tasks, err := call(ctx)
				if err != nil {
					return err
				}
				placed.Add(int32(tasks))
			}
			return nil
		})
	}
	ok(t, calls.Wait())
	if placed.Load() != 10 {
		t.Errorf("%d tasks of 102 MiB were placed on a node with 1024, want 10", placed.Load())
	}
}

// TestZonesAreBalanced: tasks that piled up in a zone while another was away are
// moved when it is back, and the service tells of it.
func TestZonesAreBalanced(t *testing.T) {
	t.Parallel()
	i := newInstances(t, "a1", "b1")
	i.cordon("b1", true)
	made := i.service("web", 4, func(*ecs.CreateServiceInput) {})
	if made.AvailabilityZoneRebalancing != types.AvailabilityZoneRebalancingEnabled {
		t.Errorf("availabilityZoneRebalancing is %s, want ENABLED where nothing is asked for", made.AvailabilityZoneRebalancing)
	}
	i.service("left", 4, func(in *ecs.CreateServiceInput) {
		in.AvailabilityZoneRebalancing = types.AvailabilityZoneRebalancingDisabled
	})
	for _, service := range []string{"web", "left"} {
		i.awaitSpread(v1alpha1.ServiceAnnotation, service, zoneOf, 4)
		eventually(t, service+" is steady", func(ctx context.Context) error {
			return expectEvent(ctx, i.api, service, "has reached a steady state")
		})
	}
	i.cordon("b1", false)
	i.awaitSpread(v1alpha1.ServiceAnnotation, "web", zoneOf, 2, 2)
	for _, words := range [][]string{
		{"is not AZ balanced with 4 tasks in us-east-1a, 0 tasks in us-east-1b. AZ Rebalancing in progress."},
		{"has started 1 tasks in us-east-1b to AZ Rebalance: (task "},
		{"has stopped 1 running tasks in us-east-1a due to AZ rebalancing: (task "},
		{"is AZ balanced with 2 tasks in us-east-1a, 2 tasks in us-east-1b."},
	} {
		eventually(t, "the service tells of it", func(ctx context.Context) error { return expectEvent(ctx, i.api, "web", words...) })
	}
	i.awaitSpread(v1alpha1.ServiceAnnotation, "left", zoneOf, 4)
}
