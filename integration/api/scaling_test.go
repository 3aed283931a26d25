package api

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/controllers/scaling"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/localcluster"
)

// scaled is a service with the scaling controller.
type scaled struct {
	*replica
	cluster, resource, namespace string
	controller                   *scaling.Controller
}

func newScaled(t *testing.T, count int32) *scaled { return newScaledOn(t, kubernetes, count) }

func newScaledOn(t *testing.T, on *rest.Config, count int32) *scaled {
	t.Helper()
	r := newReplica(t, on)
	cluster := r.service(t, count)
	return &scaled{
		replica: r, cluster: cluster, resource: "service/" + cluster + "/web",
		namespace:  kube.ClusterNamespace(v1alpha1.Identity{Account: kube.DefaultAccount, Region: kube.DefaultRegion}, cluster),
		controller: scaling.New(scaling.Config{Store: r.store, Now: time.Now, Log: zap.NewNop()}),
	}
}

func (s *scaled) register(t *testing.T, low, high *int32) {
	t.Helper()
	_, err := s.scaling.RegisterScalableTarget(t.Context(), &aas.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &s.resource,
		ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, MinCapacity: low, MaxCapacity: high,
	})
	ok(t, err)
}

func (s *scaled) put(t *testing.T, name string, metric types.MetricType, target float64) {
	t.Helper()
	_, err := s.scaling.PutScalingPolicy(t.Context(), &aas.PutScalingPolicyInput{
		PolicyName: &name, PolicyType: types.PolicyTypeTargetTrackingScaling, ServiceNamespace: types.ServiceNamespaceEcs,
		ResourceId: &s.resource, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
		TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
			TargetValue: &target, PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: metric},
		},
	})
	ok(t, err)
}

func (s *scaled) deletePolicy(t *testing.T, name string) {
	t.Helper()
	_, err := s.scaling.DeleteScalingPolicy(t.Context(), &aas.DeleteScalingPolicyInput{
		PolicyName: &name, ServiceNamespace: types.ServiceNamespaceEcs,
		ResourceId: &s.resource, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
	})
	ok(t, err)
}

// settle reconciles as a queue would, until a time changes nothing.
func (s *scaled) settle(t *testing.T) {
	t.Helper()
	request := kube.Request(s.namespace, "web")
	waitFor(t, 10*time.Second, "the target is settled", func() bool {
		before := s.writes.count()
		result, err := s.controller.Reconcile(t.Context(), request)
		if err != nil && !strings.Contains(err.Error(), errCut.Error()) {
			t.Fatal(err)
		}
		return err == nil && result.RequeueAfter != 10*time.Millisecond && s.writes.count() == before
	})
}

func (s *scaled) target(t *testing.T) *v1alpha1.ScalableTarget {
	t.Helper()
	target, found, err := s.store.Targets.Live(t.Context(), s.namespace, "web")
	if err != nil || !found {
		t.Fatalf("read the target: found %v, %v", found, err)
	}
	return target
}

func (s *scaled) desired(t *testing.T) int32 {
	t.Helper()
	return s.service(t).Spec.DesiredCount
}

func (s *scaled) service(t *testing.T) *v1alpha1.ECSService {
	t.Helper()
	svc, found, err := s.store.Services.Live(t.Context(), s.namespace, "web")
	if err != nil || !found {
		t.Fatalf("read the service: found %v, %v", found, err)
	}
	return svc
}

// runs plays the service controller: it has looked, and so many tasks are running.
func (s *scaled) runs(t *testing.T, count int32) {
	t.Helper()
	svc := s.service(t)
	_, err := s.store.Services.PatchStatus(t.Context(), svc, kube.Fields{"status": kube.Fields{"runningCount": count, "observedGeneration": svc.Generation}})
	ok(t, err)
}

// scales plays Kubernetes' autoscaler: it sets the count and says so.
func (s *scaled) scales(t *testing.T, from, to int32, at time.Time) {
	t.Helper()
	svc := &v1alpha1.ECSService{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "web"}}
	_, err := s.store.Services.Patch(t.Context(), svc, kube.Fields{"spec": kube.Fields{"desiredCount": to}})
	ok(t, err)
	autoscaler := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "web"}}
	_, err = s.store.Autoscalers.PatchStatus(t.Context(), autoscaler, kube.Fields{"status": autoscalingv2.HorizontalPodAutoscalerStatus{
		CurrentReplicas: from, DesiredReplicas: to, LastScaleTime: &metav1.Time{Time: at},
	}})
	ok(t, err)
}

