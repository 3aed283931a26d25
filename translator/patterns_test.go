package translator

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

func TestPatterns(t *testing.T) {
	instance := func(kind, arch string) map[string]string {
		return map[string]string{corev1.LabelInstanceTypeStable: kind, corev1.LabelArchStable: arch}
	}
	instances := []map[string]string{instance("g2.large", "amd64"), instance("g2.2xlarge", "amd64"), instance("t2.small", "arm64"), {"rack": "r1"}}
	requirement := func(key string, op corev1.NodeSelectorOperator, values ...string) corev1.NodeSelectorRequirement {
		return corev1.NodeSelectorRequirement{Key: key, Operator: op, Values: values}
	}
	const kind = corev1.LabelInstanceTypeStable
	for expression, want := range map[string][]corev1.NodeSelectorRequirement{
		"attribute:ecs.instance-type =~ g2.*":     {requirement(kind, "In", "g2.2xlarge", "g2.large")},
		"attribute:ecs.instance-type =~ g2":       {requirement(kind, "Exists"), requirement(kind, "DoesNotExist")},
		"attribute:ecs.instance-type !~ g2.*":     {requirement(kind, "Exists"), requirement(kind, "NotIn", "g2.2xlarge", "g2.large")},
		"attribute:ecs.instance-type !~ m5.*":     {requirement(kind, "Exists")},
		"attribute:ecs.cpu-architecture =~ x86.*": {requirement(corev1.LabelArchStable, "In", "amd64")},
		"attribute:rack =~ 'r(1|2)' and attribute:ecs.instance-type =~ t2.*": {
			requirement("rack", "In", "r1"), requirement(kind, "In", "t2.small"),
		},
	} {
		t.Run(expression, func(t *testing.T) {
			rendered := RenderPodSpec(TaskInput{
				Instances:            instances,
				PlacementConstraints: []types.PlacementConstraint{{Type: types.PlacementConstraintTypeMemberOf, Expression: aws.String(expression)}},
			})
			if refused := rendered.Refusals(); len(refused) > 0 {
				t.Fatalf("refused: %v", refused)
			}
			got := rendered.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms
			if diff := cmp.Diff([]corev1.NodeSelectorTerm{{MatchExpressions: want}}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !HasPatterns(expression) {
				t.Error("it is said to have no pattern")
			}
		})
	}
}

func TestPatternsThatCannotBeRead(t *testing.T) {
	for _, expression := range []string{"attribute:rack =~ '(?!r1).*'", "ec2InstanceId =~ i-.*", "attribute:ecs.ami-id =~ ami-.*"} {
		rendered := RenderPodSpec(TaskInput{
			Instances:            []map[string]string{},
			PlacementConstraints: []types.PlacementConstraint{{Type: types.PlacementConstraintTypeMemberOf, Expression: aws.String(expression)}},
		})
		if len(rendered.Refusals()) != 1 {
			t.Errorf("%s: %d refusals, want one", expression, len(rendered.Refusals()))
		}
	}
}
