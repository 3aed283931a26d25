package compat

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// target is a service without tasks that can be scaled.
type target struct {
	t        *T
	cluster  string
	resource string
}

func (t *T) scalable(count int32) target {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.Register(family, t.container("sleeps"))
	t.Service(cluster, "web", family, count)
	s := target{t: t, cluster: cluster, resource: "service/" + cluster + "/web"}
	t.Cleanup(func(ctx context.Context) { _ = s.deregister(ctx) })
	return s
}

func (s target) registration(low, high *int32) *aas.RegisterScalableTargetInput {
	return &aas.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(s.resource),
		ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, MinCapacity: low, MaxCapacity: high,
	}
}

func (s target) register(low, high *int32) string {
	out, err := s.t.Scaling.RegisterScalableTarget(s.t.ctx, s.registration(low, high))
	s.t.OK(err, "RegisterScalableTarget")
	return aws.ToString(out.ScalableTargetARN)
}

func (s target) deregister(ctx context.Context) error {
	_, err := s.t.Scaling.DeregisterScalableTarget(ctx, &aas.DeregisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(s.resource), ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
	})
	return err
}

func (s target) describe() []types.ScalableTarget {
	out, err := s.t.Scaling.DescribeScalableTargets(s.t.ctx, &aas.DescribeScalableTargetsInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceIds: []string{s.resource},
	})
	s.t.OK(err, "DescribeScalableTargets")
	return out.ScalableTargets
}

func (s target) policy(name string, metric types.MetricType) *aas.PutScalingPolicyInput {
	return &aas.PutScalingPolicyInput{
		PolicyName: aws.String(name), PolicyType: types.PolicyTypeTargetTrackingScaling,
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(s.resource), ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
		TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
			TargetValue:                   aws.Float64(60),
			PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: metric},
			ScaleOutCooldown:              aws.Int32(30),
		},
	}
}

func (s target) policies() []types.ScalingPolicy {
	out, err := s.t.Scaling.DescribeScalingPolicies(s.t.ctx, &aas.DescribeScalingPoliciesInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(s.resource),
	})
	s.t.OK(err, "DescribeScalingPolicies")
	return out.ScalingPolicies
}

func (s target) deletePolicy(name string) error {
	_, err := s.t.Scaling.DeleteScalingPolicy(s.t.ctx, &aas.DeleteScalingPolicyInput{
		PolicyName: aws.String(name), ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(s.resource),
		ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
	})
	return err
}

func scalingCases() []Case {
	return []Case{
		{
			Name: "scaling/target", Operations: []string{Scaling("RegisterScalableTarget"), Scaling("DescribeScalableTargets"), Scaling("DeregisterScalableTarget")},
			Description: "a target is registered, changed in part, described, and deregistered",
			Source:      "Application Auto Scaling API reference, RegisterScalableTarget",
			Run:         scalingTarget,
		},
		{
			Name: "scaling/target-errors", Operations: []string{Scaling("RegisterScalableTarget"), Scaling("DeregisterScalableTarget")},
			Description: "what the calls about targets refuse",
			Source:      "texts noted from AWS by cdk-preflight and the Terraform AWS provider",
			Run:         scalingTargetErrors,
		},
		{
			Name: "scaling/policy", Operations: []string{Scaling("PutScalingPolicy"), Scaling("DescribeScalingPolicies"), Scaling("DeleteScalingPolicy")},
			Description: "a target tracking policy is put, put again, described as it was given, and deleted",
			Source:      "AWS CLI examples, put-scaling-policy",
			Run:         scalingPolicy,
		},
		{
			Name: "scaling/policy-errors", Operations: []string{Scaling("PutScalingPolicy"), Scaling("DeleteScalingPolicy")},
			Description: "what the calls about policies refuse",
			Source:      "texts noted from AWS by cdk-preflight and in cloudposse/terraform-aws-ecs-cloudwatch-autoscaling issue 36",
			Run:         scalingPolicyErrors,
		},
		{
			Name: "scaling/deregister-deletes-policies", Operations: []string{Scaling("DeregisterScalableTarget"), Scaling("DescribeScalingPolicies")},
			Description: "a target's policies go with it",
			Source:      "Application Auto Scaling API reference, DeregisterScalableTarget",
			Run: func(t *T) {
				s := t.scalable(0)
				s.register(aws.Int32(0), aws.Int32(2))
				_, err := t.Scaling.PutScalingPolicy(t.ctx, s.policy("cpu", types.MetricTypeECSServiceAverageCPUUtilization))
				t.OK(err, "PutScalingPolicy")
				t.OK(s.deregister(t.ctx), "DeregisterScalableTarget")
				t.Equal("number of policies", len(s.policies()), 0)
			},
		},
		{
			Name: "scaling/range", Operations: []string{Scaling("RegisterScalableTarget"), Scaling("DescribeScalingActivities")},
			Description: "a service outside the range is moved into it, and an activity says so",
			Source:      "AWS CLI examples, describe-scaling-activities",
			Timeout:     2 * time.Minute, Run: scalingRange,
		},
		{
			Name: "scaling/tags", Operations: []string{Scaling("RegisterScalableTarget"), Scaling("ListTagsForResource"), Scaling("TagResource"), Scaling("UntagResource")},
			Description: "a target's tags are those of its registration, and are added, set and removed",
			Source:      "Application Auto Scaling API reference, RegisterScalableTarget.Tags, TagResource, UntagResource",
			Run:         scalingTags,
		},
		{
			Name: "scaling/describe-errors", Operations: []string{Scaling("DescribeScalableTargets"), Scaling("DescribeScalingPolicies"), Scaling("DescribeScalingActivities")},
			Description: "pages are bounded, and what is not there is an empty list",
			Source:      "Application Auto Scaling API reference",
			Run:         scalingDescribeErrors,
		},
	}
}

