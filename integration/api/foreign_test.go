package api

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/kube"
)

// TestUsersAutoscalerStays: an autoscaler of the service's name that is a user's
// is neither changed nor deleted, however often the target is looked at; once the
// user deletes it, Gantry's takes the name.
func TestUsersAutoscalerStays(t *testing.T) {
	s := newScaled(t, 2)
	objects := kubernetesClient(t, kubernetes)
	own := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "web"},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			MinReplicas: aws.Int32(1), MaxReplicas: 7,
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "other"},
		},
	}
	ok(t, objects.Create(t.Context(), own))
	s.register(t, aws.Int32(1), aws.Int32(4))
	s.put(t, "cpu", types.MetricTypeECSServiceAverageCPUUtilization, 50)
	for range 3 {
		if _, err := s.controller.Reconcile(t.Context(), kube.Request(s.namespace, "web")); err == nil {
			t.Error("the controller says nothing of an autoscaler that is in its way")
		}
	}
	s.deletePolicy(t, "cpu")
	s.settle(t)
	now := &autoscalingv2.HorizontalPodAutoscaler{}
	ok(t, objects.Get(t.Context(), client.ObjectKeyFromObject(own), now))
	if diff := cmp.Diff(own, now); diff != "" {
		t.Errorf("the user's autoscaler has changed: %s", diff)
	}
	ok(t, objects.Delete(t.Context(), own))
	s.put(t, "cpu", types.MetricTypeECSServiceAverageCPUUtilization, 50)
	s.settle(t)
	if made := s.autoscaler(t); made == nil || made.Spec.MaxReplicas != 4 {
		t.Errorf("once the name is free the autoscaler is %+v, want Gantry's", made)
	}
}