// autoscaler waits until the collection agrees with the API server: only the
// watch tells it of a deletion.
func (s *scaled) autoscaler(t *testing.T) *autoscalingv2.HorizontalPodAutoscaler {
	t.Helper()
	var live *autoscalingv2.HorizontalPodAutoscaler
	waitFor(t, 5*time.Second, "the watch shows what the API server holds", func() bool {
		var found bool
		var err error
		live, found, err = s.store.Autoscalers.Live(t.Context(), s.namespace, "web")
		ok(t, err)
		_, held := s.store.Autoscalers.Get(s.namespace, "web")
		return found == held
	})
	return live
}

func (s *scaled) activities(t *testing.T) []string {
	t.Helper()
	out, err := s.scaling.DescribeScalingActivities(t.Context(), &aas.DescribeScalingActivitiesInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &s.resource,
	})
	ok(t, err)
	lines := []string{}
	for _, a := range out.ScalingActivities {
		cause, _, _ := strings.Cut(*a.Cause, " TargetTracking-")
		lines = append(lines, fmt.Sprintf("%s %s %s", a.StatusCode, *a.Description, cause))
	}
	return lines
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("activities (-want +got):\n%s", diff)
	}
}

func TestAutoscalerFollowsThePolicies(t *testing.T) {
	s := newScaled(t, 2)
	s.register(t, aws.Int32(1), aws.Int32(4))
	s.settle(t)
	if got := s.autoscaler(t); got != nil {
		t.Fatalf("there is an autoscaler without a policy: %+v", got.Spec)
	}
	s.put(t, "cpu", types.MetricTypeECSServiceAverageCPUUtilization, 50)
	s.settle(t)
	first := s.autoscaler(t)
	if first == nil || first.Spec.ScaleTargetRef.Kind != "ECSService" || *first.Spec.MinReplicas != 1 || first.Spec.MaxReplicas != 4 || len(first.Spec.Metrics) != 1 {
		t.Fatalf("the autoscaler is %+v", first)
	}
	if owner := metav1.GetControllerOf(first); owner == nil || owner.Kind != "ECSService" || owner.Name != "web" {
		t.Errorf("the autoscaler's owner is %+v, want the service", owner)
	}

	s.register(t, nil, aws.Int32(6))
	s.put(t, "memory", types.MetricTypeECSServiceAverageMemoryUtilization, 75)
	s.settle(t)
	second := s.autoscaler(t)
	if second.UID != first.UID || second.Spec.MaxReplicas != 6 || len(second.Spec.Metrics) != 2 {
		t.Errorf("after a change the autoscaler is %+v", second.Spec)
	}

	s.deletePolicy(t, "memory")
	s.settle(t)
	if got := s.autoscaler(t); len(got.Spec.Metrics) != 1 {
		t.Errorf("one policy is left, the autoscaler has %d metrics", len(got.Spec.Metrics))
	}
	s.deletePolicy(t, "cpu")
	s.settle(t)
	if got := s.autoscaler(t); got != nil {
		t.Errorf("no policy is left, the autoscaler still is: %+v", got.Spec)
	}
}

// An API server that drops the tolerances is not asked for them again and again:
// settle would wait in vain.
func TestAutoscalerOnOlderKubernetes(t *testing.T) {
	t.Parallel()
	config := startCluster(t, localcluster.Options{APIServerArgs: []string{"--emulated-version=1.34"}})
	s := newScaledOn(t, config, 2)
	s.register(t, aws.Int32(1), aws.Int32(4))
	s.put(t, "cpu", types.MetricTypeECSServiceAverageCPUUtilization, 50)
	s.settle(t)
	autoscaler := s.autoscaler(t)
	if autoscaler == nil || autoscaler.Spec.Behavior.ScaleUp.Tolerance != nil {
		t.Fatalf("the autoscaler is %+v; this API server was to drop the tolerance", autoscaler)
	}
	s.register(t, nil, aws.Int32(6))
	s.settle(t)
	if got := s.autoscaler(t).Spec.MaxReplicas; got != 6 {
		t.Errorf("maxReplicas is %d after a change to 6", got)
	}
}

