package handlers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func targetGroup(name string) *string {
	return aws.String("arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/" + name + "/0123456789abcdef")
}

func balanced(group *string, container string, port int32) types.LoadBalancer {
	return types.LoadBalancer{TargetGroupArn: group, ContainerName: &container, ContainerPort: &port}
}

func TestCheckLoadBalancers(t *testing.T) {
	web := balanced(targetGroup("web"), "web", 80)
	advanced := balanced(targetGroup("blue"), "web", 80)
	advanced.AdvancedConfiguration = &types.AdvancedConfiguration{AlternateTargetGroupArn: targetGroup("green")}
	again := advanced
	again.AdvancedConfiguration = &types.AdvancedConfiguration{AlternateTargetGroupArn: targetGroup("blue")}
	classic := types.LoadBalancer{LoadBalancerName: aws.String("old"), ContainerName: aws.String("web"), ContainerPort: aws.Int32(80)}
	both, classicAdvanced := classic, classic
	both.TargetGroupArn = targetGroup("web")
	classicAdvanced.AdvancedConfiguration = advanced.AdvancedConfiguration
	var six []types.LoadBalancer
	for i := range 6 {
		six = append(six, balanced(targetGroup(fmt.Sprint("g", i)), "web", 80))
	}
	for _, c := range []struct {
		name string
		list []types.LoadBalancer
		want string
	}{
		{"none", nil, ""},
		{"one", []types.LoadBalancer{web}, ""},
		{"five", six[:5], ""},
		{"with alternate", []types.LoadBalancer{advanced}, ""},
		{"six", six, "loadBalancers can have at most 5 items."},
		{"twice", []types.LoadBalancer{web, web}, "Duplicate targetGroupArn found: " + *targetGroup("web")},
		{"alternate is the group", []types.LoadBalancer{again}, "Duplicate targetGroupArn found: " + *targetGroup("blue")},
		{"name and group", []types.LoadBalancer{both}, "loadBalancerName and targetGroupArn cannot both be specified."},
		{"neither", []types.LoadBalancer{{}}, "cannot both be empty"},
		{"kinds", []types.LoadBalancer{web, classic}, "All loadBalancers must be strictly either ELBv1 (defining loadBalancerName) or ELBv2 (defining targetGroupArn)"},
		{"some advanced", []types.LoadBalancer{web, advanced}, "Either all or none of the provided loadBalancers must have advancedConfiguration defined"},
		{"classic advanced", []types.LoadBalancer{classicAdvanced}, "advancedConfiguration field is not allowed with ELBv1 loadBalancers"},
		{"no ARN", []types.LoadBalancer{balanced(aws.String("web"), "web", 80)}, "Invalid target group ARN: web"},
		{"another's ARN", []types.LoadBalancer{balanced(aws.String("arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/x/y"), "web", 80)}, "Invalid target group ARN"},
	} {
		t.Run(c.name, func(t *testing.T) { hasText(t, checkLoadBalancers(c.list), c.want) })
	}
}

func TestOtherOwner(t *testing.T) {
	own := map[string]string{v1alpha1.ServiceLabel: "web"}
	owned := func(kind, name string, labels map[string]string) *corev1.Service {
		controller := true
		return &corev1.Service{ObjectMeta: metav1.ObjectMeta{
			Name: "route", Labels: labels, OwnerReferences: []metav1.OwnerReference{{Kind: kind, Name: name, Controller: &controller}},
		}}
	}
	for name, c := range map[string]struct {
		object *corev1.Service
		want   string
	}{
		"its own":                    {owned("ECSService", "web", own), ""},
		"its own without labels":     {owned("ECSService", "web", nil), ""},
		"another's with its label":   {owned("ECSService", "api", own), "api"},
		"of another kind":            {owned("Gateway", "web", nil), "web"},
		"without owner, its label":   {&corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "route", Labels: own}}, ""},
		"without owner and label":    {&corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "route"}}, "route"},
		"without owner, other label": {&corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "route", Labels: map[string]string{v1alpha1.ServiceLabel: "api"}}}, "route"},
	} {
		if got := otherOwner(c.object, "web"); got != c.want {
			t.Errorf("%s: the other owner is %q, want %q", name, got, c.want)
		}
	}
}

func TestCheckBalanced(t *testing.T) {
	def := &types.TaskDefinition{ContainerDefinitions: []types.ContainerDefinition{
		{Name: aws.String("web"), PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(80)}}},
		{Name: aws.String("sidecar")},
	}}
	for _, c := range []struct {
		container string
		port      int32
		want      string
	}{
		{"web", 80, ""},
		{"nginx", 80, "The container nginx does not exist in the task definition."},
		{"web", 81, "The container web did not have a container port 81 defined."},
		{"sidecar", 80, "The container sidecar did not have a container port 80 defined."},
	} {
		hasText(t, checkBalanced([]types.LoadBalancer{balanced(targetGroup("web"), c.container, c.port)}, def), c.want)
	}
}

// hasText wants an error that says so, or none where want is empty.
func hasText(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("refused: %v", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("error %v, want %q", err, want)
	}
}