func scalingTarget(t *T) {
	s := t.scalable(1)
	arn := s.register(aws.Int32(1), aws.Int32(4))
	t.True(strings.HasPrefix(arn, "arn:aws:application-autoscaling:") && strings.Contains(arn, ":scalable-target/"), "ScalableTargetARN %s is one", arn)
	t.Equal("ARN after an update", s.register(nil, aws.Int32(6)), arn)

	all := s.describe()
	if len(all) != 1 {
		t.Fatal("targets are %s, want one", show(all))
	}
	got := all[0]
	t.Equal("ServiceNamespace", got.ServiceNamespace, "ecs")
	t.Equal("ResourceId", got.ResourceId, s.resource)
	t.Equal("ScalableDimension", got.ScalableDimension, "ecs:service:DesiredCount")
	t.Equal("MinCapacity", got.MinCapacity, 1)
	t.Equal("MaxCapacity", got.MaxCapacity, 6)
	t.Equal("ScalableTargetARN", got.ScalableTargetARN, arn)
	t.True(got.CreationTime != nil, "CreationTime is there")
	t.True(strings.HasSuffix(aws.ToString(got.RoleARN), "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"),
		"RoleARN %s is the service-linked role", aws.ToString(got.RoleARN))
	if p := got.SuspendedState; p == nil {
		t.fail("SuspendedState is absent")
	} else {
		t.Equal("DynamicScalingInSuspended", p.DynamicScalingInSuspended, false)
		t.Equal("DynamicScalingOutSuspended", p.DynamicScalingOutSuspended, false)
		t.Equal("ScheduledScalingSuspended", p.ScheduledScalingSuspended, false)
	}
	t.OK(s.deregister(t.ctx), "DeregisterScalableTarget")
	t.Equal("number of targets afterwards", len(s.describe()), 0)
}

func scalingTargetErrors(t *T) {
	s := t.scalable(0)
	const invalid, notFound = "ValidationException", "ObjectNotFoundException"
	for _, c := range []struct {
		name       string
		change     func(in *aas.RegisterScalableTargetInput)
		code, text string
	}{
		{
			"reversed range", func(in *aas.RegisterScalableTargetInput) { in.MinCapacity, in.MaxCapacity = aws.Int32(3), aws.Int32(2) },
			invalid, "Maximum capacity cannot be less than minimum capacity",
		},
		{
			"another kind of resource", func(in *aas.RegisterScalableTargetInput) { in.ResourceId = aws.String("table/t") },
			invalid, "Unsupported service namespace, resource type or scalable dimension",
		},
		{
			"a service that is not there", func(in *aas.RegisterScalableTargetInput) { in.ResourceId = aws.String("service/" + s.cluster + "/no") },
			invalid, "ECS service doesn't exist: service/" + s.cluster + "/no",
		},
	} {
		in := s.registration(aws.Int32(0), aws.Int32(2))
		c.change(in)
		_, err := t.Scaling.RegisterScalableTarget(t.ctx, in)
		t.Error(err, "RegisterScalableTarget: "+c.name, c.code, c.text)
	}
	t.Error(s.deregister(t.ctx), "DeregisterScalableTarget of one that is not registered", notFound, anyText)
}