func TestAutoscalerGoesWithTheService(t *testing.T) {
	for name, end := range map[string]func(*scaled, context.Context) error{
		"deregistered": func(s *scaled, ctx context.Context) error {
			_, err := s.scaling.DeregisterScalableTarget(ctx, &aas.DeregisterScalableTargetInput{
				ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &s.resource, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
			})
			return err
		},
		"service deleted": func(s *scaled, ctx context.Context) error {
			_, err := s.ecs.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: &s.cluster, Service: aws.String("web"), Force: aws.Bool(true)})
			return err
		},
		"target removed": func(s *scaled, ctx context.Context) error {
			return s.store.Client.Delete(ctx, &v1alpha1.ScalableTarget{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "web"}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScaled(t, 1)
			s.register(t, aws.Int32(1), aws.Int32(4))
			s.put(t, "cpu", types.MetricTypeECSServiceAverageCPUUtilization, 50)
			s.settle(t)
			if s.autoscaler(t) == nil {
				t.Fatal("there is no autoscaler")
			}
			ok(t, end(s, t.Context()))
			waitFor(t, 5*time.Second, "the autoscaler is gone", func() bool {
				s.settle(t)
				return s.autoscaler(t) == nil
			})
		})
	}
}

func TestARegistrationMovesTheCountOnce(t *testing.T) {
	s := newScaled(t, 1)
	s.register(t, aws.Int32(3), aws.Int32(5))
	s.settle(t)
	if got := s.desired(t); got != 3 {
		t.Fatalf("desired count is %d, want the minimum 3", got)
	}
	wantLines(t, s.activities(t), "InProgress Setting desired count to 3. minimum capacity was set to 3")
	s.runs(t, 3)
	s.settle(t)
	wantLines(t, s.activities(t), "Successful Setting desired count to 3. minimum capacity was set to 3")

	_, err := s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: aws.String("web"), DesiredCount: aws.Int32(0)})
	ok(t, err)
	s.settle(t)
	if got := s.desired(t); got != 0 {
		t.Errorf("desired count is %d, want the 0 that UpdateService has set", got)
	}

	s.register(t, nil, aws.Int32(4))
	s.settle(t)
	if got := s.desired(t); got != 3 {
		t.Errorf("desired count is %d after another registration, want the minimum 3", got)
	}
}

// TestACountBelowTheMinimumStays until something is scaled: the autoscaler's own
// minimum goes down to it, and back to the range's once the autoscaler has scaled.
func TestACountBelowTheMinimumStays(t *testing.T) {
	s := newScaled(t, 3)
	s.register(t, aws.Int32(3), aws.Int32(8))
	s.put(t, "cpu", types.MetricTypeECSServiceAverageCPUUtilization, 50)
	minimum := func(what string, want int32) {
		t.Helper()
		s.settle(t)
		if got := *s.autoscaler(t).Spec.MinReplicas; got != want {
			t.Errorf("the autoscaler's minimum is %d %s, want %d", got, what, want)
		}
	}
	minimum("in the range", 3)
	_, err := s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: aws.String("web"), DesiredCount: aws.Int32(1)})
	ok(t, err)
	minimum("with a desired count of 1", 1)
	if got := s.desired(t); got != 1 {
		t.Errorf("desired count is %d, want the 1 that UpdateService has set", got)
	}
	s.scales(t, 1, 2, time.Now().Truncate(time.Second))
	minimum("after a scale-out", 3)
}

