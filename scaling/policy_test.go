package scaling_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/google/go-cmp/cmp"

	"github.com/gantry-ecs/gantry/scaling"
)

var ignoreSerde = cmp.FilterPath(func(p cmp.Path) bool {
	return p.Last().String() == ".noSmithyDocumentSerde"
}, cmp.Ignore())

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// cpu75 is a policy that is accepted.
func cpu75() *aas.PutScalingPolicyInput {
	return &aas.PutScalingPolicyInput{
		PolicyName: aws.String("cpu75"), PolicyType: types.PolicyTypeTargetTrackingScaling,
		ServiceNamespace: scaling.Namespace, ResourceId: aws.String("service/default/web"), ScalableDimension: scaling.Dimension,
		TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
			TargetValue: aws.Float64(75),
			PredefinedMetricSpecification: &types.PredefinedMetricSpecification{
				PredefinedMetricType: types.MetricTypeECSServiceAverageCPUUtilization,
			},
		},
	}
}

func TestValidatePutPolicy(t *testing.T) {
	tracking := func(change func(c *types.TargetTrackingScalingPolicyConfiguration)) func(*aas.PutScalingPolicyInput) {
		return func(in *aas.PutScalingPolicyInput) { change(in.TargetTrackingScalingPolicyConfiguration) }
	}
	metric := func(m types.MetricType, label string) func(*aas.PutScalingPolicyInput) {
		return tracking(func(c *types.TargetTrackingScalingPolicyConfiguration) {
			c.PredefinedMetricSpecification = &types.PredefinedMetricSpecification{PredefinedMetricType: m}
			if label != "" {
				c.PredefinedMetricSpecification.ResourceLabel = aws.String(label)
			}
		})
	}
	step := &types.StepScalingPolicyConfiguration{}
	const (
		unsupported = "ValidationException: Unsupported service namespace, resource type or scalable dimension"
		one         = "ValidationException: You must only provide a single scaling policy configuration, which must match the scaling policy type specified."
		served      = " is not supported by this server; supported is TargetTrackingScaling with the predefined metrics ECSServiceAverageCPUUtilization and ECSServiceAverageMemoryUtilization"
	)
	tests := []struct {
		name   string
		change func(in *aas.PutScalingPolicyInput)
		want   string
	}{
		{"CPU", func(*aas.PutScalingPolicyInput) {}, ""},
		{"memory", metric(types.MetricTypeECSServiceAverageMemoryUtilization, ""), ""},
		{"over 100", tracking(func(c *types.TargetTrackingScalingPolicyConfiguration) { c.TargetValue = aws.Float64(150) }), ""},
		{
			"no name", func(in *aas.PutScalingPolicyInput) { in.PolicyName = nil },
			"ValidationException: 1 validation error detected: Value null at 'policyName' failed to satisfy constraint: Member must not be null",
		},
		{
			"name on two lines", func(in *aas.PutScalingPolicyInput) { in.PolicyName = aws.String("a\nb") },
			"ValidationException: 1 validation error detected: Value 'a\nb' at 'policyName' failed to satisfy constraint: Member must satisfy regular expression pattern: \\p{Print}+",
		},
		{
			"no resource", func(in *aas.PutScalingPolicyInput) { in.ResourceId = nil },
			"ValidationException: 1 validation error detected: Value null at 'resourceId' failed to satisfy constraint: Member must not be null",
		},
		{"another resource", func(in *aas.PutScalingPolicyInput) { in.ResourceId = aws.String("table/my-table") }, unsupported},
		{"another namespace", func(in *aas.PutScalingPolicyInput) { in.ServiceNamespace = types.ServiceNamespaceDynamodb }, unsupported},
		{"another dimension", func(in *aas.PutScalingPolicyInput) {
			in.ScalableDimension = types.ScalableDimensionDynamoDBTableReadCapacityUnits
		}, unsupported},
		{"no type", func(in *aas.PutScalingPolicyInput) { in.PolicyType = "" }, one},
		{
			"unknown type", func(in *aas.PutScalingPolicyInput) { in.PolicyType = "Magic" },
			"ValidationException: 1 validation error detected: Value 'Magic' at 'policyType' failed to satisfy constraint: Member must satisfy enum value set: [StepScaling, TargetTrackingScaling, PredictiveScaling]",
		},
		{"two configurations", func(in *aas.PutScalingPolicyInput) { in.StepScalingPolicyConfiguration = step }, one},
		{
			"no configuration", func(in *aas.PutScalingPolicyInput) { in.TargetTrackingScalingPolicyConfiguration = nil },
			"ValidationException: TargetTrackingScaling policy configuration must be specified",
		},
		{"step", func(in *aas.PutScalingPolicyInput) {
			in.PolicyType, in.StepScalingPolicyConfiguration, in.TargetTrackingScalingPolicyConfiguration = types.PolicyTypeStepScaling, step, nil
		}, "ValidationException: Policy type StepScaling" + served},
		{"predictive", func(in *aas.PutScalingPolicyInput) {
			in.PolicyType, in.TargetTrackingScalingPolicyConfiguration = types.PolicyTypePredictiveScaling, nil
			in.PredictiveScalingPolicyConfiguration = &types.PredictiveScalingPolicyConfiguration{}
		}, "ValidationException: Policy type PredictiveScaling" + served},
		{
			"no target value", tracking(func(c *types.TargetTrackingScalingPolicyConfiguration) { c.TargetValue = nil }),
			"ValidationException: 1 validation error detected: Value null at 'targetTrackingScalingPolicyConfiguration.targetValue' failed to satisfy constraint: Member must not be null",
		},
		{"target value 0", tracking(func(c *types.TargetTrackingScalingPolicyConfiguration) { c.TargetValue = aws.Float64(0) }), "ValidationException: Target value must be greater than 0"},
		{"target value NaN", tracking(func(c *types.TargetTrackingScalingPolicyConfiguration) { c.TargetValue = aws.Float64(math.NaN()) }), "ValidationException: Target value must be greater than 0"},
		{
			"no metric", tracking(func(c *types.TargetTrackingScalingPolicyConfiguration) { c.PredefinedMetricSpecification = nil }),
			"ValidationException: PredefinedMetricSpecification or CustomizedMetricSpecification must be set for target tracking scaling.",
		},
		{"both metrics", tracking(func(c *types.TargetTrackingScalingPolicyConfiguration) {
			c.CustomizedMetricSpecification = &types.CustomizedMetricSpecification{}
		}), "ValidationException: Only one of PredefinedMetricSpecification or CustomizedMetricSpecification can be set for target tracking scaling."},
		{"customized", tracking(func(c *types.TargetTrackingScalingPolicyConfiguration) {
			c.PredefinedMetricSpecification, c.CustomizedMetricSpecification = nil, &types.CustomizedMetricSpecification{}
		}), "ValidationException: CustomizedMetricSpecification" + served},
		{
			"negative cooldown", tracking(func(c *types.TargetTrackingScalingPolicyConfiguration) { c.ScaleInCooldown = aws.Int32(-1) }),
			"ValidationException: Scale in cooldown cannot be less than 0",
		},
		{
			"label on CPU", metric(types.MetricTypeECSServiceAverageCPUUtilization, "x"),
			"ValidationException: Resource label should not be specified for predefined metric type ECSServiceAverageCPUUtilization",
		},
		{
			"another dimension's metric", metric(types.MetricTypeDynamoDBReadCapacityUtilization, ""),
			"ValidationException: Scalable dimension ecs:service:DesiredCount only supports the following predefined metric types: ECSServiceAverageCPUUtilization, ECSServiceAverageMemoryUtilization, ALBRequestCountPerTarget",
		},
		{
			"requests with a bad label", metric(types.MetricTypeALBRequestCountPerTarget, "app/lb"),
			"ValidationException: Invalid resource label 'app/lb' for predefined metric type ALBRequestCountPerTarget",
		},
		{
			"requests", metric(types.MetricTypeALBRequestCountPerTarget, "app/lb/0a1b/targetgroup/tg/2c3d"),
			"ValidationException: Predefined metric type ALBRequestCountPerTarget" + served,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := cpu75()
			tt.change(in)
			if diff := cmp.Diff(tt.want, text(scaling.ValidatePutPolicy(in, nil, nil))); diff != "" {
				t.Errorf("ValidatePutPolicy (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidatePutPolicyBesideOthers(t *testing.T) {
	target := scaling.Target{Account: "123456789012", Region: "us-east-1", Cluster: "default", Service: "web"}
	stored := scaling.NewPolicy(cpu75(), nil, target)

	update := cpu75()
	update.PolicyType = ""
	if err := scaling.ValidatePutPolicy(update, &stored, nil); err != nil {
		t.Errorf("an update without a type: %v", err)
	}
	other := cpu75()
	other.PolicyName = aws.String("another")
	want := "ValidationException: Only one TargetTrackingScaling policy for a given metric specification is allowed."
	if diff := cmp.Diff(want, text(scaling.ValidatePutPolicy(other, nil, []types.ScalingPolicy{stored}))); diff != "" {
		t.Errorf("a second policy on one metric (-want +got):\n%s", diff)
	}
	if err := scaling.ValidatePutPolicy(cpu75(), &stored, []types.ScalingPolicy{stored}); err != nil {
		t.Errorf("a policy is no other policy of itself: %v", err)
	}
}

func TestNewPolicy(t *testing.T) {
	in := cpu75()
	in.TargetTrackingScalingPolicyConfiguration.ScaleOutCooldown = aws.Int32(60)
	target := scaling.Target{Account: "123456789012", Region: "us-west-2", Cluster: "default", Service: "web"}
	got := scaling.NewPolicy(in, nil, target)

	const arn = "arn:aws:autoscaling:us-west-2:123456789012:scalingPolicy:"
	const rest = ":resource/ecs/service/default/web:policyName/cpu75"
	if s := aws.ToString(got.PolicyARN); len(s) != len(arn)+36+len(rest) || !strings.HasPrefix(s, arn) || !strings.HasSuffix(s, rest) {
		t.Errorf("PolicyARN %s", s)
	}
	want := types.ScalingPolicy{
		PolicyName: aws.String("cpu75"), PolicyARN: got.PolicyARN, PolicyType: types.PolicyTypeTargetTrackingScaling,
		ServiceNamespace: "ecs", ResourceId: aws.String("service/default/web"), ScalableDimension: "ecs:service:DesiredCount",
		Alarms: target.Alarms("cpu75", false),
		TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
			TargetValue: aws.Float64(75), ScaleOutCooldown: aws.Int32(60), DisableScaleIn: aws.Bool(false),
			PredefinedMetricSpecification: in.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification,
		},
	}
	if diff := cmp.Diff(want, got, ignoreSerde); diff != "" {
		t.Errorf("NewPolicy (-want +got):\n%s", diff)
	}
	c := got.TargetTrackingScalingPolicyConfiguration
	if out, in := scaling.ScaleOutCooldown(c), scaling.ScaleInCooldown(c); out != time.Minute || in != 5*time.Minute {
		t.Errorf("cooldowns %s out, %s in; want 1m and 5m", out, in)
	}
}

func TestValidateDeletePolicy(t *testing.T) {
	in := &aas.DeleteScalingPolicyInput{
		PolicyName: aws.String("cpu75"), ServiceNamespace: scaling.Namespace,
		ResourceId: aws.String("service/default/web"), ScalableDimension: scaling.Dimension,
	}
	if err := scaling.ValidateDeletePolicy(in); err != nil {
		t.Errorf("valid: %v", err)
	}
	in.ResourceId = aws.String("service/web")
	want := "ValidationException: Unsupported service namespace, resource type or scalable dimension"
	if diff := cmp.Diff(want, text(scaling.ValidateDeletePolicy(in))); diff != "" {
		t.Errorf("short resource (-want +got):\n%s", diff)
	}
}