func scalingPolicy(t *T) {
	s := t.scalable(0)
	s.register(aws.Int32(0), aws.Int32(4))
	put, err := t.Scaling.PutScalingPolicy(t.ctx, s.policy("cpu", types.MetricTypeECSServiceAverageCPUUtilization))
	t.OK(err, "PutScalingPolicy")
	t.True(strings.HasSuffix(aws.ToString(put.PolicyARN), ":resource/ecs/"+s.resource+":policyName/cpu"), "PolicyARN %s names resource and policy", aws.ToString(put.PolicyARN))
	names := make([]string, len(put.Alarms))
	for i, a := range put.Alarms {
		names[i] = aws.ToString(a.AlarmName)
	}
	t.True(len(names) == 2 && strings.HasPrefix(names[0], "TargetTracking-"+s.resource+"-AlarmHigh-") && strings.HasPrefix(names[1], "TargetTracking-"+s.resource+"-AlarmLow-"),
		"the alarms are a high and a low one: %v", names)

	in := s.policy("cpu", types.MetricTypeECSServiceAverageCPUUtilization)
	in.TargetTrackingScalingPolicyConfiguration.TargetValue = aws.Float64(75)
	again, err := t.Scaling.PutScalingPolicy(t.ctx, in)
	t.OK(err, "PutScalingPolicy again")
	t.Equal("PolicyARN of the second answer", again.PolicyARN, put.PolicyARN)
	_, err = t.Scaling.PutScalingPolicy(t.ctx, s.policy("memory", types.MetricTypeECSServiceAverageMemoryUtilization))
	t.OK(err, "PutScalingPolicy on memory")

	all := s.policies()
	t.Equal("number of policies", len(all), 2)
	for _, p := range all {
		if aws.ToString(p.PolicyName) != "cpu" {
			continue
		}
		t.Equal("PolicyType", p.PolicyType, "TargetTrackingScaling")
		c := p.TargetTrackingScalingPolicyConfiguration
		if c == nil || c.PredefinedMetricSpecification == nil {
			t.Fatal("the policy has no configuration: %s", show(p))
		}
		t.Equal("TargetValue", c.TargetValue, 75.0)
		t.Equal("ScaleOutCooldown", c.ScaleOutCooldown, 30)
		t.Equal("PredefinedMetricType", c.PredefinedMetricSpecification.PredefinedMetricType, "ECSServiceAverageCPUUtilization")
		t.True(p.CreationTime != nil && len(p.Alarms) == 2, "CreationTime and alarms are there")
	}
	t.OK(s.deletePolicy("cpu"), "DeleteScalingPolicy")
	t.Equal("number of policies afterwards", len(s.policies()), 1)
}

func scalingPolicyErrors(t *T) {
	s := t.scalable(0)
	cpu := types.MetricTypeECSServiceAverageCPUUtilization
	_, err := t.Scaling.PutScalingPolicy(t.ctx, s.policy("cpu", cpu))
	t.Error(err, "PutScalingPolicy without a target", "ObjectNotFoundException",
		"No scalable target registered for service namespace: ecs, resource ID: "+s.resource+", scalable dimension: ecs:service:DesiredCount")
	s.register(aws.Int32(0), aws.Int32(2))
	for _, c := range []struct {
		name   string
		change func(in *aas.PutScalingPolicyInput, c *types.TargetTrackingScalingPolicyConfiguration)
		text   string
	}{
		{
			"no metric", func(_ *aas.PutScalingPolicyInput, c *types.TargetTrackingScalingPolicyConfiguration) {
				c.PredefinedMetricSpecification = nil
			},
			"PredefinedMetricSpecification or CustomizedMetricSpecification must be set for target tracking scaling.",
		},
		{"a label on CPU", func(_ *aas.PutScalingPolicyInput, c *types.TargetTrackingScalingPolicyConfiguration) {
			c.PredefinedMetricSpecification.ResourceLabel = aws.String("x")
		}, "Resource label should not be specified for predefined metric type ECSServiceAverageCPUUtilization"},
		{"no configuration", func(in *aas.PutScalingPolicyInput, _ *types.TargetTrackingScalingPolicyConfiguration) {
			in.TargetTrackingScalingPolicyConfiguration = nil
		}, "TargetTrackingScaling policy configuration must be specified"},
		{"two configurations", func(in *aas.PutScalingPolicyInput, _ *types.TargetTrackingScalingPolicyConfiguration) {
			in.StepScalingPolicyConfiguration = &types.StepScalingPolicyConfiguration{}
		}, "You must only provide a single scaling policy configuration, which must match the scaling policy type specified."},
	} {
		in := s.policy("cpu", cpu)
		c.change(in, in.TargetTrackingScalingPolicyConfiguration)
		_, err := t.Scaling.PutScalingPolicy(t.ctx, in)
		t.Error(err, "PutScalingPolicy: "+c.name, "ValidationException", c.text)
	}
	t.Error(s.deletePolicy("no"), "DeleteScalingPolicy of one that is not there", "ObjectNotFoundException", anyText)
}

