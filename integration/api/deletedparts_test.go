package api

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/localcluster"
)

// TestDeletedBehindItsBack: what somebody deletes of a service with kubectl is
// made again from the rest, in the middle of a rollout as well as at rest, and
// the rollout ends as if nothing had been.
func TestDeletedBehindItsBack(t *testing.T) {
	t.Parallel()
	config := startCluster(t, localcluster.Options{})
	g, objects := startGantry(t, config), kubernetesClient(t, config)
	for _, fault := range []struct {
		name    string
		list    client.ObjectList
		options []client.DeleteOption
		// takes says that the tasks go with the objects.
		takes bool
		// current says that those of deployments that have ended are lost: nothing
		// else tells what they were.
		current bool
	}{
		{"Deployments", &appsv1.DeploymentList{}, nil, true, false},
		{"Deployments in the foreground", &appsv1.DeploymentList{}, []client.DeleteOption{client.PropagationPolicy(metav1.DeletePropagationForeground)}, true, false},
		{"Deployments, orphaning", &appsv1.DeploymentList{}, []client.DeleteOption{client.PropagationPolicy(metav1.DeletePropagationOrphan)}, false, false},
		{"ReplicaSets", &appsv1.ReplicaSetList{}, nil, true, false},
		{"ReplicaSets, orphaning", &appsv1.ReplicaSetList{}, []client.DeleteOption{client.PropagationPolicy(metav1.DeletePropagationOrphan)}, false, false},
		{"pods", &corev1.PodList{}, nil, true, false},
		{"pods by force", &corev1.PodList{}, []client.DeleteOption{client.GracePeriodSeconds(0)}, true, false},
		{"ServiceRevisions", &v1alpha1.ServiceRevisionList{}, nil, false, true},
		{"ServiceDeployments", &v1alpha1.ServiceDeploymentList{}, nil, false, true},
		{"PodDisruptionBudgets", &policyv1.PodDisruptionBudgetList{}, nil, false, false},
		{"HorizontalPodAutoscalers", &autoscalingv2.HorizontalPodAutoscalerList{}, nil, false, false},
		{"Services", &corev1.ServiceList{}, nil, false, false},
	} {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			s := newFaultScene(t, g.home(), objects)
			s.scales(g)
			s.guard(!fault.takes)
			// A ReplicaSet that is made again starts its tasks beside those of the one
			// before: Kubernetes alone has a hand in this.
			_, s.unbounded = fault.list.(*appsv1.ReplicaSetList)
			lost := 0
			deployment := s.deploy(s.define())
			<-time.After(rand.N(1500 * time.Millisecond)) // the moment is what is random here
			if taken := len(s.deleteAll(fault.list, fault.options)); fault.takes {
				lost += faultUpper
				t.Logf("%d objects were deleted in the middle", taken)
			}
			if s.unbounded {
				lost = max(lost, faultUpper)
			}
			s.arrived(deployment, lost)

			s.drained()
			eventually(t, "what was deleted in the middle is made again", func(context.Context) error {
				if len(s.all(fault.list)) == 0 {
					return errors.New("there is nothing to delete")
				}
				return nil
			})
			before := s.deleteAll(fault.list, fault.options)
			want := len(before)
			if fault.current {
				want = min(want, 1)
			}
			eventually(t, "all is made again", func(ctx context.Context) error {
				if now := s.all(fault.list); len(now) != want || slices.ContainsFunc(now, func(obj client.Object) bool { return obj.GetDeletionTimestamp() != nil || same(obj, before) }) {
					return fmt.Errorf("there are %d, want %d new ones", len(now), want)
				}
				return nil
			})
			if fault.takes {
				lost += faultTasks
			}
			s.arrived(deployment, lost)
			s.arrived(s.deploy(s.define()), 0) // it goes on as ever
			s.ends()
		})
	}
	t.Run("labels taken off", func(t *testing.T) {
		t.Parallel()
		s := newFaultScene(t, g.home(), objects)
		s.scales(g)
		s.arrived(s.deploy(s.define()), 0)
		s.drained() // what goes anyway needs no label
		s.labelsComeBack()
	})
}

