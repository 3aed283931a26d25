package scaling_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/google/go-cmp/cmp"

	"github.com/gantry-ecs/gantry/scaling"
)

func TestValidateRegister(t *testing.T) {
	registered := &types.ScalableTarget{MinCapacity: aws.Int32(2), MaxCapacity: aws.Int32(5)}
	const notFound = "ObjectNotFoundException: No scalable target found for service namespace: ecs, resource ID: service/default/web, scalable dimension: ecs:service:DesiredCount"
	const order = "ValidationException: Maximum capacity cannot be less than minimum capacity"
	tests := []struct {
		name      string
		low, high *int32
		existing  *types.ScalableTarget
		want      string
	}{
		{"new", aws.Int32(1), aws.Int32(10), nil, ""},
		{"from nothing", aws.Int32(0), aws.Int32(0), nil, ""},
		{"new without minimum", nil, aws.Int32(10), nil, notFound},
		{"new without range", nil, nil, nil, notFound},
		{"reversed", aws.Int32(3), aws.Int32(2), nil, order},
		{
			"negative", aws.Int32(-1), aws.Int32(2), nil,
			"ValidationException: 1 validation error detected: Value '-1' at 'minCapacity' failed to satisfy constraint: Member must have value greater than or equal to 0",
		},
		{"update of nothing", nil, nil, registered, ""},
		{"update of the maximum", nil, aws.Int32(2), registered, ""},
		{"update below the registered minimum", nil, aws.Int32(1), registered, order},
		{"update above the registered maximum", aws.Int32(6), nil, registered, order},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := register(tt.low, tt.high)
			if diff := cmp.Diff(tt.want, text(scaling.ValidateRegister(in, tt.existing))); diff != "" {
				t.Errorf("ValidateRegister (-want +got):\n%s", diff)
			}
		})
	}
}

func register(low, high *int32) *aas.RegisterScalableTargetInput {
	return &aas.RegisterScalableTargetInput{
		ServiceNamespace: scaling.Namespace, ScalableDimension: scaling.Dimension,
		ResourceId: aws.String("service/default/web"), MinCapacity: low, MaxCapacity: high,
	}
}

func TestRegister(t *testing.T) {
	id := scaling.Target{Account: "123456789012", Region: "us-east-1", Cluster: "default", Service: "web"}
	in := register(aws.Int32(1), aws.Int32(4))
	in.SuspendedState = &types.SuspendedState{DynamicScalingInSuspended: aws.Bool(true)}
	first := scaling.Register(in, nil, id)
	created := time.Unix(1, 0)
	first.CreationTime = &created

	got := scaling.Register(register(nil, aws.Int32(8)), &first, id)
	want := types.ScalableTarget{
		ServiceNamespace: "ecs", ScalableDimension: "ecs:service:DesiredCount", ResourceId: aws.String("service/default/web"),
		MinCapacity: aws.Int32(1), MaxCapacity: aws.Int32(8), CreationTime: &created,
		RoleARN:           aws.String("arn:aws:iam::123456789012:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"),
		ScalableTargetARN: aws.String(id.ARN()),
		SuspendedState: &types.SuspendedState{
			DynamicScalingInSuspended: aws.Bool(true), DynamicScalingOutSuspended: aws.Bool(false), ScheduledScalingSuspended: aws.Bool(false),
		},
	}
	if diff := cmp.Diff(want, got, ignoreSerde); diff != "" {
		t.Errorf("Register (-want +got):\n%s", diff)
	}
}

func TestInRange(t *testing.T) {
	target := types.ScalableTarget{MinCapacity: aws.Int32(2), MaxCapacity: aws.Int32(5)}
	type result struct {
		Count int32
		Cause string
	}
	for desired, want := range map[int32]result{
		0: {2, "minimum capacity was set to 2"},
		2: {2, ""}, 3: {3, ""}, 5: {5, ""},
		9: {5, "maximum capacity was set to 5"},
	} {
		count, cause := scaling.InRange(target, desired)
		if diff := cmp.Diff(want, result{count, cause}); diff != "" {
			t.Errorf("InRange of %d (-want +got):\n%s", desired, diff)
		}
	}
}

func TestParseResourceID(t *testing.T) {
	cluster, service, ok := scaling.ParseResourceID(scaling.ResourceID("Prod_1", "web-app"))
	if cluster != "Prod_1" || service != "web-app" || !ok {
		t.Errorf("there and back: %q, %q, %v", cluster, service, ok)
	}
	for _, bad := range []string{"", "service", "service/web", "service/a/b/c", "service//web", "task/a/b", "service/a b/c", "service/default/web/"} {
		if _, _, ok := scaling.ParseResourceID(bad); ok {
			t.Errorf("%q is read as a resource id", bad)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	target := scaling.Target{Account: "123456789012", Region: "eu-west-1", Cluster: "default", Service: "web"}
	const uuid = `[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	for got, form := range map[string]string{
		target.ARN():            `arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/[0-9a-f]{34}`,
		target.HighAlarm("cpu"): `TargetTracking-service/default/web-AlarmHigh-` + uuid,
		target.LowAlarm("cpu"):  `TargetTracking-service/default/web-AlarmLow-` + uuid,
		target.ActivityID("1"):  uuid,
		*target.Alarms("cpu", false)[1].AlarmARN: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:` +
			`TargetTracking-service/default/web-AlarmLow-` + uuid,
	} {
		if !regexp.MustCompile("^" + form + "$").MatchString(got) {
			t.Errorf("%s is not of the form %s", got, form)
		}
	}
	if n := len(target.Alarms("cpu", true)); n != 1 {
		t.Errorf("a policy that does not scale in has %d alarms, want 1", n)
	}
	other := target
	other.Region = "us-east-1"
	if target.ActivityID("1") == target.ActivityID("2") || target.ActivityID("1") == other.ActivityID("1") {
		t.Error("two activities have one id")
	}
	if target.ARN() != (scaling.Target{Account: "123456789012", Region: "eu-west-1", Cluster: "default", Service: "web"}).ARN() {
		t.Error("one target has two ARNs")
	}
}