func scalingRange(t *T) {
	s := t.scalable(0)
	s.register(aws.Int32(1), aws.Int32(2))
	t.Eventually(30*time.Second, "the desired count is 1", func() (bool, error) {
		return t.describeService(s.cluster, "web").DesiredCount == 1, nil
	})
	var activities []types.ScalingActivity
	t.Eventually(time.Minute, "an activity is there", func() (bool, error) {
		out, err := t.Scaling.DescribeScalingActivities(t.ctx, &aas.DescribeScalingActivitiesInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(s.resource),
		})
		if err != nil {
			return false, err
		}
		activities = out.ScalingActivities
		return len(activities) > 0, nil
	})
	if len(activities) == 0 {
		return
	}
	a := activities[0]
	t.Equal("Description", a.Description, "Setting desired count to 1.")
	t.Equal("Cause", a.Cause, "minimum capacity was set to 1")
	t.Equal("ResourceId", a.ResourceId, s.resource)
	t.True(a.StartTime != nil && aws.ToString(a.ActivityId) != "", "StartTime and ActivityId are there")
	t.updateService(&ecs.UpdateServiceInput{Cluster: aws.String(s.cluster), Service: aws.String("web"), DesiredCount: aws.Int32(0)})
}

func scalingTags(t *T) {
	s := t.scalable(0)
	in := s.registration(aws.Int32(0), aws.Int32(2))
	in.Tags = map[string]string{"team": "a"}
	out, err := t.Scaling.RegisterScalableTarget(t.ctx, in)
	t.OK(err, "RegisterScalableTarget")
	arn := out.ScalableTargetARN
	tags := func(when string, want map[string]string) {
		got, err := t.Scaling.ListTagsForResource(t.ctx, &aas.ListTagsForResourceInput{ResourceARN: arn})
		t.OK(err, "ListTagsForResource")
		t.Equal("tags "+when, got.Tags, want)
	}
	tags("of the registration", map[string]string{"team": "a"})
	_, err = t.Scaling.TagResource(t.ctx, &aas.TagResourceInput{ResourceARN: arn, Tags: map[string]string{"team": "b", "stage": "test"}})
	t.OK(err, "TagResource")
	tags("set and added", map[string]string{"team": "b", "stage": "test"})
	_, err = t.Scaling.UntagResource(t.ctx, &aas.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"team", "no such key"}})
	t.OK(err, "UntagResource")
	tags("afterwards", map[string]string{"stage": "test"})
	many := map[string]string{}
	for i := range 50 {
		many["key"+strconv.Itoa(i)] = ""
	}
	_, err = t.Scaling.TagResource(t.ctx, &aas.TagResourceInput{ResourceARN: arn, Tags: many})
	t.Error(err, "TagResource beyond fifty", "TooManyTagsException", anyText)
	t.OK(s.deregister(t.ctx), "DeregisterScalableTarget")
	_, err = t.Scaling.ListTagsForResource(t.ctx, &aas.ListTagsForResourceInput{ResourceARN: arn})
	t.Error(err, "ListTagsForResource of a target that is gone", "ResourceNotFoundException", anyText)
}

func scalingDescribeErrors(t *T) {
	resource := "service/" + t.Name("no") + "/web"
	_, err := t.Scaling.DescribeScalableTargets(t.ctx, &aas.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs, MaxResults: aws.Int32(51)})
	t.Error(err, "DescribeScalableTargets with pages of 51", "ValidationException", anyText)
	targets, err := t.Scaling.DescribeScalableTargets(t.ctx, &aas.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceIds: []string{resource}})
	t.OK(err, "DescribeScalableTargets")
	t.EmptyList("ScalableTargets", targets.ScalableTargets)
	policies, err := t.Scaling.DescribeScalingPolicies(t.ctx, &aas.DescribeScalingPoliciesInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(resource)})
	t.OK(err, "DescribeScalingPolicies")
	t.EmptyList("ScalingPolicies", policies.ScalingPolicies)
	activities, err := t.Scaling.DescribeScalingActivities(t.ctx, &aas.DescribeScalingActivitiesInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(resource)})
	t.OK(err, "DescribeScalingActivities")
	t.EmptyList("ScalingActivities", activities.ScalingActivities)
}