// labelsComeBack: an object without its label is in no watch of Gantry's, and has
// it again a moment later. It is the same object: its task has not stopped.
func (s *faultScene) labelsComeBack() {
	s.Helper()
	for _, list := range []client.ObjectList{
		&appsv1.DeploymentList{}, &corev1.PodList{}, &policyv1.PodDisruptionBudgetList{}, &autoscalingv2.HorizontalPodAutoscalerList{}, &corev1.ServiceList{},
	} {
		before := s.all(list)
		for _, obj := range before {
			ok(s.T, s.objects.Patch(context.Background(), obj, unlabelled()))
		}
		eventually(s.T, fmt.Sprintf("%T: labels are back", list), func(context.Context) error {
			now := s.all(list)
			for _, obj := range now {
				if obj.GetLabels()[v1alpha1.ManagedByLabel] != v1alpha1.ManagedBy || !same(obj, before) {
					return fmt.Errorf("%s has labels %v", obj.GetName(), obj.GetLabels())
				}
			}
			if len(now) != len(before) || len(now) == 0 {
				return fmt.Errorf("there are %d, were %d", len(now), len(before))
			}
			return nil
		})
	}
}

func same(obj client.Object, among []client.Object) bool {
	return slices.ContainsFunc(among, func(other client.Object) bool { return other.GetUID() == obj.GetUID() })
}

// scales gives the service an autoscaler, which has nothing to do.
func (s *faultScene) scales(g *gantry) {
	s.Helper()
	ctx, scaling := context.Background(), g.scaling()
	id, dimension := "service/"+s.cluster+"/web", aastypes.ScalableDimensionECSServiceDesiredCount
	_, err := scaling.RegisterScalableTarget(ctx, &aas.RegisterScalableTargetInput{
		ServiceNamespace: aastypes.ServiceNamespaceEcs, ResourceId: &id, ScalableDimension: dimension,
		MinCapacity: aws.Int32(faultTasks), MaxCapacity: aws.Int32(faultTasks),
	})
	ok(s.T, err)
	_, err = scaling.PutScalingPolicy(ctx, &aas.PutScalingPolicyInput{
		ServiceNamespace: aastypes.ServiceNamespaceEcs, ResourceId: &id, ScalableDimension: dimension,
		PolicyName: aws.String("cpu"), PolicyType: aastypes.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &aastypes.TargetTrackingScalingPolicyConfiguration{
			TargetValue: aws.Float64(50),
			PredefinedMetricSpecification: &aastypes.PredefinedMetricSpecification{
				PredefinedMetricType: aastypes.MetricTypeECSServiceAverageCPUUtilization,
			},
		},
	})
	ok(s.T, err)
}

// all are the objects of a kind in the cluster's namespace that are alive.
func (s *faultScene) all(list client.ObjectList) []client.Object {
	s.Helper()
	list = list.DeepCopyObject().(client.ObjectList)
	ok(s.T, s.objects.List(context.Background(), list, client.InNamespace(s.namespace())))
	items, err := apimeta.ExtractList(list)
	ok(s.T, err)
	var all []client.Object
	for _, item := range items {
		obj := item.(client.Object)
		if pod, is := obj.(*corev1.Pod); is && !lives(pod) {
			continue // its task has stopped
		}
		all = append(all, obj)
	}
	return all
}

// drained waits until what carried the deployments before is gone.
func (s *faultScene) drained() {
	s.Helper()
	eventually(s.T, "one Deployment is left, and its ReplicaSet", func(context.Context) error {
		// The ReplicaSet of a Deployment that was over when somebody deleted it and said
		// that it should stay, stays.
		sets := slices.DeleteFunc(s.all(&appsv1.ReplicaSetList{}), func(set client.Object) bool {
			return metav1.GetControllerOf(set) == nil && *set.(*appsv1.ReplicaSet).Spec.Replicas == 0
		})
		if n := len(s.all(&appsv1.DeploymentList{})); n != 1 || len(sets) != 1 {
			return fmt.Errorf("there are %d and %d", n, len(sets))
		}
		return nil
	})
}

// deleteAll deletes all objects of a kind, as `kubectl delete --all` does.
func (s *faultScene) deleteAll(list client.ObjectList, options []client.DeleteOption) []client.Object {
	s.Helper()
	all := s.all(list)
	for _, obj := range all {
		ok(s.T, client.IgnoreNotFound(s.objects.Delete(context.Background(), obj, options...)))
	}
	return all
}
