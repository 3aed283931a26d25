package translator

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

func TestComputedDesiredCount(t *testing.T) {
	for _, test := range []struct {
		desired int32
		percent float64
		want    int32
	}{
		{3, 100, 3}, {3, 0, 0}, {0, 100, 0}, {10, 30, 3}, {12, 10, 2}, {1, 0.1, 1}, {5000, 1.4, 70}, {1000, 57.3, 573}, {3, 33.34, 2},
	} {
		svc := &v1alpha1.ECSService{Spec: v1alpha1.ECSServiceSpec{DesiredCount: test.desired}}
		entry := v1alpha1.DeploymentEntry{TaskSet: &v1alpha1.TaskSetEntry{}}
		if got := ComputedDesiredCount(svc, entry, &types.Scale{Value: test.percent}); got != test.want {
			t.Errorf("%v percent of %d are %d tasks, want %d", test.percent, test.desired, got, test.want)
		}
	}
}

// external is a view of a service with a task set of each definition; the second
// one is primary.
func external(t *testing.T, sets ...types.TaskSet) ServiceView {
	t.Helper()
	settings, err := awsjson.Marshal(&types.Service{
		DeploymentController: &types.DeploymentController{Type: types.DeploymentControllerTypeExternal}, LaunchType: types.LaunchTypeEc2,
	})
	if err != nil {
		t.Fatal(err)
	}
	svc := &v1alpha1.ECSService{Spec: v1alpha1.ECSServiceSpec{
		Identity: v1alpha1.Identity{Account: "000000000000", Region: "us-east-1"}, Cluster: "c", Name: "web",
		DesiredCount: 2, PrimaryTaskSet: 2, Deployments: []v1alpha1.DeploymentEntry{},
	}}
	svc.Spec.Definition.Raw = settings
	for i, set := range sets {
		data, err := awsjson.Marshal(&set)
		if err != nil {
			t.Fatal(err)
		}
		at := metav1.NewMicroTime(time.Unix(1000, 0))
		entry := v1alpha1.DeploymentEntry{Number: int64(i + 1), RequestedAt: at, TaskSet: &v1alpha1.TaskSetEntry{UpdatedAt: at}}
		entry.TaskSet.Definition.Raw = data
		svc.Spec.Deployments = append(svc.Spec.Deployments, entry)
	}
	return ServiceView{Service: svc, IDs: ServiceIDs{
		Deployment:        func(number int64) string { return fmt.Sprintf("ecs-svc/%d", number) },
		ServiceDeployment: func(number int64) string { return fmt.Sprint(number) },
		Revision:          func(number int64) string { return fmt.Sprint(number) },
	}}
}

// TestServiceTakesWhatItsPrimaryHas: and nothing of ECS's own deployments.
func TestServiceTakesWhatItsPrimaryHas(t *testing.T) {
	all := &types.Scale{Unit: types.ScaleUnitPercent, Value: 100}
	v := external(t,
		types.TaskSet{TaskDefinition: aws.String("one"), LaunchType: types.LaunchTypeEc2, Scale: all},
		types.TaskSet{TaskDefinition: aws.String("two"), LaunchType: types.LaunchTypeFargate, PlatformVersion: aws.String("1.4.0"), Scale: all},
	)
	svc, err := ServiceFrom(v)
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(svc.TaskDefinition) != "two" || svc.LaunchType != types.LaunchTypeFargate || aws.ToString(svc.PlatformVersion) != "1.4.0" {
		t.Errorf("the service has %s, %s", aws.ToString(svc.TaskDefinition), svc.LaunchType)
	}
	if svc.Deployments == nil || len(svc.Deployments) != 0 || svc.CurrentServiceDeployment != nil || len(v.ServiceDeployments()) != 0 {
		t.Errorf("there are deployments of ECS: %+v, %v", svc.Deployments, svc.CurrentServiceDeployment)
	}
	if len(svc.TaskSets) != 2 || aws.ToString(svc.TaskSets[0].Status) != TaskSetActive || aws.ToString(svc.TaskSets[1].Status) != TaskSetPrimary {
		t.Fatalf("the task sets are %+v", svc.TaskSets)
	}
	if got, want := aws.ToString(svc.TaskSets[1].TaskSetArn), "arn:aws:ecs:us-east-1:000000000000:task-set/c/web/ecs-svc/2"; got != want {
		t.Errorf("taskSetArn is %s, want %s", got, want)
	}
	if ServiceLaunchType(v.Service) != types.LaunchTypeFargate {
		t.Errorf("it is listed as %s", ServiceLaunchType(v.Service))
	}

	v.Service.Spec.PrimaryTaskSet = 0
	if svc, err = ServiceFrom(v); err != nil || svc.TaskDefinition != nil || svc.LaunchType != types.LaunchTypeEc2 {
		t.Errorf("without a primary it has %v, %s (%v)", svc.TaskDefinition, svc.LaunchType, err)
	}
	deleted := metav1.NewMicroTime(time.Unix(2000, 0))
	v.Service.Spec.DeletedAt = &deleted
	if svc, err = ServiceFrom(v); err != nil || svc.TaskSets == nil || len(svc.TaskSets) != 0 {
		t.Errorf("an INACTIVE service has the task sets %+v (%v)", svc.TaskSets, err)
	}
}

// TestStability: what the controller wrote counts until a call changes the count.
func TestStability(t *testing.T) {
	v := external(t, types.TaskSet{Scale: &types.Scale{Unit: types.ScaleUnitPercent}})
	look := func(want types.StabilityStatus, at int64) {
		t.Helper()
		sets, err := v.TaskSets()
		if err != nil {
			t.Fatal(err)
		}
		if got := sets[0]; got.StabilityStatus != want || got.StabilityStatusAt.Unix() != at {
			t.Errorf("it is %s since %d, want %s since %d", got.StabilityStatus, got.StabilityStatusAt.Unix(), want, at)
		}
	}
	look(types.StabilityStatusStabilizing, 1000)
	v.Service.Status.TaskSets = []v1alpha1.TaskSetState{{Number: 1, Stable: true, StableAt: metav1.NewMicroTime(time.Unix(1005, 0))}}
	look(types.StabilityStatusSteadyState, 1005)
	entry := &v.Service.Spec.Deployments[0]
	entry.TaskSet.Definition.Raw = []byte(`{"scale":{"value":50,"unit":"PERCENT"}}`)
	entry.TaskSet.UpdatedAt = metav1.NewMicroTime(time.Unix(1010, 0))
	look(types.StabilityStatusStabilizing, 1010)
	v.Service.Status.TaskSets[0].Stable = false
	v.Service.Status.TaskSets[0].StableAt = metav1.NewMicroTime(time.Unix(1011, 0))
	look(types.StabilityStatusStabilizing, 1011)
}