func TestActivitiesOfTheAutoscaler(t *testing.T) {
	s := newScaled(t, 1)
	s.register(t, aws.Int32(1), aws.Int32(8))
	s.put(t, "cpu", types.MetricTypeECSServiceAverageCPUUtilization, 50)
	s.settle(t)
	s.autoscaler(t)
	began := time.Now().Truncate(time.Second)

	s.scales(t, 1, 3, began)
	s.settle(t)
	wantLines(t, s.activities(t), "InProgress Setting desired count to 3. monitor alarm")
	s.scales(t, 3, 6, began.Add(time.Second))
	s.settle(t)
	s.runs(t, 6)
	s.settle(t)
	s.scales(t, 6, 2, began.Add(2*time.Second))
	s.runs(t, 2)
	s.settle(t)
	wantLines(t, s.activities(t),
		"Successful Setting desired count to 2. monitor alarm",
		"Successful Setting desired count to 6. monitor alarm",
		"Overridden Setting desired count to 3. monitor alarm")

	out, err := s.scaling.DescribeScalingActivities(t.Context(), &aas.DescribeScalingActivitiesInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &s.resource, MaxResults: aws.Int32(2),
	})
	ok(t, err)
	if !strings.Contains(*out.ScalingActivities[0].Cause, "AlarmLow") || !strings.Contains(*out.ScalingActivities[1].Cause, "AlarmHigh") {
		t.Errorf("the causes are %q and %q, want the low and the high alarm", *out.ScalingActivities[0].Cause, *out.ScalingActivities[1].Cause)
	}
	rest, err := s.scaling.DescribeScalingActivities(t.Context(), &aas.DescribeScalingActivitiesInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &s.resource, MaxResults: aws.Int32(2), NextToken: out.NextToken,
	})
	ok(t, err)
	if len(rest.ScalingActivities) != 1 || rest.NextToken != nil {
		t.Errorf("the second page has %d activities and the token %v, want the last one", len(rest.ScalingActivities), aws.ToString(rest.NextToken))
	}
}

// Whatever write is cut, before it is made or before its answer is back, the
// next try ends in the same state, with one activity for one change.
func TestScalingWithEachWriteCut(t *testing.T) {
	const writesOfARun = 4 // activity, count, autoscaler, status
	eachCut(t, writesOfARun, func(t *testing.T, n int, how fate) {
		s := newScaled(t, 7)
		s.register(t, aws.Int32(1), aws.Int32(4))
		s.put(t, "cpu", types.MetricTypeECSServiceAverageCPUUtilization, 50)
		s.writes.fail(n, how)
		if _, err := s.controller.Reconcile(t.Context(), kube.Request(s.namespace, "web")); err == nil {
			t.Fatalf("a run makes %d writes, the cut one is no. %d", s.writes.count(), n)
		}
		s.writes.fail(0, lost)
		s.settle(t)
		wantLines(t, s.activities(t), "InProgress Setting desired count to 4. maximum capacity was set to 4")
		if got := s.desired(t); got != 4 {
			t.Errorf("desired count is %d, want 4", got)
		}
		if s.autoscaler(t) == nil {
			t.Error("there is no autoscaler")
		}
		if target := s.target(t); !target.Status.RangeAppliedFor.Equal(target.Spec.RegisteredAt) {
			t.Errorf("the range was applied for %v, want %v", target.Status.RangeAppliedFor, target.Spec.RegisteredAt)
		}
	})
}

// Calls at the same time each end in what they asked for.
func TestPoliciesPutAtOnce(t *testing.T) {
	s := newScaled(t, 1)
	s.register(t, aws.Int32(1), aws.Int32(4))
	ended := make(chan error, 2)
	for name, metric := range map[string]types.MetricType{
		"cpu": types.MetricTypeECSServiceAverageCPUUtilization, "memory": types.MetricTypeECSServiceAverageMemoryUtilization,
	} {
		go func() {
			_, err := s.scaling.PutScalingPolicy(t.Context(), &aas.PutScalingPolicyInput{
				PolicyName: &name, PolicyType: types.PolicyTypeTargetTrackingScaling, ServiceNamespace: types.ServiceNamespaceEcs,
				ResourceId: &s.resource, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
				TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
					TargetValue: aws.Float64(50), PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: metric},
				},
			})
			ended <- err
		}()
	}
	for range 2 {
		ok(t, <-ended)
	}
	out, err := s.scaling.DescribeScalingPolicies(t.Context(), &aas.DescribeScalingPoliciesInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &s.resource,
	})
	ok(t, err)
	if len(out.ScalingPolicies) != 2 || *out.ScalingPolicies[0].PolicyName != "cpu" || *out.ScalingPolicies[1].PolicyName != "memory" {
		t.Errorf("the policies are %+v, want cpu and memory", out.ScalingPolicies)
	}
}
